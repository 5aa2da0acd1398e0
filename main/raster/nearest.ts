/**
 * Nearest neighbour straight from the blocks: only blocks under some target pixel are read, one after the other.
 * Owns: grouping of target pixels by block. Why apart from the other methods: a view of a whole raster without
 * overviews touches few of its pixels, and must not build the raster in memory first.
 */
import type { SourcePositions } from './projection-grid.ts'
import type { Raster, Values, Window } from './types.ts'

/** Positions that are a hair beside a pixel's edge belong to the pixel that they are meant to be in. */
const EDGE = 1e-9

export type NearestJob = {
  raster: Raster
  level: number
  samples: readonly number[]
  nodata: readonly (number | null)[]
  signal?: AbortSignal | undefined
}

/** Fills `out`, one array for each sample, where there is a value. */
export async function nearestFromBlocks(
  job: NearestJob,
  positions: SourcePositions,
  out: readonly Float64Array[],
): Promise<void> {
  const { raster, level, samples, signal } = job
  const size = raster.header.levels[level]
  if (!size) return
  const { order, starts, blocks, pixels } = groupByBlock(positions, size)
  const columns = Math.ceil(size.width / size.blockWidth)
  const bandAt = samples.map((sample, i) => ({ nodata: job.nodata[i] ?? null, isAlpha: isAlpha(raster, sample) }))
  let next = 0
  const work = async () => {
    while (next < blocks.length) {
      const b = next++
      const block = blocks[b] as number
      const place = { level, column: block % columns, row: Math.floor(block / columns) }
      const { window, values } = await raster.readBlock({ ...place, samples, signal })
      const valid = raster.header.validity === 'none' ? null : await raster.readValidity({ level, window, signal })
      const from = starts[b] as number
      const to = starts[b + 1] as number
      values.forEach((band, i) => {
        const { nodata, isAlpha } = bandAt[i] as (typeof bandAt)[number]
        pick(
          band,
          isAlpha ? null : valid,
          nodata,
          order.subarray(from, to),
          pixels,
          window,
          size.width,
          out[i] as Float64Array,
        )
      })
    }
  }
  await Promise.all(Array.from({ length: Math.min(8, blocks.length) }, work))
}

const isAlpha = ({ header: { validity } }: Raster, sample: number) =>
  typeof validity === 'object' && validity.alpha === sample

function pick(
  band: Values,
  valid: Uint8Array | null,
  nodata: number | null,
  order: Uint32Array,
  pixels: Float64Array,
  window: Window,
  width: number,
  out: Float64Array,
): void {
  for (let i = 0; i < order.length; i++) {
    const k = order[i] as number
    const pixel = pixels[k] as number
    const row = Math.floor(pixel / width)
    const inBlock = (row - window.row) * window.width + (pixel - row * width) - window.column
    const value = band[inBlock] as number
    if (value !== nodata && (valid === null || valid[inBlock] !== 0)) out[k] = value
  }
}

/** Target pixels in the order of the blocks that they need: a counting sort over the blocks met. */
function groupByBlock(
  { columns, rows }: SourcePositions,
  size: { width: number; height: number; blockWidth: number; blockHeight: number },
) {
  const blockColumns = Math.ceil(size.width / size.blockWidth)
  const pixels = new Float64Array(columns.length) // row · width + column; beyond 2³² for large rasters
  const slots = new Int32Array(columns.length).fill(-1)
  const slotOfBlock = new Map<number, number>()
  const counts: number[] = []
  let last = -1
  let lastSlot = -1
  for (let k = 0; k < columns.length; k++) {
    const x = Math.floor((columns[k] as number) + EDGE)
    const y = Math.floor((rows[k] as number) + EDGE)
    if (!(x >= 0 && y >= 0 && x < size.width && y < size.height)) continue
    const block = Math.floor(y / size.blockHeight) * blockColumns + Math.floor(x / size.blockWidth)
    if (block !== last) {
      lastSlot = slotOfBlock.get(block) ?? slotOfBlock.size
      if (lastSlot === slotOfBlock.size) {
        slotOfBlock.set(block, lastSlot)
        counts.push(0)
      }
      last = block
    }
    pixels[k] = y * size.width + x
    slots[k] = lastSlot
    counts[lastSlot] = (counts[lastSlot] as number) + 1
  }
  const starts = new Uint32Array(counts.length + 1)
  counts.forEach((count, i) => {
    starts[i + 1] = (starts[i] as number) + count
  })
  const fill = starts.slice()
  const order = new Uint32Array(starts[counts.length] ?? 0)
  for (let k = 0; k < slots.length; k++) {
    const slot = slots[k] as number
    if (slot < 0) continue
    const place = fill[slot] as number
    order[place] = k
    fill[slot] = place + 1
  }
  return { order, starts, blocks: [...slotOfBlock.keys()], pixels }
}
