/**
 * Encrypted and open ways: https is tried first and never left, nothing secret goes over http, and certificates of every host
 * that a connection has to do with can be looked at and trusted, each at its host.
 */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { anonymousSession, signedSession } from '../../../main/connections/session.ts'
import type { SignIns, SignInTarget } from '../../../main/connections/types.ts'
import { type Database, openDatabase } from '../../../main/core/database.ts'
import { AppError } from '../../../main/core/errors.ts'
import { createBulkTransport } from '../../../main/core/http/index.ts'
import type { Transport } from '../../../main/core/http/transport.ts'
import { createLog, memorySink } from '../../../main/core/log.ts'
import { applicationMigrations } from '../../../main/migrations/index.ts'
import { makeCertificate } from '../../fakes/certificates.ts'
import { openConnections } from '../../fakes/connections.ts'
import { startLoopback } from '../../fakes/loopback.ts'

let database: Database
const closing: (() => unknown)[] = []
beforeEach(async () => {
  const log = createLog({ sink: memorySink() })
  database = (await openDatabase({ path: ':memory:', migrations: applicationMigrations, log })).database
})
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
  database.close()
})
const CAPABILITIES = {
  api_version: '1.2.0',
  title: 'Open',
  endpoints: [
    { path: '/credentials/basic', methods: ['GET'] },
    { path: '/credentials/oidc', methods: ['GET'] },
  ],
  links: [],
}
type Page = { status?: number; location?: string; body?: unknown }
/** The internet, by address; what is not in there cannot be reached. */
function open(pages: (url: URL) => Page | undefined) {
  const asked: string[] = []
  const headers: Record<string, string>[] = []
  const transport: Transport = async (request) => {
    asked.push(request.url.href)
    headers.push(request.headers as Record<string, string>)
    const page = pages(request.url)
    if (!page) throw new AppError('offline', 'The server could not be reached.', { retry: 'never' })
    const { status = 200, location, body = {} } = page
    const bytes = new TextEncoder().encode(JSON.stringify(body))
    return {
      status,
      headers: new Headers({ 'content-type': 'application/json', ...(location ? { location } : {}) }),
      body: (async function* () {
        yield bytes
      })(),
      cancel() {},
    }
  }
  const world = openConnections({ database, transport })
  closing.push(() => world.close())
  return { ...world, asked, headers }
}
const api = (url: URL): Page => (url.pathname === '/' ? { body: CAPABILITIES } : { status: 404 })

test('https does not become http: a root that forwards there is refused', async () => {
  const { calls, asked } = open((url) =>
    url.protocol === 'https:' ? { status: 301, location: url.href.replace('https:', 'http:') } : api(url),
  )
  const refused = { code: 'back-end', message: expect.stringContaining('from an encrypted to an open connection') }
  await expect(calls.discover({ address: 'https://api.example.org' })).rejects.toMatchObject(refused)
  await expect(calls.add({ url: 'https://api.example.org', agreed: [] })).rejects.toMatchObject(refused)
  expect(asked.every((url) => url.startsWith('https:'))).toBe(true)
})

test('a connection over https does not follow to http later', async () => {
  let isMoved = false
  const { calls, become } = open((url) =>
    isMoved && url.protocol === 'https:' ? { status: 302, location: `http://${url.host}/` } : api(url),
  )
  const { id } = await calls.add({ url: 'https://api.example.org', agreed: [] })
  await become('connected', id)
  isMoved = true
  expect(await calls.reconnect({ id })).toMatchObject({ state: 'failed', url: 'https://api.example.org' })
})

test.each(['api.example.org', 'http://api.example.org', 'http://api.example.org:80/'])(
  '%s is looked for with https first',
  async (address) => {
    const { calls, asked } = open(api)
    expect(await calls.discover({ address })).toMatchObject({ state: 'found', url: 'https://api.example.org' })
    expect(asked.every((url) => url.startsWith('https:'))).toBe(true)
  },
)

test('a back-end that has http alone can be read, and nobody signs in to it', async () => {
  const { calls, become, headers } = open((url) => (url.protocol === 'http:' ? api(url) : undefined))
  expect(await calls.discover({ address: 'http://api.example.org' })).toMatchObject({ url: 'http://api.example.org' })
  const { id } = await calls.add({ url: 'http://api.example.org', agreed: [] })
  await become('connected', id)
  const refused = { code: 'forbidden', message: expect.stringContaining('not encrypted') }
  await expect(calls.signInMethods({ id })).rejects.toMatchObject(refused)
  const method = { way: 'basic', user: 'u', password: 'secret-pass' } as const
  await expect(calls.startSignIn({ id, method })).rejects.toMatchObject(refused)
  expect(headers.some((sent) => 'authorization' in sent)).toBe(false)
})

test('a token that is there all the same does not go over an open way', async () => {
  const { http, headers } = open((url) => ({ body: { of: url.pathname } }))
  const signIns = {
    restore: () => expect.unreachable('nothing is read'),
    authorization: () => expect.unreachable('nothing is used'),
  } as unknown as SignIns
  const rootUrl = 'http://api.example.org'
  const target = { id: 'one', rootUrl, http, anonymous: anonymousSession(http, rootUrl) } as unknown as SignInTarget
  await signedSession(target, signIns).send({ method: 'GET', path: '/jobs' })
  expect(headers).toHaveLength(1)
  expect(headers[0]).not.toHaveProperty('authorization')
})

test('secrets of services need an encrypted address; without any, http will do', async () => {
  const { calls } = open(() => ({ body: { stac_version: '1.0.0', id: 'c', type: 'Catalog', links: [] } }))
  const url = 'http://stac.example.org'
  await expect(
    calls.addService({
      url,
      settings: { kind: 'stac', dialect: 'static', auth: 'bearer' },
      secrets: { token: 'canary' },
    }),
  ).rejects.toMatchObject({ code: 'invalid-input', fields: { url: expect.stringContaining('https://') } })
  await calls.addService({ url, settings: { kind: 'stac', dialect: 'static', auth: 'none' } })
})

test('the certificate of a sign-in service is shown with its host, and trusted for this connection there alone', async () => {
  const tls = makeCertificate({ names: 'DNS:localhost' })
  const provider = await startLoopback((_, response) => void response.writeHead(500).end(), { tls })
  const issuer = provider.url.replace('127.0.0.1', 'localhost')
  const providers = [
    { id: 'own', title: 'Own', issuer, scopes: ['openid'], default_clients: [{ id: 'c', grant_types: [DEVICE] }] },
  ]
  const backEnd = await startLoopback(({ path }, response) => {
    const body = path === '/' ? CAPABILITIES : path === '/credentials/oidc' ? { providers } : undefined
    response.writeHead(body ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(body ?? {}))
  })
  const transport = createBulkTransport()
  const world = openConnections({ database, transport })
  closing.push(
    () => provider.close(),
    () => backEnd.close(),
    () => transport.close(),
    () => world.close(),
  )
  const { calls, become } = world
  const { id } = await calls.add({ url: backEnd.url, agreed: [] })
  await become('connected', id)
  const method = { way: 'device', providerId: 'own' } as const
  await expect(calls.startSignIn({ id, method })).rejects.toMatchObject({ code: 'untrusted-certificate' })
  const refused = world.connections.find(id)
  expect(refused).toMatchObject({ state: 'connected', refusedCertificate: { host: 'localhost', sha256: tls.sha256 } })
  expect(provider.asked).toEqual([])

  await expect(calls.trustCertificate({ id, sha256: '0'.repeat(64) })).rejects.toMatchObject({ code: 'conflict' })
  const trusted = await calls.trustCertificate({ id, sha256: tls.sha256 })
  expect(trusted).toMatchObject({ trustedCertificates: [{ host: 'localhost', sha256: tls.sha256 }] })
  expect(trusted).not.toHaveProperty('refusedCertificate')
  // it is not the one of the back-end's own host
  expect(trusted).not.toHaveProperty('trustedCertificate')
  await expect(calls.startSignIn({ id, method })).rejects.toMatchObject({ code: 'provider-unavailable' })
  expect(provider.asked.length).toBeGreaterThan(0)

  expect(await calls.distrustCertificate({ id, sha256: tls.sha256 })).not.toHaveProperty('trustedCertificates')
  await expect(calls.startSignIn({ id, method })).rejects.toMatchObject({ code: 'untrusted-certificate' })
})
const DEVICE = 'urn:ietf:params:oauth:grant-type:device_code'

test('the certificate of a token address is refused and trusted beside that of the service', async () => {
  const [forService, forTokens] = [
    makeCertificate({ names: 'IP:127.0.0.1' }),
    makeCertificate({ names: 'DNS:localhost' }),
  ]
  const json = { 'content-type': 'application/json' }
  const service = await startLoopback((_, response) => void response.writeHead(200, json).end('{"value":[]}'), {
    tls: forService,
  })
  const tokens = await startLoopback(
    (_, response) =>
      void response.writeHead(200, json).end('{"access_token":"t","token_type":"Bearer","expires_in":60}'),
    { tls: forTokens },
  )
  const transport = createBulkTransport()
  const world = openConnections({ database, transport })
  closing.push(
    () => service.close(),
    () => tokens.close(),
    () => transport.close(),
    () => world.close(),
  )
  const { calls, become } = world
  const tokenUrl = `${tokens.url.replace('127.0.0.1', 'localhost')}/token`
  const { id } = await calls.addService({
    url: service.url,
    settings: { kind: 'destine', preset: 'own', auth: 'service-account', clientId: 'ann', tokenUrl },
    secrets: { clientSecret: 'canary-secret' },
  })
  expect((await become('failed', id)).refusedCertificate).toMatchObject({ host: 'localhost', sha256: forTokens.sha256 })
  const half = await calls.trustCertificate({ id, sha256: forTokens.sha256 })
  expect(half).toMatchObject({ state: 'failed', refusedCertificate: { host: '127.0.0.1', sha256: forService.sha256 } })
  expect(await calls.trustCertificate({ id, sha256: forService.sha256 })).toMatchObject({
    state: 'connected',
    trustedCertificate: { sha256: forService.sha256 },
    trustedCertificates: [{ host: 'localhost' }, { host: '127.0.0.1' }],
  })
})
