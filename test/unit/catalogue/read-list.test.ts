/** A list over several pages into a real cache in memory: where it ends, and what goes then. */
import { expect, test } from 'vitest'
import { createCacheWriter } from '../../../main/catalogue/cache-writer.ts'
import type { Ask } from '../../../main/catalogue/process.ts'
import { readList } from '../../../main/catalogue/read-list.ts'
import { createReadings } from '../../../main/catalogue/readings.ts'
import { systemClock } from '../../../main/core/clock.ts'
import { openDatabase } from '../../../main/core/database.ts'
import { createLog, memorySink } from '../../../main/core/log.ts'
import { createRedactor } from '../../../main/core/redact.ts'
import { cacheMigrations } from '../../../main/migrations/cache/index.ts'
import type { Connection } from '../../../preload/contract/connections.ts'

const ROOT = 'https://back-end.example'
type Pages = (url: URL) => { collections: object[]; next?: string }

async function openWorld() {
  const log = createLog({ sink: memorySink(), redactor: createRedactor() })
  const { database } = await openDatabase({ path: ':memory:', migrations: cacheMigrations, log })
  const readings = createReadings(createCacheWriter(database), log, () => {})
  const answers: Record<string, (input: never) => unknown> = {
    beginReading: (input) => readings.begin(input),
    knownPage: ({ reading, url }: { reading: number; url: string }) => readings.knownPage(reading, url),
    beginPage: ({ reading, url }: { reading: number; url: string }) => readings.beginPage(reading, url),
    chunk: ({ reading, bytes }: { reading: number; bytes: Uint8Array }) => readings.chunk(reading, bytes),
    endPage: ({ reading, etag }: { reading: number; etag: null }) => readings.endPage(reading, etag),
    finishReading: ({ reading, ...end }: { reading: number }) => readings.finish(reading, end as never),
  }
  const asked: string[] = []
  return {
    asked,
    ids: () => database.column<string>('SELECT id FROM entry ORDER BY id'),
    isPartial: () => database.column<number>('SELECT is_partial FROM list')[0] === 1,
    read(pages: Pages, isStill = () => true) {
      asked.length = 0
      const session = {
        rootUrl: ROOT,
        async read({ path }: { path: string }) {
          asked.push(path.slice(ROOT.length))
          const { collections, next } = pages(new URL(path))
          const links = next ? [{ rel: 'next', href: next }] : []
          const body = (async function* () {
            yield Buffer.from(JSON.stringify({ collections, links }))
          })()
          return { status: 200, header: () => null, url: path, cancel() {}, body }
        },
      }
      return readList({ id: 'c' } as Connection, 'collections', {
        session: session as never,
        ask: (async (what: string, input: never) => answers[what]?.(input)) as Ask,
        clock: systemClock,
        signal: new AbortController().signal,
        account: '',
        isStill,
        progress() {},
      })
    },
  }
}
const page = (url: URL) => Number(url.searchParams.get('p') ?? 1)
const named = (...ids: string[]) => ids.map((id) => ({ id }))

test('a page in the middle that has nothing to keep does not end the list', async () => {
  const world = await openWorld()
  await world.read(() => ({ collections: named('A', 'Z', 'gone') }))
  const middle = [{ title: 'no id' }, { id: 7 }]
  const pages: Pages = (url) =>
    [{ collections: named('A'), next: '?p=2' }, { collections: middle, next: '?p=3' }, { collections: named('Z') }][
      page(url) - 1
    ] as ReturnType<Pages>
  await world.read(pages)
  expect(world.asked).toEqual(['/collections?limit=1000', '/collections?p=2', '/collections?p=3'])
  expect(world.ids()).toEqual(['A', 'Z'])
  expect(world.isPartial()).toBe(false)
})

test.each([
  [
    'addresses that come again',
    (url: URL) => ({ collections: named(`p${page(url)}`), next: `?p=${page(url) === 2 ? 1 : 2}` }),
    4,
  ],
  [
    'the same entries at ever new addresses',
    (url: URL) => ({ collections: named('p1'), next: `?p=${page(url) + 1}` }),
    2,
  ],
  ['nothing at ever new addresses', (url: URL) => ({ collections: [], next: `?p=${page(url) + 1}` }), 21],
])('%s end the list, and nothing goes', async (_, pages, most) => {
  const world = await openWorld()
  await world.read(() => ({ collections: named('kept') }))
  await world.read(pages)
  expect(world.asked.length).toBeLessThanOrEqual(most)
  expect(world.ids()).toContain('kept')
  expect(world.isPartial()).toBe(true)
})

test('a list that was cut at the limit and is as long without it is whole', async () => {
  const world = await openWorld()
  await world.read(() => ({ collections: named('gone') }))
  const thousand = named(...Array.from({ length: 1000 }, (_, n) => `c${n}`))
  await world.read(() => ({ collections: thousand }))
  expect(world.asked).toEqual(['/collections?limit=1000', '/collections'])
  expect(world.ids()).toHaveLength(1000)
  expect(world.isPartial()).toBe(false)
})

test('a list is not finished for somebody who is not there any more', async () => {
  const world = await openWorld()
  await world.read(() => ({ collections: named('before') }))
  const reading = world.read(
    () => ({ collections: named('after') }),
    () => false,
  )
  await expect(reading).rejects.toMatchObject({ code: 'canceled' })
  expect(world.ids()).toContain('before')
})
