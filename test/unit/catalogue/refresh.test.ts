/** When lists are read and as whom: another user meanwhile, an ended session, canceling, time. No process, no server. */
import { expect, test } from 'vitest'
import { createRefresher } from '../../../main/catalogue/refresh.ts'
import { createLog, memorySink } from '../../../main/core/log.ts'
import { createRedactor } from '../../../main/core/redact.ts'
import type { Connection } from '../../../preload/contract/connections.ts'
import { createTestClock } from '../../fakes/clock.ts'

type Row = { account: string; fresh_until: string; failure: string | null; missing: string; skipped: string }
const SKIPPED = '{"noId":0,"double":0,"refused":0}'

function openWorld(given: Partial<Connection> = {}) {
  const clock = createTestClock()
  let connection = {
    id: 'c',
    kind: 'openeo',
    state: 'connected',
    signIn: 'signed-out',
    offers: ['collections'],
    federation: [],
    ...given,
  } as unknown as Connection
  const rows = new Map<string, Row>()
  const begun: string[] = []
  const finished: string[] = []
  const dropped: string[] = []
  let account = ''
  let gate: Promise<unknown> = Promise.resolve()
  let isFailing = false
  const answers: Record<string, (input: never) => unknown> = {
    beginReading(input: { account: string }) {
      account = input.account
      return begun.push(account)
    },
    knownPage: () => null,
    chunk: () => ({ readCount: 1 }),
    endPage: () => ({ count: 1, isRepeated: false, readCount: 1, next: null, missing: [] }),
    finishReading(end: { freshUntil: string }) {
      finished.push(account)
      const failure = null
      rows.set('collections', { account, fresh_until: end.freshUntil, failure, missing: '[]', skipped: SKIPPED })
      return { count: 1 }
    },
    abandonList: () => ({ count: 0 }),
  }
  const session = {
    rootUrl: 'https://back-end.example',
    async read({ path, signal }: { path: string; signal: AbortSignal }) {
      const { promise: aborted, reject } = Promise.withResolvers<never>()
      signal.addEventListener('abort', () => reject(new Error('aborted')))
      await Promise.race([gate, aborted])
      if (isFailing) throw new Error('no')
      const body = (async function* () {
        yield Buffer.from('{}')
      })()
      return { status: 200, header: () => null, url: path, cancel() {}, body }
    },
  }
  const refresher = createRefresher({
    connections: { find: () => connection, session: () => session as never, all: () => [connection] },
    reader: { list: (_: string, list: string) => rows.get(list), count: () => 0, counts: () => [] } as never,
    ask: (async (what: string, input: never) => answers[what]?.(input) ?? null) as never,
    clock,
    log: createLog({ sink: memorySink(), redactor: createRedactor() }),
    isHidden: () => false,
    dropOthers: async (_, as) => void dropped.push(as),
    listChanged() {},
    done() {},
  })
  const until = async (is: () => boolean) => {
    while (!is()) await new Promise((resolve) => setImmediate(resolve))
  }
  return {
    clock,
    refresher,
    rows,
    begun,
    finished,
    dropped,
    until,
    become: (next: Partial<Connection>) => {
      connection = { ...connection, ...next }
    },
    hold() {
      const { promise, resolve } = Promise.withResolvers<void>()
      gate = promise
      return resolve
    },
    fail(is: boolean) {
      isFailing = is
    },
  }
}

test('somebody who signs in while a list is read has it read again', async () => {
  const world = openWorld()
  const release = world.hold()
  const first = world.refresher.refreshOld('c')
  await world.until(() => world.begun.length === 1)
  world.become({ signIn: 'signed-in', userId: 'me' })
  const second = world.refresher.refreshOld('c')
  release()
  await Promise.all([first, second])
  expect(world.finished).toEqual(['user me'])
  expect(world.dropped).toEqual(['', 'user me'])
})

test('somebody who signs out in the middle, unheard, leaves no list of theirs', async () => {
  const world = openWorld({ signIn: 'signed-in', userId: 'me' })
  const release = world.hold()
  const reading = world.refresher.refresh('c')
  await world.until(() => world.begun.length === 1)
  const { userId: _, ...nobody } = { userId: 'me' }
  world.become({ ...nobody, signIn: 'signed-out' })
  world.become({ userId: undefined as never })
  release()
  await reading
  expect(world.begun).toEqual(['user me', ''])
  expect(world.finished).toEqual([''])
})

test('a list of a user whose session has ended is not read as nobody', async () => {
  const world = openWorld({ signIn: 'signed-in', userId: 'me' })
  await world.refresher.refresh('c')
  world.become({ signIn: 'expired' })
  await expect(world.refresher.refresh('c')).rejects.toMatchObject({ code: 'sign-in-expired' })
  expect(world.finished).toEqual(['user me'])
  expect(world.dropped).toEqual(['user me'])
  expect(world.refresher.states('c').find(({ list }) => list === 'collections')).toMatchObject({
    failure: { code: 'sign-in-expired' },
  })
  world.become({ signIn: 'signed-in' })
  await world.refresher.refresh('c')
  expect(world.finished).toEqual(['user me', 'user me'])
})

test('canceling ends what waits as well', async () => {
  const world = openWorld()
  world.hold()
  const [first, second] = [world.refresher.refresh('c'), world.refresher.refresh('c')]
  await world.until(() => world.begun.length === 1)
  world.refresher.cancel('c')
  await expect(first).rejects.toMatchObject({ code: 'canceled' })
  await expect(second).rejects.toMatchObject({ code: 'canceled' })
  expect(world.begun).toHaveLength(1)
  expect(world.refresher.isReading('c')).toBe(false)
})

test('lists are read again when they are old, where the back-end answers; failures not at every look', async () => {
  const world = openWorld()
  await world.refresher.refresh('c')
  world.refresher.refreshByTime()
  expect(world.refresher.isReading('c')).toBe(false)
  await world.clock.advance(16 * 60_000)
  world.become({ state: 'failed' })
  world.refresher.refreshByTime()
  expect(world.refresher.isReading('c')).toBe(false)
  world.become({ state: 'connected' })
  world.fail(true)
  world.refresher.refreshByTime()
  await world.until(() => !world.refresher.isReading('c'))
  expect(world.begun).toHaveLength(2)
  await world.clock.advance(60_000)
  world.refresher.refreshByTime()
  expect(world.refresher.isReading('c')).toBe(false)
  await world.clock.advance(15 * 60_000)
  world.fail(false)
  world.refresher.refreshByTime()
  await world.until(() => !world.refresher.isReading('c'))
  expect(world.finished).toHaveLength(2)
})
