/**
 * The catalogue at size, in the real application with its window: 20,000 collections and 2,000 processes come over HTTP
 * from another process, 200 seeded queries of 1 to 12 letters are asked letter by letter at the door of main, then typed
 * at a human's pace into the search box, and all rows are scrolled.
 * Figures: importSeconds (from adding the connection to the last of its lists searchable), searchP95Ms (from the request
 * at the door of main to its rows, schemas in and out included), longTasks (tasks over 50 ms in the window while typing
 * and scrolling), databaseMiB; with them the processor time of the same, and the
 * longest time that main had no turn (blockedMs; blockedCpuMs without what other programs of the machine took).
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { syntheticCollection } from '../fakes/synthetic-catalogue.ts'
import { makeQueries } from './catalogue/queries.mjs'
import { askAll, cacheBytes, importFrom, openWindow, scrollAll, take, typeAll } from './catalogue/window.mjs'

export const title = '20,000 collections and 2,000 processes: imported, searched letter by letter, typed for, scrolled'
export const needsDisplay = true

const COLLECTIONS = 20_000
const PROCESSES = 2_000
const QUERIES = 200
const SEED = 20_260_601
/** Of the long tasks of each part, with what took most of them. */
const MOST_TOLD = 5

const round = (value, digits = 2) => Math.round(value * 10 ** digits) / 10 ** digits
const percentile = (values, share) => [...values].sort((a, b) => a - b)[Math.ceil(values.length * share) - 1] ?? 0

async function startBackEnd() {
  const args = [COLLECTIONS, PROCESSES, SEED].map(String)
  const child = fork(fileURLToPath(new URL('catalogue/back-end.mjs', import.meta.url)), args, {
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
  })
  const [{ address }] = await once(child, 'message')
  return { address, stop: () => child.connected && child.disconnect() }
}

const searches = ({ calls }) => calls.filter(({ place }) => place === 'catalogue.search')
/** A line of the table: what was done, and how long searches, main and window took meanwhile. */
function row(what, part) {
  const [wall, cpu] = ['wallMs', 'cpuMs'].map((clock) => searches(part).map((call) => call[clock]))
  return {
    part: what,
    searches: wall.length,
    'p50 ms': round(percentile(wall, 0.5)),
    'p95 ms': round(percentile(wall, 0.95)),
    'max ms': round(Math.max(0, ...wall)),
    'p50 cpu': round(percentile(cpu, 0.5)),
    'p95 cpu': round(percentile(cpu, 0.95)),
    'main blocked': round(part.blockedMs, 0),
    'blocked cpu': round(part.blockedCpuMs, 0),
    'long tasks': part.tasks.length,
    load: round(loadavg()[0] ?? 0),
  }
}

async function measureIn(swath, address, queryCount, say) {
  const queries = makeQueries({
    count: queryCount,
    entryAt: (index) => syntheticCollection(SEED, index),
    entryCount: COLLECTIONS,
    seed: SEED,
  })
  await take(swath)
  const rows = []
  const part = async (what, work) => {
    const value = await work()
    const taken = await take(swath)
    rows.push(row(what, taken))
    const longest = taken.tasks.toSorted((a, b) => b.durationMs - a.durationMs).slice(0, MOST_TOLD)
    for (const { durationMs, why } of longest) say(`${what}: a task of ${Math.round(durationMs)} ms (${why})`)
    return { ...taken, value }
  }
  const imported = await part('import', () => importFrom(swath, address))
  const { seconds, counts, failures } = imported.value
  if (counts.collections !== COLLECTIONS || counts.processes !== PROCESSES)
    throw new Error(`not everything came in: ${JSON.stringify([counts, failures])}`)
  const asked = await part('ask', () => askAll(swath, queries))
  const typed = await part('type', () => typeAll(swath, queries))
  const scrolled = await part('scroll', () => scrollAll(swath))
  say(`Seed ${SEED}; ${searches(asked).length} keystrokes asked at the door, ${asked.value} of them with hits.`)
  const [wall, cpu] = ['wallMs', 'cpuMs'].map((clock) => searches(asked).map((call) => call[clock]))
  const most = (clock) => round(Math.max(...[imported, asked, typed, scrolled].map((taken) => taken[clock])), 0)
  return {
    rows,
    figures: {
      collections: COLLECTIONS,
      processes: PROCESSES,
      importSeconds: round(seconds),
      searchP95Ms: round(percentile(wall, 0.95)),
      searchP50Ms: round(percentile(wall, 0.5)),
      searchMaxMs: round(Math.max(...wall)),
      searchCpuP95Ms: round(percentile(cpu, 0.95)),
      longTasks: typed.tasks.length + scrolled.tasks.length,
      longTasksAtImport: imported.tasks.length,
      blockedMs: most('blockedMs'),
      blockedCpuMs: most('blockedCpuMs'),
    },
  }
}

/** `npm run bench -- catalogue [QUERIES]` */
export async function run({ args, say, env }) {
  const userData = mkdtempSync(join(tmpdir(), 'bench-catalogue-'))
  const backEnd = await startBackEnd()
  let swath
  try {
    swath = await openWindow({ userData, env })
    const { rows, figures } = await measureIn(swath, backEnd.address, Number(args[0] ?? QUERIES), say)
    await swath.app.close()
    swath = undefined
    return {
      rows,
      figures: { ...figures, databaseMiB: round(cacheBytes(userData) / 2 ** 20, 1) },
    }
  } finally {
    await swath?.app.close()
    backEnd.stop()
    rmSync(userData, { recursive: true, force: true, maxRetries: 5 })
  }
}
