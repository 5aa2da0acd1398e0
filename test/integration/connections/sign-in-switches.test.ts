/**
 * Sessions as connections use them: switched off and on while a token is fetched, kept in a keychain that is locked, ended
 * by a network that is another one later, and removed although they were never used in this run.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Database, openDatabase } from '../../../main/core/database.ts'
import { AppError } from '../../../main/core/errors.ts'
import { createLog, memorySink } from '../../../main/core/log.ts'
import { createRedactor } from '../../../main/core/redact.ts'
import { applicationMigrations } from '../../../main/migrations/index.ts'
import { memorySecrets, openConnections } from '../../fakes/connections.ts'
import { type Loopback, startLoopback } from '../../fakes/loopback.ts'
import { eventually } from './sign-in-world.ts'

const CAPABILITIES = {
  api_version: '1.2.0',
  backend_version: '1',
  stac_version: '1.0.0',
  id: 'x',
  title: 'X',
  description: '',
  endpoints: ['/me', '/credentials/basic', '/jobs', '/collections'].map((path) => ({ path, methods: ['GET'] })),
  links: [],
}
const redactor = createRedactor()
let folder: string
let database: Database
let server: Loopback
let hold: Promise<void> | null
let isPortal: boolean
const closing: (() => unknown)[] = []
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'swath-switches-'))
  const log = createLog({ sink: memorySink() })
  database = (await openDatabase({ path: join(folder, 'a.db'), migrations: applicationMigrations, log })).database
  hold = null
  isPortal = false
  server = await startLoopback(async ({ path, headers }, response) => {
    const answer = (status: number, body: unknown) =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    if (path === '/credentials/basic') {
      if (hold) await hold
      if (isPortal) return void response.writeHead(403, { 'content-type': 'text/html' }).end('<html>Hotel</html>')
      return answer(200, { access_token: 'a-token-of-this-test' })
    }
    if (path === '/') return answer(200, CAPABILITIES)
    if (path === '/collections') return answer(200, { collections: [], links: [] })
    if (!headers.authorization) return answer(401, { code: 'AuthenticationRequired', message: 'No.' })
    return answer(200, path === '/me' ? { user_id: 'u' } : { jobs: [], links: [] })
  })
  closing.push(() => server.close())
})
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
  database.close()
  rmSync(folder, { recursive: true, force: true })
})
function open(secrets: ReturnType<typeof memorySecrets>) {
  const world = openConnections({ database, redactor, secrets })
  closing.push(() => world.close())
  return world
}
async function signedIn() {
  const secrets = memorySecrets(redactor)
  const world = open(secrets)
  const { id } = await world.calls.add({ url: server.url, agreed: [] })
  await world.become('connected', id)
  await world.calls.startSignIn({ id, method: { way: 'basic', user: 'u', password: 'a-password-of-this-test' } })
  await world.until(id, ({ signIn, userId }) => signIn === 'signed-in' && userId !== undefined)
  return { ...world, id, secrets }
}
const asked = (path: string) => server.asked.filter((one) => one.path === path)

test('switched on and off again while the token is fetched, it is handed to nobody', async () => {
  const { id, secrets, calls } = await signedIn()
  await calls.update({ id, isDisabled: true })
  const later = open(secrets)
  const { promise, resolve } = Promise.withResolvers<void>()
  hold = promise
  const before = asked('/credentials/basic').length
  await later.calls.update({ id, isDisabled: false })
  await eventually(() => asked('/credentials/basic').length > before)
  await later.calls.update({ id, isDisabled: true })
  resolve()
  await later.calls.list()
  await later.connections.close()
  expect(later.handedOn.filter(({ authorization }) => authorization !== null)).toEqual([])
})

test('with a keychain that is locked nothing goes out as if nobody had signed in, but what anybody may read', async () => {
  const { id, secrets } = await signedIn()
  const { get } = secrets
  secrets.get = async () => {
    throw new AppError('secret-unreadable', 'The keychain is locked.')
  }
  const later = open(secrets)
  later.connections.start()
  expect(await later.become('connected', id)).toMatchObject({
    signIn: 'signed-out',
    signInFailure: { code: 'secret-unreadable' },
  })
  const session = later.connections.session(id)
  const before = asked('/jobs').length
  await expect(session.send({ method: 'GET', path: '/jobs' })).rejects.toMatchObject({ code: 'secret-unreadable' })
  expect(asked('/jobs').length).toBe(before)
  expect(await session.send({ method: 'GET', path: '/collections' })).toMatchObject({ status: 200 })
  secrets.get = get
  await later.calls.reconnect({ id }) // the user wants to know
  expect(await session.send({ method: 'GET', path: '/jobs' })).toMatchObject({ status: 200 })
})

test('on the network of a hotel the session stays, and on the next one it serves', async () => {
  const { id, secrets } = await signedIn()
  isPortal = true
  const later = open(secrets)
  later.connections.start()
  await later.until(id, ({ state }) => state !== 'connecting')
  expect(later.connections.find(id)?.signIn).toBe('signed-in')
  isPortal = false
  later.connections.resume()
  expect(await later.connections.session(id).send({ method: 'GET', path: '/jobs' })).toMatchObject({ status: 200 })
})

test('a session that this run never used goes with its connection', async () => {
  const { id, secrets, calls } = await signedIn()
  await calls.update({ id, isDisabled: true })
  const later = open(secrets)
  await later.calls.remove({ id })
  expect([...secrets.values.keys()]).toEqual([])
})
