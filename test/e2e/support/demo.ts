/**
 * Drives the demo in Electron's Node: starts the application, does the main job, keeps a picture of each step and the
 * result's files, and prints what the result file holds as a last line of JSON. Called by build/demo.mjs.
 */
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { parseArgs, stripVTControlCharacters } from 'node:util'
import { bandStatistics, openRaster } from '../../../main/raster/index.ts'
import { launchSwath, type Swath } from './launch.ts'
import { doMainJob, type MainJob } from './main-job.ts'
import { WindowFrame } from './pages/window.ts'

const RECIPES: Record<string, RegExp> = {
  ndvi: /NDVI/,
  composite: /composite/i,
  'median-composite': /composite/i,
  'band-maths': /^Band maths/,
}

const { values: options } = parseArgs({
  options: {
    data: { type: 'string' },
    collection: { type: 'string' },
    bbox: { type: 'string' },
    from: { type: 'string', default: '2024-06-20' },
    to: { type: 'string', default: '2024-07-31' },
    recipe: { type: 'string', default: 'ndvi' },
    out: { type: 'string', default: 'out/demo' },
    size: { type: 'string', default: '1280x800' },
    theme: { type: 'string', default: 'light' },
  },
})

function refuse(sentence: string): never {
  console.error(sentence)
  process.exit(2)
}

function readBbox(text: string | undefined): MainJob['bbox'] {
  if (text === undefined) return undefined
  const numbers = text.split(',').map(Number)
  if (numbers.length !== 4 || numbers.some(Number.isNaN)) refuse('--bbox wants four numbers: W,S,E,N in degrees.')
  return numbers as [number, number, number, number]
}

function readSize(text: string): { width: number; height: number } {
  const [width, height] = text.split('x').map(Number)
  if (!width || !height) refuse('--size wants WIDTHxHEIGHT, e.g. 1280x800.')
  return { width, height }
}

/** Steps with their pictures and times. */
function record(swath: Swath, folder: string) {
  const steps: { name: string; picture: string; seconds: number }[] = []
  const began = performance.now()
  const step = async (name: string) => {
    const picture = join(folder, `${String(steps.length + 1).padStart(2, '0')}-${name}.png`)
    await swath.page.screenshot({ path: picture })
    const seconds = Math.round((performance.now() - began) / 100) / 10
    steps.push({ name, picture, seconds })
    console.log(`${seconds.toFixed(1).padStart(6)} s  ${name}`)
  }
  return { steps, step }
}

/** Through the button "Copy to a folder …", as a user takes the files elsewhere. */
async function copyResult(swath: Swath, folder: string): Promise<string> {
  const frame = new WindowFrame(swath.page)
  await frame.open('Library')
  await swath.page.getByRole('listbox', { name: 'Results' }).getByRole('option').first().click()
  await swath.answerFolderDialog(folder)
  const before = new Set(readdirSync(folder, { recursive: true }).map(String))
  await frame.act('Copy to a folder …')
  await swath.page.getByText(/\d+ files? copied\./).waitFor()
  const files = readdirSync(folder, { recursive: true })
    .map(String)
    .filter((file) => !before.has(file))
  const raster = files.find((file) => /\.tiff?$/i.test(file)) ?? files.find((file) => /\.(png|json)$/i.test(file))
  if (!raster) throw new Error('the result has no file')
  return join(folder, raster)
}

/** What the file holds, by the raster engine, every pixel of the first band. */
async function measure(path: string) {
  const raster = await openRaster({ kind: 'file', path })
  const { grid } = raster.header
  const { min, max, mean, validCount } = await bandStatistics(raster, 0, { exact: true })
  await raster.close()
  const [level] = raster.header.levels
  const crs = grid === null ? null : grid.crs.epsg === null ? grid.crs.name : `EPSG:${grid.crs.epsg}`
  return { crs, width: level?.width, height: level?.height, min, max, mean, valid: validCount }
}

async function demo(): Promise<void> {
  const began = performance.now()
  const recipe = RECIPES[options.recipe]
  if (!recipe) refuse(`--recipe: known are ${Object.keys(RECIPES).join(', ')}.`)
  const folder = resolve(options.out)
  const bbox = readBbox(options.bbox)
  rmSync(join(folder, 'result'), { recursive: true, force: true })
  mkdirSync(join(folder, 'result'), { recursive: true })
  for (const file of readdirSync(folder)) if (/^\d\d-.*\.png$/.test(file)) rmSync(join(folder, file))
  const swath = await launchSwath({
    size: readSize(options.size),
    colourScheme: options.theme === 'dark' ? 'dark' : 'light',
  })
  try {
    const { steps, step } = record(swath, folder)
    await doMainJob(
      swath,
      {
        ...(options.data ? { dataFolder: resolve(options.data) } : {}),
        collection: options.collection ?? 'Sample landscape',
        ...(bbox ? { bbox } : {}),
        from: options.from,
        until: options.to,
        recipe,
        limitMs: 20 * 60_000,
      },
      step,
    )
    const seconds = Math.round((performance.now() - began) / 100) / 10
    const path = await copyResult(swath, join(folder, 'result'))
    await step('library')
    for (const problem of swath.problems) console.log(`the window said: ${problem}`)
    const numbers = /\.tiff?$/i.test(path) ? await measure(path) : {}
    console.log(`The pictures are in ${folder}, the result in ${dirname(path)}.`)
    console.log(JSON.stringify({ result: path, ...numbers, seconds, steps }))
  } catch (failure) {
    await swath.page.screenshot({ path: join(folder, 'failed.png') }).catch(() => {})
    console.error(`The demo stopped; ${join(folder, 'failed.png')} shows where.`)
    const words = failure instanceof Error ? stripVTControlCharacters(failure.message).split('\n') : [String(failure)]
    console.error(words.slice(0, 12).join('\n'))
    process.exitCode = 1
  } finally {
    await swath.close()
  }
}

await demo()
