/** Damaged and hostile files: never a crash, a hang or much memory; always a code and a sentence. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { AppError } from '../../../main/core/errors.ts'
import { bandStatistics, openRaster } from '../../../main/raster/index.ts'
import { type Directory, writeHead } from '../../../main/raster/tiff-write.ts'
import { DATA, temporaryFolder } from './gdal.ts'

vi.setConfig({ testTimeout: 30_000 }) // a busy machine is no failure

const folder = temporaryFolder()
afterAll(() => folder.remove())

/** Opens and reads a little of everything; gives the failure, if any. */
async function tryAll(bytes: Uint8Array): Promise<unknown> {
  const path = folder.file('hostile.tif')
  writeFileSync(path, bytes)
  try {
    const raster = await openRaster({ kind: 'file', path })
    try {
      const { width, height, levels } = raster.header
      const window = { column: 0, row: 0, width: Math.min(width, 300), height: Math.min(height, 300) }
      await raster.readWindow({ window, samples: [0] })
      const last = levels.length - 1
      await raster.readBlock({ level: last, column: 0, row: 0, samples: [0] })
      if (width * height < 1e6) await bandStatistics(raster, 0, { exact: true })
    } finally {
      await raster.close()
    }
  } catch (failure) {
    return failure
  }
  return undefined
}

type Values = Record<number, number[]>
const base: Values = {
  256: [64],
  257: [64],
  258: [8],
  259: [8],
  262: [1],
  277: [1],
  322: [64],
  323: [64],
  324: [1000],
  325: [100],
  339: [1],
}
function tiff(changes: Values, pixels: Uint8Array = new Uint8Array(0)): Uint8Array {
  const tags: Directory = new Map()
  for (const [tag, values] of Object.entries({ ...base, ...changes })) tags.set(Number(tag), { type: 'long', values })
  const head = writeHead([tags], false)
  const out = new Uint8Array(Math.max(1000, head.length) + pixels.length)
  out.set(head)
  out.set(pixels, 1000)
  return out
}

const bomb = deflateSync(new Uint8Array(50 << 20))
/** SOI, SOF0 of 20,000 × 20,000 pixels, EOI: 17 bytes that a decoder answers with gigabytes. */
const giantFrame = [0xff, 0xc0, 0, 11, 8, 0x4e, 0x20, 0x4e, 0x20, 1, 1, 0x11, 0]
const smallFrame = [0xff, 0xc0, 0, 11, 8, 0, 64, 0, 64, 1, 1, 0x11, 0]
const scan = [0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0]
const jpeg = (...parts: number[][]) => Uint8Array.from([0xff, 0xd8, ...parts.flat(), 0xff, 0xd9])
/** A file of one JPEG block, its shared tables beside it. */
function jpegFile(tables: Uint8Array | null, block: Uint8Array): Uint8Array {
  if (!tables) return tiff({ 259: [7], 325: [block.length] }, block)
  const file = tiff({ 259: [7], 325: [block.length], 347: [...tables] }, block)
  // the tables' tag was written as numbers of 4 bytes; as bytes it is what TIFF asks for
  const view = new DataView(file.buffer)
  for (let at = view.getUint32(4, true) + 2; at < 400; at += 12)
    if (view.getUint16(at, true) === 347) {
      const values = view.getUint32(at + 8, true)
      view.setUint16(at + 2, 7, true)
      file.set(tables, values)
    }
  return file
}

/** The number of bands as a FLOAT of 1.5. */
function fractionalBands(): Uint8Array {
  const file = tiff({ 277: [1] }, deflateSync(new Uint8Array(64 * 64)))
  const view = new DataView(file.buffer)
  for (let at = view.getUint32(4, true) + 2; at < 400; at += 12)
    if (view.getUint16(at, true) === 277) {
      view.setUint16(at + 2, 11, true)
      view.setFloat32(at + 8, 1.5, true)
    }
  return file
}

const cases: [string, Uint8Array][] = [
  ['nothing at all', new Uint8Array(0)],
  ['three bytes', Uint8Array.of(0x49, 0x49, 42)],
  ['text', new TextEncoder().encode('this is not a picture at all')],
  ['a first directory beyond the end', Uint8Array.of(0x49, 0x49, 42, 0, 255, 255, 255, 127)],
  ['no directory', Uint8Array.of(0x49, 0x49, 42, 0, 0, 0, 0, 0)],
  ['dimensions of 2³² − 1', tiff({ 256: [2 ** 32 - 1], 257: [2 ** 32 - 1] })],
  ['no dimensions', tiff({ 256: [0] })],
  ['blocks of 2³¹ pixels', tiff({ 322: [2 ** 31 - 16], 323: [2 ** 31 - 16] })],
  ['2³⁰ blocks', tiff({ 256: [2 ** 20], 257: [2 ** 20], 322: [16], 323: [16] })],
  ['65,536 bands', tiff({ 277: [65_536] })],
  ['no bands', tiff({ 277: [0] })],
  ['an offset beyond the end', tiff({ 324: [2 ** 31] }, new Uint8Array(200))],
  ['a block of 4 GB', tiff({ 325: [2 ** 32 - 1] }, new Uint8Array(200))],
  ['a decompression bomb', tiff({ 325: [bomb.length] }, bomb)],
  ['too few pixels in a block', tiff({ 325: [20] }, deflateSync(new Uint8Array(10)))],
  ['noise as deflate', tiff({}, new Uint8Array(200).fill(0xa5))],
  ['noise as zstd', tiff({ 259: [50_000] }, new Uint8Array(200).fill(0xa5))],
  ['noise as JPEG', tiff({ 259: [7] }, new Uint8Array(200).fill(0xff))],
  ['a giant frame in JPEG tables', jpegFile(jpeg(giantFrame), jpeg(smallFrame, scan))],
  [
    'a giant frame in JPEG tables that a table seems to hold',
    jpegFile(jpeg([0xff, 0xdb, 0, 15], giantFrame), jpeg(smallFrame, scan)),
  ],
  ['a giant second frame in a JPEG block', jpegFile(null, jpeg(smallFrame, giantFrame, scan))],
  ['a giant second frame after a JPEG scan', jpegFile(null, jpeg(smallFrame, scan, giantFrame))],
  ['a JPEG frame with sampling by 15', jpegFile(null, jpeg([...smallFrame.slice(0, -2), 0xff, 0], scan))],
  ['a second frame hidden by a wrong length', jpegFile(null, jpeg(smallFrame, [0xff, 0xdd, 0, 17], giantFrame, scan))],
  ['noise as LERC', tiff({ 259: [34_887] }, new Uint8Array(200).fill(0x4c))],
  ['LZW of nothing', tiff({ 259: [5] }, new Uint8Array(200).fill(0xff))],
  ['WEBP', tiff({ 259: [50_001] })],
  ['an unknown compression', tiff({ 259: [4711] })],
  ['an unknown predictor', tiff({ 317: [9] })],
  ['bands of different kinds', tiff({ 258: [8, 16], 277: [2] })],
  ['24-bit values', tiff({ 258: [24] })],
]

it.each(cases)('%s is refused with a sentence', async (_what, bytes) => {
  const before = process.memoryUsage().rss
  const failure = await tryAll(bytes)
  expect(failure).toBeInstanceOf(AppError)
  expect(failure).toMatchObject({ code: 'unreadable-data' })
  expect((failure as AppError).message).toMatch(/^[A-Z].*\.$/)
  expect((failure as AppError).message).not.toContain(folder.path)
  expect(process.memoryUsage().rss - before).toBeLessThan(200e6)
})

it('one band and a half is refused when the file is opened', async () => {
  const path = folder.file('fraction.tif')
  writeFileSync(path, fractionalBands())
  await expect(openRaster({ kind: 'file', path })).rejects.toMatchObject({ code: 'unreadable-data' })
})

it('a folder and a missing file have their own codes', async () => {
  await expect(openRaster({ kind: 'file', path: folder.path })).rejects.toMatchObject({ code: 'unreadable-data' })
  await expect(openRaster({ kind: 'file', path: folder.file('none.tif') })).rejects.toMatchObject({ code: 'not-found' })
})

/** mulberry32 */
function randomOf(seed: number) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

describe('mutated files', () => {
  const seed = Number(process.env.SEED ?? Date.now() % 1e9)
  const names = [
    'float_nan.tif',
    'lc.tif',
    'cog_rgb_mask.tif',
    'timeseries_openeo/openEO_2023-06-01Z.tif',
    'RGBA.uint16.tif',
    'olinda_dem_utm25s.tif',
  ]

  it.each(names)(
    `%s (SEED=${seed})`,
    async (name) => {
      console.log(`mutations of ${name} with SEED=${seed}`)
      const random = randomOf(seed)
      const original = readFileSync(join(DATA, name))
      const peak = process.memoryUsage().rss + 200e6
      let refused = 0
      for (let round = 0; round < 120; round++) {
        const bytes = Uint8Array.from(original)
        // mostly in the header: at the start, or where the first directory lies
        const view = new DataView(bytes.buffer)
        const directory = view.getUint32(4, true)
        const count = 1 + Math.floor(random() * 6)
        for (let i = 0; i < count; i++) {
          const start = random() < 0.8 ? directory : 0
          const at = Math.min(
            bytes.length - 1,
            start + Math.floor(random() * (random() < 0.8 ? 300 : bytes.length - start)),
          )
          bytes[at] = random() < 0.3 ? 255 : Math.floor(random() * 256)
        }
        const end = random() < 0.1 ? Math.floor(random() * bytes.length) : bytes.length
        const failure = await tryAll(bytes.subarray(0, end))
        if (failure !== undefined) {
          refused++
          if (!(failure instanceof AppError)) throw new Error(`round ${round}: ${String(failure)}`, { cause: failure })
          expect(['unreadable-data', 'invalid-input']).toContain(failure.code)
        }
      }
      expect(refused).toBeGreaterThan(5)
      expect(process.memoryUsage().rss).toBeLessThan(peak)
    },
    60_000,
  )
})
