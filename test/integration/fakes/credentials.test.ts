/** Who the fakes take: the forms of a bearer, tokens of a real provider, accounts that are not enrolled. */
import { afterEach, expect, test } from 'vitest'
import { type OidcServer, SERVICE_SECRET, startOidcServer } from '../../fakes/oidc-server.ts'
import { usersOf } from '../../fakes/oidc-users.ts'
import { type FakeBackEnd, startBackEnd, tooManyRequests } from '../../fakes/openeo-back-end.ts'
import { API_1_3 } from '../../fakes/profiles/api-1.3.ts'
import { PYTHON_DRIVER } from '../../fakes/profiles/python-driver.ts'
import { registeredSecrets } from '../../fakes/recorder.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function tokenOf(oidc: OidcServer): Promise<string> {
  const form = { grant_type: 'client_credentials', client_id: 'service', client_secret: SERVICE_SECRET }
  const answer = await fetch(`${oidc.url}/token`, { method: 'POST', body: new URLSearchParams(form) })
  return ((await answer.json()) as { access_token: string }).access_token
}
async function me(backEnd: FakeBackEnd, bearer: string) {
  const answer = await fetch(`${backEnd.url}/me`, { headers: { authorization: `Bearer ${bearer}` } })
  const { code, user_id } = (await answer.json()) as { code?: string; user_id?: string }
  return [answer.status, code ?? user_id]
}

test.each([
  ['python-driver', PYTHON_DRIVER, (token: string) => `oidc/CDSE/${token}`, (token: string) => token],
  ['API 1.3', API_1_3, (token: string) => token, (token: string) => `oidc/main/${token}`],
] as const)('%s takes its own form of a bearer, and not the other one', async (_, profile, own, other) => {
  const oidc = await startOidcServer()
  closing.push(() => oidc.close())
  let isEnrolled = true
  const verify = usersOf(oidc, () => ({ isEnrolled }))
  const backEnd = await startBackEnd({ profile, issuer: oidc.url, clientId: 'desktop', verify })
  closing.push(() => backEnd.close())
  oidc.allow(backEnd.url)
  const token = await tokenOf(oidc)
  expect(await me(backEnd, own(token))).toEqual([200, 'service-account-service'])
  expect(await me(backEnd, other(token))).toEqual([403, 'TokenInvalid'])
  const origins = [oidc.url, backEnd.origin].sort()
  expect(
    registeredSecrets()
      .find(({ value }) => value === token)
      ?.origins.toSorted(),
  ).toEqual(origins)
  isEnrolled = false
  expect(await me(backEnd, own(token))).toEqual([403, 'PermissionsInsufficient'])
  oidc.expireAccessTokens()
  expect(await me(backEnd, own(token))).toEqual([403, 'TokenInvalid'])
  const providers = (await (await fetch(`${backEnd.url}/credentials/oidc`)).json()) as {
    providers: { default_clients: { id: string }[] }[]
  }
  expect(providers.providers[0]?.default_clients.map(({ id }) => id)).toEqual(['desktop'])
  backEnd.fail('GET /me', tooManyRequests(5000))
  expect(await me(backEnd, own(token))).toEqual([429, 'TooManyRequests'])
})
