/**
 * Makes the sample collection: a year of an invented Sentinel-2-like landscape, as GeoTIFF with STAC beside it.
 * Runs in Electron's Node (node build/run-electron.mjs build/make-sample-data.mjs [FOLDER]), on all cores. The same
 * values come out on every machine. Why made and not committed: 30 MB that a few seconds can make.
 */
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { writeGeoTiff } from './sample-data/geotiff.mjs'
import { makeLandscape } from './sample-data/landscape.mjs'
import { makeScene, STEPS } from './sample-data/reflectance.mjs'
import { BAND_NAMES, EPSG, ORIGIN, OVERPASSES, RESOLUTION_M, SIZE } from './sample-data/scene.mjs'
import { collectionOf, itemOf } from './sample-data/stac.mjs'

const writeJson = (file, document) => writeFileSync(file, `${JSON.stringify(document, null, 2)}\n`)

/** Percent of the pixels seen that are cloud or cirrus. */
function cloudCover(classes) {
  let seen = 0
  let cloudy = 0
  for (const value of classes) {
    if (value !== 0) seen++
    if (value >= 8 && value <= 10) cloudy++
  }
  return Math.round((1000 * cloudy) / seen) / 10
}

function makeOverpass(ground, overpass, folder) {
  const bands = makeScene(ground, overpass)
  const bytes = writeGeoTiff({
    bands,
    width: SIZE,
    height: SIZE,
    classBands: [4],
    steps: STEPS,
    bandNames: BAND_NAMES,
    epsg: EPSG,
    origin: ORIGIN,
    resolution: RESOLUTION_M,
    dateTime: overpass.datetime.replace('T', ' ').replaceAll('-', ':').replace('Z', ''),
  })
  writeFileSync(join(folder, `${overpass.id}.tif`), bytes)
  writeJson(join(folder, `${overpass.id}.json`), itemOf(overpass, cloudCover(bands[4])))
}

/** All scenes into a new folder that takes its name last: a set-up that was cut off leaves no half collection. */
async function makeCollection(target) {
  const folder = `${target}.part`
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const ground = makeLandscape()
  const next = new Int32Array(new SharedArrayBuffer(4))
  const threads = Array.from({ length: Math.min(4, availableParallelism()) }, () => {
    const thread = new Worker(fileURLToPath(import.meta.url), { workerData: { ground, folder, next } })
    return new Promise((done, fail) => thread.on('error', fail).on('exit', done))
  })
  await Promise.all(threads)
  writeJson(join(folder, 'collection.json'), collectionOf())
  mkdirSync(dirname(target), { recursive: true })
  rmSync(target, { recursive: true, force: true })
  renameSync(folder, target)
}

if (!isMainThread) {
  const { ground, folder, next } = workerData
  for (;;) {
    const overpass = OVERPASSES[Atomics.add(next, 0, 1)]
    if (!overpass) break
    makeOverpass(ground, overpass, folder)
  }
  parentPort?.close()
} else if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await makeCollection(
    resolve(process.argv[2] ?? fileURLToPath(new URL('../resources/generated/sample', import.meta.url))),
  )
}
