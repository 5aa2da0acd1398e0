/**
 * The main job as a person does it: choose data, draw, choose dates and a recipe, look at the graph, run, watch, look
 * at the result. Shared by the end-to-end tests and `npm run demo`; `step` is told after each step.
 */
import { expect } from './expect.ts'
import type { Swath } from './launch.ts'
import { ComposePage } from './pages/compose.ts'
import { MapPage } from './pages/map.ts'
import { WindowFrame } from './pages/window.ts'

export type MainJob = {
  /** A folder of rasters to add as local data; the sample collection where it is absent. */
  dataFolder?: string
  /** Title or id of the collection. */
  collection: string
  /** west, south, east, north in degrees, typed; drawn by mouse in the middle of the collection where it is absent. */
  bbox?: [number, number, number, number]
  from: string
  until: string
  recipe: string | RegExp
  limitMs?: number
}
export type Step = (name: string) => Promise<void>

type Job = { id: string; state: string; errorMessage: string | null; resultId: string | null }
type Asset = { key: string; state: string; mediaKind: string }
type Result = { id: string; state: string; title: string; assets: Asset[] }

/** Adds the folder through the page Local data; its dialog is answered as a user would. */
export async function addDataFolder(swath: Swath, folder: string): Promise<void> {
  const frame = new WindowFrame(swath.page)
  await frame.open('Local data')
  await swath.answerFolderDialog(folder)
  await swath.page.getByRole('button', { name: 'Add a folder …' }).click()
  type Status = { isScanning: boolean; folders: { isSample: boolean }[] }
  const isRead = ({ isScanning, folders }: Status) => !isScanning && folders.some(({ isSample }) => !isSample)
  await expect.poll(async () => isRead(await swath.call<Status>('local', 'status')), { timeout: 120_000 }).toBe(true)
}

/** Types a box in the list of areas. */
export async function typeArea(swath: Swath, bbox: readonly number[]): Promise<void> {
  const frame = new WindowFrame(swath.page)
  await frame.open('Areas')
  await swath.page.getByRole('button', { name: 'Type a box' }).click()
  for (const [index, side] of ['West', 'South', 'East', 'North'].entries())
    await swath.page.getByRole('textbox', { name: side, exact: true }).fill(String(bbox[index]))
  await swath.page.getByRole('button', { name: 'Add area' }).click()
  await expect(swath.page.getByRole('listbox', { name: 'Areas' }).getByRole('option').first()).toBeVisible()
}

/** Draws a rectangle over the middle of what the map shows. */
export async function drawArea(
  swath: Swath,
  from: [number, number] = [0.36, 0.3],
  to: [number, number] = [0.62, 0.66],
) {
  await swath.page
    .getByRole('toolbar', { name: 'Draw an area' })
    .getByRole('button', { name: 'Draw a rectangle' })
    .click()
  await new MapPage(swath.page).dragRectangle(from, to)
  await expect.poll(async () => (await swath.call<unknown[]>('areas', 'list')).length).toBeGreaterThan(0)
}

/** Follows the newest job to its end; fails with the back-end's reason where it failed. */
export async function finishedJob(swath: Swath, limitMs: number): Promise<Job> {
  const read = async () => (await swath.call<Job[]>('jobs', 'list'))[0]
  const ended = ['finished', 'error', 'canceled', 'gone']
  await expect
    .poll(async () => ended.includes((await read())?.state ?? ''), { timeout: limitMs, intervals: [100] })
    .toBe(true)
  const job = (await read()) as Job
  expect(job.errorMessage ?? job.state).toBe('finished')
  return job
}

/** The result that came into the library by itself, with its files here. */
export async function arrivedResult(swath: Swath, limitMs: number): Promise<Result> {
  const read = async () => (await swath.call<Result[]>('library', 'list'))[0]
  await expect.poll(async () => (await read())?.state, { timeout: limitMs, intervals: [100] }).toBe('complete')
  return (await read()) as Result
}

/** The title under which a person finds the collection, once the back-end offers it; else a sentence with what it offers. */
export async function collectionTitle(swath: Swath, wanted: string): Promise<string> {
  type Collection = { id: string; title: string }
  let offered: Collection[] = []
  const found = () => offered.find(({ id, title }) => id === wanted || title === wanted)
  const read = async () => {
    const [connection] = await swath.call<{ id: string; state: string }[]>('connections', 'list')
    if (connection?.state !== 'connected') return false
    await swath.call('catalogue', 'refresh', { connectionId: connection.id })
    const answer = await swath.call<{ hits: Collection[] }>('catalogue', 'search', {
      text: '',
      kinds: ['collection'],
      connectionIds: [connection.id],
      bbox: null,
      interval: null,
      bands: [],
      platforms: [],
      maximumResolutionM: null,
      members: [],
      hasDeprecated: true,
      hasExperimental: true,
      sort: 'title',
      offset: 0,
      limit: 200,
    })
    offered = answer.hits
    return found() !== undefined
  }
  await expect
    .poll(read, { timeout: 60_000, intervals: [500] })
    .toBe(true)
    .catch(() => {})
  const collection = found()
  if (!collection)
    throw new Error(`There is no collection called ${wanted}; there are: ${offered.map(({ id }) => id).join(', ')}.`)
  return collection.title || collection.id
}

/** The whole of it. Answers with the job and its result; the window shows the result on the map. */
export async function doMainJob(swath: Swath, plan: MainJob, step: Step = async () => {}) {
  const { page } = swath
  const frame = new WindowFrame(page)
  const compose = new ComposePage(page)
  const limitMs = plan.limitMs ?? 120_000
  await frame.settled()
  await step('window')
  if (plan.dataFolder) {
    await addDataFolder(swath, plan.dataFolder)
    await step('local-data')
  }
  const title = await collectionTitle(swath, plan.collection)
  await frame.open('Run a process')
  await compose.chooseCollection(title)
  await frame.act('Show on the map')
  await frame.settled()
  await step('collection')
  if (plan.bbox) {
    await typeArea(swath, plan.bbox)
    await frame.open('Run a process')
    await compose.chooseArea('Area 1')
  } else await drawArea(swath)
  await frame.settled()
  await step('area')
  await compose.setDates(plan.from, plan.until)
  await compose.chooseRecipe(plan.recipe)
  await step('recipe')
  await compose.openGraph()
  await step('graph')
  await compose.validate()
  await step('validated')
  await frame.hideDrawer()
  await compose.run()
  await expect(page.getByRole('listbox', { name: 'Jobs' }).getByRole('option').first()).toBeVisible()
  await step('running')
  const job = await finishedJob(swath, limitMs)
  const result = await arrivedResult(swath, limitMs)
  await step('finished')
  await expect(page.getByTestId('reading')).toBeVisible()
  await frame.open('Layers')
  await page.getByRole('list', { name: 'Layers' }).locator('[data-row]').first().click()
  await frame.settled()
  const reading = await new MapPage(page).valueAt(0.5, 0.48)
  await step('result')
  return { job, result, reading }
}
