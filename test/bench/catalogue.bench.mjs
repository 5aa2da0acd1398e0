/**
 * The catalogue at size: 20,000 collections and 2,000 processes come over real HTTP through the real feature and its
 * process, and are searched at the door of main while a user types: each of 200 seeded queries of 1 to 12 letters letter
 * by letter. Two parts: main (here: no window, Electron's Node), and the window (scrolling and typing), where it is.
 * Figures: importSeconds (from asking for the lists to the last of them searchable), searchP95Ms (answer() to its rows,
 * schemas in and out included), blockedMs (longest time that main had no turn during the import), databaseMiB.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'

export const title = '20,000 collections and 2,000 processes: imported over HTTP, searched letter by letter'

const COLLECTIONS = 20_000
const PROCESSES = 2_000
const QUERIES = 200
const SEED = 20_260_601
/** Entries that a list in the window asks for at once. */
const PAGE = 50
const MOST_SEARCH_MS = 10

function numbers(seed) {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Beginnings of ids, words of titles and band names of the synthetic entries, and some that nothing has; 1 to 12 letters. */
function queries(entryAt, next) {
  const integer = (below) => Math.floor(next() * below)
  const made = []
  while (made.length < QUERIES) {
    const { id, title: name = '', keywords = [] } = entryAt(integer(COLLECTIONS))
    const words = [id, ...String(name).split(/[^\p{L}\p{N}_-]+/u), ...keywords].filter(Boolean)
    const length = 1 + integer(12)
    const made_up = Array.from({ length }, () => String.fromCharCode(97 + integer(26))).join('')
    const text = next() < 0.1 ? made_up : String(words[integer(words.length)]).slice(0, length)
    if (text.trim() !== '') made.push(text)
  }
  return made
}

const percentile = (values, share) => [...values].sort((a, b) => a - b)[Math.ceil(values.length * share) - 1]
const round = (value, digits = 2) => Math.round(value * 10 ** digits) / 10 ** digits

/** The main half: { figures, rows }. */
async function measureMain(say) {
  const { startBackEnd } = await import('../fakes/openeo/server.ts')
  const { fillWithSynthetic, syntheticCollection } = await import('../fakes/synthetic-catalogue.ts')
  const { openWorld, EVERYTHING } = await import('../integration/catalogue/world.ts')
  const { answer } = await import('../../main/ipc/answer.ts')
  const folder = mkdtempSync(join(tmpdir(), 'bench-catalogue-'))
  const backEnd = await startBackEnd()
  fillWithSynthetic(backEnd, { collections: COLLECTIONS, processes: PROCESSES, seed: SEED })
  const world = await openWorld({ folder })
  try {
    const delay = monitorEventLoopDelay({ resolution: 5 })
    delay.enable()
    const beganMs = performance.now()
    const { id } = await world.connect(backEnd.address, { isOnce: true })
    const importSeconds = (performance.now() - beganMs) / 1000
    delay.disable()
    const states = await world.call('catalogue', 'lists', { connectionId: id })
    const counted = Object.fromEntries(states.map(({ list, count }) => [list, count]))
    const failed = states.filter(({ failure }) => failure)
    if (counted.collections !== COLLECTIONS || counted.processes !== PROCESSES)
      throw new Error(`not everything came in: ${JSON.stringify([counted, failed])}`)

    const handlers = { catalogue: world.catalogue.handlers }
    const door = { log: world.log, checkOutput: true }
    const durations = []
    const byLength = new Map()
    let found = 0
    for (const query of queries((index) => syntheticCollection(SEED, index), numbers(SEED))) {
      for (let length = 1; length <= query.length; length++) {
        const input = { ...EVERYTHING, text: query.slice(0, length), hasDeprecated: false, limit: PAGE }
        const startMs = performance.now()
        const reply = await answer(handlers, 'catalogue', 'search', input, door)
        const durationMs = performance.now() - startMs
        if (!reply.ok) throw new Error(`${input.text}: ${JSON.stringify(reply.error)}`)
        if (reply.value.total > 0) found++
        durations.push(durationMs)
        byLength.set(length, [...(byLength.get(length) ?? []), durationMs])
      }
    }
    await world.stop()
    const bytes = ['', '-wal'].reduce(
      (sum, tail) => sum + (statSync(join(folder, `catalogue.sqlite${tail}`), { throwIfNoEntry: false })?.size ?? 0),
      0,
    )
    say(`Seed ${SEED}; ${durations.length} keystrokes, ${found} of them with hits.`)
    return {
      figures: {
        importSeconds: round(importSeconds),
        searchP95Ms: round(percentile(durations, 0.95)),
        searchP50Ms: round(percentile(durations, 0.5)),
        searchMaxMs: round(Math.max(...durations)),
        blockedMs: round(delay.max / 1e6, 0),
        databaseMiB: round(bytes / 2 ** 20, 1),
      },
      rows: [...byLength].map(([letters, values]) => ({
        letters,
        count: values.length,
        'p50 ms': round(percentile(values, 0.5)),
        'p95 ms': round(percentile(values, 0.95)),
        'max ms': round(Math.max(...values)),
      })),
    }
  } finally {
    await world.stop().catch(() => {})
    await backEnd.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

export async function run({ say }) {
  const main = await measureMain(say)
  const figures = { collections: COLLECTIONS, processes: PROCESSES, ...main.figures }
  return { rows: main.rows, figures, isGood: figures.searchP95Ms < MOST_SEARCH_MS }
}
