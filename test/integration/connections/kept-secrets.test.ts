/**
 * Secrets and rows that go together: what a keychain that refuses leaves behind, and that secrets of one server are never
 * beside the address of another, wherever it ends. Each step of the keychain is made to fail in turn.
 */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Database, openDatabase } from '../../../main/core/database.ts'
import { AppError } from '../../../main/core/errors.ts'
import { createLog, memorySink } from '../../../main/core/log.ts'
import { createRedactor } from '../../../main/core/redact.ts'
import { applicationMigrations } from '../../../main/migrations/index.ts'
import type { ServiceSettings } from '../../../preload/contract/connections.ts'
import { memorySecrets, openConnections } from '../../fakes/connections.ts'
import { startLoopback } from '../../fakes/loopback.ts'
import { startBackEnd } from '../../fakes/openeo-back-end.ts'

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
/** A keychain whose writes and deletions stop at the one of that number; Infinity: never. */
function open() {
  const redactor = createRedactor()
  const kept = memorySecrets(redactor)
  const keychain = { failAt: Number.POSITIVE_INFINITY, count: 0 }
  const step = () => {
    keychain.count += 1
    if (keychain.count >= keychain.failAt) throw new AppError('secret-unreadable', 'A saved sign-in could not be read.')
  }
  const secrets = {
    ...kept,
    async set(name: string, value: string) {
      step()
      await kept.set(name, value)
    },
    async delete(name: string) {
      step()
      await kept.delete(name)
    },
  }
  const world = openConnections({ database, secrets, redactor })
  closing.push(() => world.close())
  const failFrom = (n: number) => Object.assign(keychain, { count: 0, failAt: n })
  return { ...world, kept, keychain, failFrom, heal: () => failFrom(Number.POSITIVE_INFINITY) }
}
async function pages() {
  const server = await startLoopback((_, response) => void response.writeHead(200).end('{}'))
  closing.push(() => server.close())
  return server
}
const deletionFailed = {
  code: 'secret-unreadable',
  message: expect.stringContaining('could not be deleted from the keychain'),
  retry: 'now',
}

test('a removal that the keychain refuses leaves a connection that lives, and can be removed again', async () => {
  const backEnd = await startBackEnd()
  closing.push(() => backEnd.close())
  const { calls, connections, become, until, failFrom, heal, kept } = open()
  const { id } = await calls.add({ url: backEnd.url, agreed: [] })
  await become('connected', id)
  await calls.startSignIn({ id, method: { way: 'basic', user: backEnd.user, password: backEnd.password } })
  await until(id, ({ userId }) => userId !== undefined)
  failFrom(1)
  await expect(calls.remove({ id })).rejects.toMatchObject(deletionFailed)
  heal()
  await until(id, ({ state }) => state === 'connected')
  const before = backEnd.requests.length
  expect(await calls.reconnect({ id })).toMatchObject({ state: 'connected' })
  expect(backEnd.requests.length).toBeGreaterThan(before)
  await calls.remove({ id })
  expect(connections.find(id)).toBeUndefined()
  expect([...kept.values.keys()]).toEqual([])
})

test('a service that the keychain does not let go of lives as well', async () => {
  const server = await pages()
  const { calls, become, failFrom, heal } = open()
  const { id } = await calls.addService({ url: server.url, settings: STORE, secrets: FIRST })
  await become('connected', id)
  failFrom(1)
  await expect(calls.remove({ id })).rejects.toMatchObject(deletionFailed)
  heal()
  expect(await calls.reconnect({ id })).toMatchObject({ state: 'connected' })
})

test('signing out while the keychain refuses says what failed: the deletion', async () => {
  const backEnd = await startBackEnd()
  closing.push(() => backEnd.close())
  const { calls, become, until, failFrom, heal } = open()
  const { id } = await calls.add({ url: backEnd.url, agreed: [] })
  await become('connected', id)
  await calls.startSignIn({ id, method: { way: 'basic', user: backEnd.user, password: backEnd.password } })
  await until(id, ({ userId }) => userId !== undefined)
  failFrom(1)
  await expect(calls.signOut({ id })).rejects.toMatchObject(deletionFailed)
  heal()
})

const STORE: ServiceSettings = { kind: 's3', region: 'eu', isPathStyle: true, accessKeyId: 'AK', isAnonymous: false }
const FIRST = { secretAccessKey: 'first-secret', sessionToken: 'first-session' }

test('for another server all secrets of the first go, also those that need not be given again', async () => {
  const [first, second] = [await pages(), await pages()]
  const { calls, kept } = open()
  const { id } = await calls.addService({ url: first.url, settings: STORE, secrets: FIRST })
  await calls.changeService({ id, url: second.url, settings: STORE, secrets: { secretAccessKey: 'second-secret' } })
  expect([...kept.values]).toEqual([[`service/${id}/secretAccessKey`, 'second-secret']])
})

test('wherever the keychain fails in between, no secret of one server is beside the address of another', async () => {
  const [first, second] = [await pages(), await pages()]
  for (let failAt = 1; ; failAt++) {
    const { calls, connections, kept, failFrom, heal, keychain, until } = open()
    const { id } = await calls.addService({ url: first.url, settings: STORE, secrets: FIRST })
    failFrom(failAt)
    const secrets = { secretAccessKey: 'second-secret', sessionToken: 'second-session' }
    const failure = await calls.changeService({ id, url: second.url, settings: STORE, secrets }).then(
      () => undefined,
      (refused: unknown) => refused,
    )
    const isDone = keychain.count < failAt
    expect(failure === undefined).toBe(isDone)
    heal()
    const isFirst = connections.find(id)?.url === first.url
    for (const value of kept.values.values()) expect(value).toContain(isFirst ? 'first' : 'second')
    // whatever came of it: it is asked again
    await until(id, ({ state }) => state === 'connected')
    await calls.remove({ id })
    if (isDone) break
  }
})

test('a new service whose secrets cannot be kept is not there, and nor are they', async () => {
  const server = await pages()
  const { calls, failFrom, kept } = open()
  failFrom(2)
  const failing = calls.addService({ url: server.url, settings: STORE, secrets: FIRST })
  await expect(failing).rejects.toMatchObject({ message: expect.stringContaining('could not be saved') })
  expect((await calls.list()).map(({ kind }) => kind)).toEqual(['embedded'])
  expect([...kept.values.keys()].length).toBeLessThanOrEqual(1)
})
