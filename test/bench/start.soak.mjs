/**
 * Starts the application again and again and kills it (SIGKILL) at a random moment after something was saved. What main
 * has answered as saved must be there at the next start: every area, the last theme, a sound database, and no process
 * may be left behind. `npm run soak -- start [STARTS] [SEED]`.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { launchSwath } from '../e2e/support/launch.ts'

export const title = 'starts, kills in between, and what survives'
export const needsDisplay = true

const THEMES = ['light', 'dark', 'system']

/** Numbers in [0, 1) from a seed (mulberry32), so that a run can be repeated. */
function random(seed) {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

const box = (n) => {
  const west = 10 + n / 1000
  const ring = [
    [west, 48],
    [west + 0.001, 48],
    [west + 0.001, 48.001],
    [west, 48.001],
    [west, 48],
  ]
  return { type: 'Polygon', coordinates: [ring] }
}

/** SQLite's own check of every database of the profile; 'ok' or what is wrong. */
function integrity(userData) {
  const files = readdirSync(userData, { recursive: true })
    .map(String)
    .filter((file) => /\.(sqlite|db)$/.test(file))
  return files.map((file) => {
    const database = new Database(join(userData, file), { readonly: true })
    try {
      return { file, answer: database.pragma('integrity_check', { simple: true }) }
    } finally {
      database.close()
    }
  })
}

/** Processes that still have the profile on their command line (Linux). */
function leftBehind(userData) {
  if (!existsSync('/proc/self/cmdline')) return []
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(userData)
      } catch {
        return false
      }
    })
}

/** One start: looks at what the last one left, saves something new, dies. */
async function round(userData, n, expected, next, env) {
  const began = performance.now()
  const swath = await launchSwath({ userData, env })
  const startMs = performance.now() - began
  const areas = await swath.call('areas', 'list')
  const settings = await swath.call('settings', 'get')
  const lost = expected.areas.filter((id) => !areas.some((area) => area.id === id)).length
  const hasTheme = expected.theme === null || settings.theme === expected.theme
  const theme = THEMES[n % THEMES.length]
  const added = await swath.call('areas', 'add', { geometry: box(n) })
  await swath.call('settings', 'change', { theme })
  // not acknowledged any more: may be there or not, but must not hurt
  const unanswered = swath.call('areas', 'add', { geometry: box(n + 5000) }).catch(() => {})
  await wait(next() * 60)
  await swath.kill()
  await unanswered
  return { startMs, lost, hasTheme, kept: { areas: [...expected.areas, added.id], theme } }
}

async function untilNobodyIsLeft(userData) {
  for (let tick = 0; tick < 100; tick++) {
    if (leftBehind(userData).length === 0) return 0
    await wait(50)
  }
  return leftBehind(userData).length
}

export async function run({ args, say, env }) {
  const starts = Number(args[0] ?? 20)
  const seed = Number(args[1] ?? 1)
  say(`${starts} starts, seed ${seed}`)
  const next = random(seed)
  const userData = mkdtempSync(join(tmpdir(), 'swath-soak-'))
  const totals = { lostAreas: 0, lostThemes: 0, unsound: 0, leftBehind: 0 }
  const startsMs = []
  let expected = { areas: [], theme: null }
  try {
    for (let n = 0; n < starts; n++) {
      const { startMs, lost, hasTheme, kept } = await round(userData, n, expected, next, env)
      startsMs.push(Math.round(startMs))
      totals.lostAreas += lost
      totals.lostThemes += hasTheme ? 0 : 1
      totals.leftBehind += await untilNobodyIsLeft(userData)
      const unsound = integrity(userData).filter(({ answer }) => answer !== 'ok')
      for (const { file, answer } of unsound) say(`start ${n + 1}: ${file}: ${answer}`)
      totals.unsound += unsound.length
      expected = kept
    }
  } finally {
    rmSync(userData, { recursive: true, force: true, maxRetries: 5 })
  }
  const isGood = Object.values(totals).every((count) => count === 0)
  return {
    isGood,
    rows: [
      { starts, ...totals, slowestStartMs: Math.max(...startsMs), verdict: isGood ? 'everything survived' : 'LOST' },
    ],
    figures: { starts, seed, areasSaved: expected.areas.length, ...totals, startsMs },
  }
}
