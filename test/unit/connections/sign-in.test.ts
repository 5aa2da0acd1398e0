/** Decisions of the sign-in that need no network: rhythm, scopes, clients, forms, times, and what refusals mean. */
import { expect, test } from 'vitest'
import { formsFor, isJwt } from '../../../main/connections/sign-in/bearer.ts'
import { browserClient, deviceClient, readProviders } from '../../../main/connections/sign-in/providers.ts'
import { asEnrolment, isTokenRefusal } from '../../../main/connections/sign-in/refusals.ts'
import { isDue, isOver, planMs, tokenOf } from '../../../main/connections/sign-in/session.ts'
import { AppError } from '../../../main/core/errors.ts'
import { skewSays } from '../../../main/protocols/oidc-client.ts'
import { nextRhythm, type PollOutcome } from '../../../main/protocols/oidc-device.ts'
import { isSafeAddress, isSameIssuer, scopesFor } from '../../../main/protocols/oidc-discovery.ts'
import { createTestClock } from '../../fakes/clock.ts'

const DEVICE = 'urn:ietf:params:oauth:grant-type:device_code'

test('polls keep their interval, slow down for good when told, and back off while nothing comes back', () => {
  const waits: number[] = []
  let rhythm = { intervalMs: 5_000, disturbances: 0 }
  const outcomes: PollOutcome[] = ['pending', 'disturbed', 'disturbed', 'disturbed', 'pending', 'slow-down', 'pending']
  for (const outcome of outcomes) {
    const next = nextRhythm(rhythm, outcome)
    waits.push(next.waitMs)
    rhythm = next
  }
  expect(waits).toEqual([5_000, 10_000, 20_000, 30_000, 5_000, 10_000, 10_000])
  expect(nextRhythm({ intervalMs: 60_000, disturbances: 3 }, 'disturbed').waitMs).toBe(60_000)
})

test.each([
  [['openid', 'email', 'entitlements'], ['openid', 'email', 'offline_access'], 'email offline_access openid'],
  [['email'], ['email'], 'email openid'],
  [['openid', 'email'], undefined, 'openid'],
  [[], ['openid'], 'openid'],
  [['openid', 'email', 'email'], ['email', 7, null], 'email openid'],
] as const)('of the scopes %j and what is supported %j, %s is asked for', (wanted, supported, scope) => {
  expect(scopesFor(wanted, { scopes_supported: supported as never })).toBe(scope)
})

test.each([
  ['https://aai.egi.eu/auth/realms/egi/', 'https://aai.egi.eu/auth/realms/egi', true],
  ['https://p.example', 'https://p.example/', true],
  ['https://p.example/a', 'https://p.example/b', false],
  ['https://p.example', 'http://p.example', false],
  ['nonsense', 'nonsense', false],
])('%s and %s are one issuer: %s', (one, other, isSame) => {
  expect(isSameIssuer(one, other)).toBe(isSame)
})

test.each([
  ['https://p.example/x', true],
  ['http://127.0.0.1:8080', true],
  ['http://localhost/', true],
  ['http://[::1]:80/', true],
  ['http://p.example', false],
  ['http://127.0.0.1.p.example', false],
  ['https://user:word@p.example', false],
  ['javascript:alert(1)', false],
  ['', false],
  [null, false],
])('%s is an address for something secret: %s', (address, isSafe) => {
  expect(isSafeAddress(address)).toBe(isSafe)
})

test.each([
  [null, 'too far apart'],
  [10_000, 'too far apart'],
  [600_000, '10 minutes ahead of'],
  [-60_000, '1 minute behind'],
  [-7_200_000, '2 hours behind'],
  [86_400_000 * 365, '365 days ahead of'],
])('a clock that is %s ms ahead is told: %s', (aheadMs, says) => {
  expect(skewSays(aheadMs)).toContain(says)
})

const provider = (...clients: object[]) => {
  const [one] = readProviders({ providers: [{ id: 'p', issuer: 'https://p.example', default_clients: clients }] })
  if (!one) throw new Error('not read')
  return one
}
test('for a code the client with PKCE and refresh goes before any other that has the grant', () => {
  const bare = { id: 'bare', grant_types: [DEVICE] }
  const pkce = { id: 'pkce', grant_types: [`${DEVICE}+pkce`] }
  const refresh = { id: 'refresh', grant_types: [DEVICE, 'refresh_token'] }
  const best = { id: 'best', grant_types: [`${DEVICE}+pkce`, 'refresh_token'] }
  const web = { id: 'web', grant_types: ['implicit', 'authorization_code+pkce', 'refresh_token'] }
  expect(deviceClient(provider(web, bare, pkce, refresh, best))).toEqual({ id: 'best', usesPkce: true })
  expect(deviceClient(provider(web, bare, pkce, refresh))).toEqual({ id: 'refresh', usesPkce: false })
  expect(deviceClient(provider(bare, pkce))).toEqual({ id: 'pkce', usesPkce: true })
  expect(deviceClient(provider(web))).toBeNull()
})

test('for the browser only a redirect that this computer can answer will do', () => {
  const grant_types = ['authorization_code+pkce', 'refresh_token']
  const editor = { id: 'editor', grant_types, redirect_urls: ['https://editor.openeo.org', 'http://localhost/'] }
  const local = { id: 'local', grant_types, redirect_urls: ['https://editor.openeo.org', 'http://localhost:1410/'] }
  expect(browserClient(provider(editor))).toBeNull()
  expect(browserClient(provider(editor, local))).toEqual({ id: 'local', redirectUrl: 'http://localhost:1410/' })
  expect(browserClient(provider({ ...local, grant_types: ['implicit'] }))).toBeNull()
})

test.each([undefined, null, 7, [], {}, { providers: null }, { providers: [null, 1, {}, { id: 1, issuer: 2 }] }])(
  'a list that is none is empty: %j',
  (document) => {
    expect(readProviders(document)).toEqual([])
  },
)

const jwt = (payload: unknown) =>
  ['{"alg":"RS256"}', JSON.stringify(payload), 'x'].map((part) => Buffer.from(part).toString('base64url')).join('.')
test.each([
  ['https://api.openeo.org/1.3.0/authentication/jwt', true],
  ['https://api.openeo.org/*/authentication/jwt', true],
  ['https://api.openeo.org/1.3.0', false],
  ['https://api.openeo.org/1.3.0/authentication/jwt/extra', false],
  ['https://evil.example/https://api.openeo.org/1.3.0/authentication/jwt', false],
])('the conformance class %s has the plain token go first: %s; the other form is tried after it', (name, isFirst) => {
  const forms = ['bare', 'prefixed'] as const
  expect(formsFor([name], jwt({ iss: 'https://p.example' }))).toEqual(isFirst ? forms : forms.toReversed())
  expect(formsFor([name], 'opaque')).toEqual(['prefixed'])
})
test('only a token that names its issuer is a JWT', () => {
  expect(isJwt(jwt({ iss: 'https://p.example' }))).toBe(true)
  for (const token of [jwt({}), jwt(null), 'opaque', 'a.b.c', 'a/b.c.d', '']) expect(isJwt(token)).toBe(false)
})

test('a token is due and over by whichever clock says so first', () => {
  const clock = createTestClock()
  const token = tokenOf({ accessToken: 'a', expiresInS: 100 }, clock)
  expect([isDue(token, clock), isOver(token, clock), planMs(token, true, clock)]).toEqual([false, false, 80_000])
  clock.sleep(80_000)
  expect([isDue(token, clock), isOver(token, clock), planMs(token, true, clock)]).toEqual([true, false, 0])
  clock.setWall(0)
  expect(isDue(token, clock)).toBe(false)
  expect(planMs(token, false, clock)).toBe(100_000)
  expect(planMs({ ...token, livesMs: null }, true, clock)).toBeNull()
})

test.each([
  ['signed-out', 'TokenInvalid', true],
  ['forbidden', 'AuthenticationSchemeInvalid', true],
  ['signed-out', undefined, true],
  ['signed-out', 'CredentialsInvalid', false],
  ['forbidden', 'PermissionsInsufficient', false],
  ['forbidden', undefined, false],
  ['offline', undefined, false],
] as const)('%s with the code %s is about the token: %s', (code, serverCode, isAboutToken) => {
  expect(isTokenRefusal(new AppError(code, 'No.', { serverCode }))).toBe(isAboutToken)
})

test('an account that is not enrolled is told with where to enrol; anything else stays as it is', () => {
  const links = [
    { rel: 'help', href: 'https://p.example/help', title: 'Help' },
    { rel: 'create-form', href: 'https://p.example/join', title: 'Join' },
  ]
  const refused = new AppError('forbidden', 'Enrol first.', { serverCode: 'PermissionsInsufficient', serverRef: 'r-1' })
  expect(asEnrolment(refused, links)).toMatchObject({
    code: 'not-enrolled',
    serverRef: 'r-1',
    link: { href: 'https://p.example/join', title: 'Join' },
  })
  expect(asEnrolment(refused)).toMatchObject({ code: 'not-enrolled', link: undefined })
  const other = new AppError('offline', 'No network.')
  expect(asEnrolment(other, links)).toBe(other)
})
