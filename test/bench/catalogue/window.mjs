/**
 * The real application with a hand on its keyboard and its mouse: it imports, is asked at the door, is typed into and
 * scrolled. Owns: the pace of the hand, and who counts (PerformanceObserver in the window, time-main.cjs in main).
 */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { _electron } from '@playwright/test'
import { electronFlags } from '../../../build/electron-flags.mjs'
import { root } from '../../../build/setup/steps.mjs'
import { expect } from '../../e2e/support/expect.ts'
import { CataloguePage } from '../../e2e/support/pages/catalogue.ts'

const hook = fileURLToPath(new URL('time-main.cjs', import.meta.url))
const SIZE = { width: 1440, height: 900 }
const IMPORT_LIMIT_MS = 180_000
/** A quick typist; a held key; a wheel that is turned without pause. */
const KEYS_A_SECOND = 12
const REPEATS_A_SECOND = 30
const NOTCHES_A_SECOND = 20
const NOTCH_PX = 300
/** What a list of the window asks for at once (renderer/catalogue/search.svelte.ts), without filters. */
const PAGE_ROWS = 100
const QUESTION = {
  kinds: [],
  connectionIds: [],
  bbox: null,
  interval: null,
  bands: [],
  platforms: [],
  maximumResolutionM: null,
  members: [],
  hasDeprecated: true,
  hasExperimental: true,
  sort: 'relevance',
  offset: 0,
  limit: PAGE_ROWS,
}

/** The application in an own profile, its catalogue open and its long tasks counted. */
export async function openWindow({ userData, env }) {
  const app = await _electron.launch({
    args: ['-r', hook, root, `--user-data-dir=${userData}`, ...electronFlags({ softwareGl: true })],
    cwd: root,
    env,
    timeout: 90_000,
  })
  const page = await app.firstWindow()
  await expect.poll(() => page.evaluate(() => 'bridge' in globalThis)).toBe(true)
  await app.evaluate(({ BrowserWindow }, { width, height }) => {
    BrowserWindow.getAllWindows()[0]?.setContentSize(width, height)
  }, SIZE)
  await page.evaluate(() => {
    globalThis.longTasks = []
    globalThis.frames = []
    const plain = (entry) => ({ ...entry.toJSON(), scripts: entry.scripts?.map((script) => script.toJSON()) })
    const note = (into) => (list) => into.push(...list.getEntries().map(plain))
    new PerformanceObserver(note(globalThis.longTasks)).observe({ type: 'longtask' })
    new PerformanceObserver(note(globalThis.frames)).observe({ type: 'long-animation-frame' })
  })
  const catalogue = new CataloguePage(page)
  await catalogue.frame.open('Catalogue')
  await catalogue.frame.settled()
  return { app, page, catalogue, userData }
}

/**
 * What main and the window did since the last time: calls at the door, main without a turn, long tasks of the window,
 * each with the script that took most of it.
 */
export async function take({ app, page }) {
  // an observer is told of a task after it
  await wait(200)
  const main = await app.evaluate(() => globalThis.swathBench.take())
  const { longTasks, frames } = await page.evaluate(() => ({
    longTasks: globalThis.longTasks.splice(0),
    frames: globalThis.frames.splice(0),
  }))
  const tasks = longTasks.map(({ startTime, duration }) => {
    const scripts = frames
      .flatMap(({ scripts }) => scripts)
      .filter((script) => script.startTime < startTime + duration && script.startTime + script.duration > startTime)
      .sort((a, b) => b.duration - a.duration)
    const [longest] = scripts
    const why = longest
      ? `${longest.invoker} ${longest.sourceFunctionName} ${Math.round(longest.duration)} ms, layout ${Math.round(longest.forcedStyleAndLayoutDuration)} ms`
      : 'no script'
    return { atMs: startTime, durationMs: duration, why }
  })
  return { ...main, tasks }
}

/** Adds the back-end; answers the seconds until the last of its lists was read and can be searched. */
export async function importFrom({ page }, url) {
  return page.evaluate(
    async ([address, limitMs]) => {
      const { bridge } = globalThis
      const call = async (feature, name, input) => {
        const reply = await bridge.call(feature, name, input)
        if (!reply.ok) throw new Error(`${feature}.${name}: ${JSON.stringify(reply.error)}`)
        return reply.value
      }
      const lists = new Map()
      let told = () => {}
      const stop = bridge.onEvent(({ feature, name, payload }) => {
        if (feature === 'catalogue' && name === 'listChanged')
          lists.set(`${payload.connectionId} ${payload.list}`, payload)
        told()
      })
      const beganMs = performance.now()
      const { id } = await call('connections', 'add', { url: address, agreed: [] })
      const states = () => [...lists.values()].filter(({ connectionId }) => connectionId === id)
      const isRead = ({ asOf, isReading, failure }) => !isReading && (asOf !== null || failure !== null)
      const wanted = ['collections', 'processes', 'file-formats', 'udf-runtimes', 'service-types']
      while (!wanted.every((list) => states().some((state) => state.list === list && isRead(state)))) {
        if (performance.now() - beganMs > limitMs) throw new Error(`not read in time: ${JSON.stringify(states())}`)
        await new Promise((resolve) => {
          told = resolve
          setTimeout(resolve, 1_000)
        })
      }
      const seconds = (performance.now() - beganMs) / 1000
      stop()
      const counts = Object.fromEntries(states().map(({ list, count }) => [list, count]))
      const failures = states().filter(({ failure }) => failure)
      return { seconds, counts, failures }
    },
    [url, IMPORT_LIMIT_MS],
  )
}

/** Every query letter by letter through the window's own door, one after the other; answers how many had hits. */
export const askAll = ({ page }, queries) =>
  page.evaluate(
    async ([texts, question]) => {
      let found = 0
      for (const text of texts)
        for (let length = 1; length <= text.length; length++) {
          const input = { ...question, text: text.slice(0, length) }
          const reply = await globalThis.bridge.call('catalogue', 'search', input)
          if (!reply.ok) throw new Error(`${input.text}: ${JSON.stringify(reply.error)}`)
          if (reply.value.total > 0) found++
        }
      return found
    },
    [queries, QUESTION],
  )

/** Does something again and again at a pace, as long as it takes; what is late is not made up for. */
async function atPace(aSecond, times, act) {
  for (let n = 0; n < times; n++) {
    const beganMs = performance.now()
    await act(n)
    await wait(Math.max(0, 1000 / aSecond - (performance.now() - beganMs)))
  }
}

/** Types every query into the search box; the next one replaces it. */
export async function typeAll({ page, catalogue }, queries) {
  await catalogue.search.click()
  for (const query of queries) {
    await page.keyboard.press('Control+A')
    await atPace(KEYS_A_SECOND, query.length, (n) => page.keyboard.press(query[n] === ' ' ? 'Space' : query[n]))
  }
  await page.keyboard.press('Escape')
}

/** All rows by wheel, PageDown and PageUp, End and Home, and the thumb of the scroll bar. */
export async function scrollAll({ page, catalogue }) {
  const { list } = catalogue
  await expect(list.getByRole('option').first()).toBeVisible()
  const box = await list.boundingBox()
  if (!box) throw new Error('the list is not there')
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
  await atPace(NOTCHES_A_SECOND, 160, () => page.mouse.wheel(0, NOTCH_PX))
  await atPace(NOTCHES_A_SECOND, 40, () => page.mouse.wheel(0, -NOTCH_PX * 4))
  await list.focus()
  await atPace(REPEATS_A_SECOND, 240, () => page.keyboard.press('PageDown'))
  await atPace(4, 12, (n) => page.keyboard.press(n % 2 ? 'Home' : 'End'))
  await atPace(REPEATS_A_SECOND, 60, () => page.keyboard.press('PageUp'))
  await page.keyboard.press('Home')
  await dragThumb(page, list, box)
}

/** Down and up again, three seconds each. */
async function dragThumb(page, list, box) {
  const x = box.x + box.width - 5
  await page.mouse.move(x, box.y + 12)
  await page.mouse.down()
  const yAt = (share) => box.y + 12 + share * (box.height - 24)
  await atPace(60, 180, (n) => page.mouse.move(x, yAt((n + 1) / 180)))
  const scrolledPx = await list.evaluate((element) => element.scrollTop)
  await atPace(60, 180, (n) => page.mouse.move(x, yAt(1 - (n + 1) / 180)))
  await page.mouse.up()
  const heightPx = await list.evaluate((element) => element.scrollHeight)
  if (scrolledPx < heightPx / 2) throw new Error(`the thumb was not dragged: ${scrolledPx} of ${heightPx} pixels`)
}

/** Bytes of the catalogue's cache, its log included. */
export const cacheBytes = (userData) =>
  ['', '-wal'].reduce(
    (sum, tail) => sum + (statSync(join(userData, `catalogue.sqlite${tail}`), { throwIfNoEntry: false })?.size ?? 0),
    0,
  )
