/**
 * The catalogue's process: takes lists of back-ends apart and makes them searchable, away from the main process.
 * Owns: catalogue.sqlite, as its only writer. Does not: fetch; main does, with the user's credentials.
 */
import { existsSync } from 'node:fs'
import { createCacheWriter } from '../catalogue/cache-writer.ts'
import type { CacheQuestions, CatalogueMainQuestions } from '../catalogue/messages.ts'
import { createReadings } from '../catalogue/readings.ts'
import { wholeDocument } from '../catalogue/whole-document.ts'
import { wmtsLayer } from '../catalogue/wmts.ts'
import { type Database, isBeyondUse, openDatabase, removeDatabase } from '../core/database.ts'
import { AppError } from '../core/errors.ts'
import { createLog, forwardTo } from '../core/log.ts'
import { type Answers, createPeer } from '../core/peer.ts'
import { createRedactor } from '../core/redact.ts'
import { cacheMigrations } from '../migrations/cache/index.ts'
import { portToMain } from './port-to-main.ts'

/** The arrays of the search are made anew at most so often while much changes, and not for more than a tenth of the time. */
const SHORTEST_GAP_MS = 1_000

type Open = ReturnType<typeof createOpen>
/** Everything that belongs to one opened file. */
function createOpen(database: Database) {
  const writer = createCacheWriter(database)
  const changed = new Set<string>()
  let timer: NodeJS.Timeout | undefined
  let lastMs = 0
  function publish(): void {
    clearTimeout(timer)
    timer = undefined
    if (changed.size === 0) return
    const beganMs = performance.now()
    const connectionIds = [...changed]
    changed.clear()
    writer.writeSnapshot()
    lastMs = performance.now() - beganMs
    void main.ask('changed', { connectionIds }).catch(() => {})
  }
  const noteChange = (connectionId: string) => {
    changed.add(connectionId)
    timer ??= setTimeout(
      () => {
        try {
          publish()
        } catch (failure) {
          log.error('The search could not be brought up to date', { failure })
        }
      },
      Math.max(SHORTEST_GAP_MS, lastMs * 10),
    )
  }
  return {
    database,
    writer,
    readings: createReadings(writer, log, noteChange),
    noteChange,
    publish,
    close() {
      clearTimeout(timer)
      database.close()
    },
  }
}

const redactor = createRedactor()
let path = ''
let current: Open | undefined
let ends: Promise<void> = Promise.resolve()

const log = createLog({
  sink: forwardTo((line) => void main.ask('log', line).catch(() => {})),
  redactor,
  from: 'catalogue',
})

const opened = (): Open => {
  if (!current) throw new AppError('canceled', 'The catalogue has not started yet.', { retry: 'now' })
  return current
}
async function open(): Promise<{ wasDiscarded: boolean; isNew: boolean }> {
  const isNew = !existsSync(path)
  const { state, database } = await openDatabase({
    path,
    migrations: cacheMigrations,
    log,
    slowMs: 1_000,
    beforeDiscard: () => main.ask('release', undefined).then(() => {}),
  })
  current = createOpen(database)
  return { wasDiscarded: state === 'discarded', isNew }
}
/** The file turned out to be damaged while it was open: away with it; main reads everything again. */
async function renew(): Promise<void> {
  const damaged = current
  current = undefined
  damaged?.close()
  await main.ask('release', undefined)
  removeDatabase(path)
  await open()
  await main.ask('emptied', undefined)
}
/**
 * One renewal after the other. One that fails (a file that cannot be removed) would leave this process without a file for
 * good: it ends, and the next question starts another one, which tries again.
 */
function renewInTurn(damaged: Open | undefined): Promise<void> {
  ends = ends.then(async () => {
    // of two who met the same damage, the second finds a new file
    if (damaged && damaged !== current) return
    try {
      await renew()
    } catch (failure) {
      log.error('The cache of the catalogue could not be begun anew', { failure })
      setImmediate(() => process.exit(1))
    }
  })
  return ends
}
/** Runs a question; damage that it meets is the end of the file. */
async function careful<T>(work: (open: Open) => T | Promise<T>): Promise<T> {
  const open = opened()
  try {
    return await work(open)
  } catch (failure) {
    if (isBeyondUse(failure)) {
      log.error('The cache of the catalogue is damaged and is begun anew', { failure })
      await renewInTurn(open)
    }
    throw failure
  }
}

function keepWhole(open: Open, input: CacheQuestions['whole']['input']): { isKept: boolean } {
  if ('failure' in input) {
    open.writer.wholeFailed(input.key, input.failure, input.at)
    return { isKept: false }
  }
  const document = wholeDocument(input.key, input.bytes)
  const isKept = open.writer.keepWhole(input.key, document, input.bytes, input.at)
  if (isKept) open.noteChange(input.key.connectionId)
  return { isKept }
}

const answers: Answers<CacheQuestions> = {
  async start(input) {
    if (current) return { wasDiscarded: false, isNew: false }
    path = input.path
    const how = await open()
    const orphans = opened().writer.prune(input.connectionIds)
    for (const id of orphans) opened().noteChange(id)
    if (orphans.length > 0) log.info('What was kept of removed connections is gone', { connections: orphans })
    return how
  },
  beginReading: (input) => careful(({ readings }) => readings.begin(input)),
  knownPage: ({ reading, url }) => careful(({ readings }) => readings.knownPage(reading, url)),
  beginPage: ({ reading, url }) => careful(({ readings }) => void readings.beginPage(reading, url) as undefined),
  chunk: ({ reading, bytes }) => careful(({ readings }) => readings.chunk(reading, bytes)),
  endPage: ({ reading, etag }) => careful(({ readings }) => readings.endPage(reading, etag)),
  samePage: ({ reading, url }) => careful(({ readings }) => readings.samePage(reading, url)),
  finishReading: ({ reading, ...end }) => careful(({ readings }) => readings.finish(reading, end)),
  abandonList: ({ connectionId, list, failure }) =>
    careful(({ readings }) => readings.abandon(connectionId, list, failure)),
  dropOthers: ({ connectionId, account }) =>
    careful(({ readings, noteChange, publish }) => {
      readings.dropOthers(connectionId, account)
      // also where there was nothing: main hides the connection until it is told
      noteChange(connectionId)
      publish()
      return undefined
    }),
  dropList: ({ connectionId, list }) =>
    careful(({ writer, noteChange }) => {
      if (writer.dropList(connectionId, list)) noteChange(connectionId)
      return undefined
    }),
  incomplete: ({ connectionId, notSince, most }) =>
    careful(({ writer }) => writer.incomplete(connectionId, notSince, most)),
  whole: (input) => careful((open) => keepWhole(open, input)),
  extra: ({ key, what, body, at }) => careful(({ writer }) => void writer.keepExtra(key, what, body, at) as undefined),
  wmts: async ({ xml, url, layer, dimensions }) =>
    wmtsLayer(Buffer.from(xml.buffer, xml.byteOffset, xml.byteLength).toString('utf8'), layer, url, dimensions),
  forget: ({ connectionId }) =>
    careful(({ writer, readings, noteChange, publish }) => {
      readings.forget(connectionId)
      writer.forget(connectionId)
      noteChange(connectionId)
      publish()
      return undefined
    }),
  async renew() {
    await renewInTurn(current)
    return undefined
  },
  publish: () => careful(({ publish }) => void publish() as undefined),
  async stop() {
    current?.close()
    current = undefined
    return undefined
  },
}
const main = createPeer<CacheQuestions, CatalogueMainQuestions>(portToMain(), answers, (failure) =>
  log.error('The process of the catalogue met an error', { failure }),
)
process.on('uncaughtException', (failure) => log.error('An error that nobody caught', { failure }))
process.on('unhandledRejection', (failure) => log.error('A promise that nobody awaited', { failure }))
