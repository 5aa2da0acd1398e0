/** One connection, several users: nobody sees what another one saw. And what is left by a process that failed. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { createProcessLife } from '../../../main/catalogue/process.ts'
import { systemClock } from '../../../main/core/clock.ts'
import { openDatabase } from '../../../main/core/database.ts'
import { createLog, memorySink } from '../../../main/core/log.ts'
import { createRedactor } from '../../../main/core/redact.ts'
import { cacheMigrations } from '../../../main/migrations/cache/index.ts'
import { type StartedProcess, startCatalogueProcess } from '../../fakes/catalogue-process.ts'
import type { Call } from '../../fakes/openeo/types.ts'
import { type FakeBackEnd, startBackEnd } from '../../fakes/openeo-back-end.ts'
import { openWorld, type World } from './world.ts'

vi.setConfig({ testTimeout: 40_000, hookTimeout: 40_000 })

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** Everybody sees `public`, and each user a collection of their own. */
async function privateBackEnd(): Promise<FakeBackEnd> {
  const named = (id: string) => ({ id, title: id, description: 'x', 'cube:dimensions': {} })
  const backEnd = await startBackEnd({
    routes: () => ({
      'GET /collections': {
        auth: 'optional',
        run: ({ response, user }: Call) => {
          response.writeHead(200, { 'content-type': 'application/json' })
          const collections = [named('public'), ...(user ? [named(`of-${user.id}`)] : [])]
          return response.end(JSON.stringify({ collections, links: [] }))
        },
      },
    }),
  })
  closing.push(backEnd.close)
  return backEnd
}
const idsOf = (world: World) => world.ids({ kinds: ['collection'], sort: 'title' })
async function signIn(world: World, backEnd: FakeBackEnd, id: string, user: string) {
  backEnd.user = user
  const method = { way: 'basic', user, password: backEnd.password }
  await world.call('connections', 'startSignIn', { id, method })
  await world.until(id, ({ signIn: is, userId }) => is === 'signed-in' && userId === user)
}

test('two users, one after the other, and nobody; also without a network, and on the disk', async () => {
  const backEnd = await privateBackEnd()
  const world = await openWorld()
  closing.push(() => world.close().catch(() => {}))
  const { id } = await world.connect(backEnd.address, { isOnce: true })
  expect(await idsOf(world)).toEqual(['public'])
  await signIn(world, backEnd, id, 'ada')
  await vi.waitFor(async () => expect(await idsOf(world)).toEqual(['of-ada', 'public']), 10_000)
  await world.call('connections', 'signOut', { id })
  expect(await idsOf(world)).not.toContain('of-ada')
  await vi.waitFor(async () => expect(await idsOf(world)).toEqual(['public']), 10_000)

  await signIn(world, backEnd, id, 'bob')
  await vi.waitFor(async () => expect(await idsOf(world)).toEqual(['of-bob', 'public']), 10_000)
  backEnd.down()
  await world.call('connections', 'signOut', { id })
  expect(await idsOf(world)).not.toContain('of-bob')
  const key = { connectionId: id, kind: 'collection', namespace: '', id: 'of-bob' }
  expect(await world.failureOf(world.call('catalogue', 'entry', key))).toMatchObject({ code: 'not-found' })
  await vi.waitFor(() => expect(world.catalogue.entryCount(id)).toBeLessThan(2), 10_000)
  expect(world.catalogue.document(id, 'of-bob')).toBeUndefined()
})

test('a cache that cannot be begun anew ends its process, and the next question starts another one', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'swath-renewal-'))
  const path = join(folder, 'catalogue.sqlite')
  const processes: StartedProcess[] = []
  let isEmptied = false
  const life = createProcessLife({
    path,
    connectionIds: () => [],
    clock: systemClock,
    log: createLog({ sink: memorySink(), redactor: createRedactor() }),
    start() {
      const started = startCatalogueProcess()
      processes.push(started)
      return started
    },
    changed() {},
    release() {},
    ready: async (wasDiscarded) => {
      isEmptied ||= wasDiscarded
    },
  })
  closing.push(async () => {
    await life.close()
    rmSync(folder, { recursive: true, force: true })
  })
  await life.ask('publish', undefined)
  const ended = new Promise((resolve) => processes[0]?.child.once('exit', resolve))
  rmSync(path)
  mkdirSync(join(path, 'held'), { recursive: true })
  await life.ask('renew', undefined).catch(() => {})
  expect(await ended).toBe(1)
  rmSync(path, { recursive: true })
  expect(await life.ask('incomplete', { connectionId: 'c', notSince: '', most: 1 })).toEqual([])
  expect(processes).toHaveLength(2)
  expect(isEmptied).toBe(true)
})

test('what was kept of a connection whose removal was cut off goes with the next start', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'swath-orphan-'))
  closing.push(async () => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'catalogue.sqlite')
  const log = createLog({ sink: memorySink(), redactor: createRedactor() })
  const { database } = await openDatabase({ path, migrations: cacheMigrations, log })
  database.run("INSERT INTO list (connection_id, list) VALUES ('removed', 'collections')")
  database.close()
  const world = await openWorld({ folder })
  closing.push(() => world.close().catch(() => {}))
  await vi.waitFor(async () => {
    const file = (await openDatabase({ path, migrations: cacheMigrations, log, role: 'reader' })).database
    try {
      expect(file.column('SELECT connection_id FROM list')).toEqual([])
    } finally {
      file.close()
    }
  }, 20_000)
})
