/**
 * Overviews while a raster is written: each block, as soon as it is there, is halved into its parent's quarter.
 * Owns: blocks of coarser levels that wait for their other children. Memory: one row of blocks for each level where
 * blocks come row by row. Values that are no data take no part.
 */
import { newValues } from './decode.ts'
import type { DataType, Values } from './types.ts'

export type OverviewMethod = 'average' | 'nearest' | 'mode'
export type LevelSize = { width: number; height: number; columns: number; rows: number }
type Pending = { values: Values[]; missing: number }

/** Full resolution first, halved until one block holds it; only the first where there are to be no overviews. */
export function levelSizes(width: number, height: number, blockSize: number, hasOverviews: boolean): LevelSize[] {
  const sizes: LevelSize[] = []
  for (let [w, h] = [width, height]; ; w = Math.ceil(w / 2), h = Math.ceil(h / 2)) {
    sizes.push({ width: w, height: h, columns: Math.ceil(w / blockSize), rows: Math.ceil(h / blockSize) })
    if (!hasOverviews || (w <= blockSize && h <= blockSize)) return sizes
  }
}

export class Pyramid {
  private readonly pending = new Map<string, Pending>()
  private readonly levels: readonly LevelSize[]
  private readonly blockSize: number
  private readonly dataType: DataType
  private readonly nodata: number | null
  private readonly method: OverviewMethod
  private readonly emit: (level: number, column: number, row: number, values: Values[]) => void

  /** @param emit is given each block of a coarser level once it is complete (full block size, padded with no data) */
  constructor(
    options: {
      levels: readonly LevelSize[]
      blockSize: number
      dataType: DataType
      nodata: number | null
      method: OverviewMethod
    },
    emit: (level: number, column: number, row: number, values: Values[]) => void,
  ) {
    this.levels = options.levels
    this.blockSize = options.blockSize
    this.dataType = options.dataType
    this.nodata = options.nodata
    this.method = options.method
    this.emit = emit
  }

  /** Takes a complete block (blockSize × blockSize per band) of a level. */
  add(level: number, column: number, row: number, values: readonly Values[]): void {
    const above = this.levels[level + 1]
    const size = this.levels[level]
    if (!above || !size) return
    const [parentColumn, parentRow] = [column >> 1, row >> 1]
    const key = `${level + 1}/${parentColumn}/${parentRow}`
    let parent = this.pending.get(key)
    if (!parent) {
      const missing = Math.min(2, size.columns - parentColumn * 2) * Math.min(2, size.rows - parentRow * 2)
      parent = { values: values.map(() => this.emptyBlock()), missing }
      this.pending.set(key, parent)
    }
    const width = Math.min(this.blockSize, size.width - column * this.blockSize)
    const height = Math.min(this.blockSize, size.height - row * this.blockSize)
    const half = this.blockSize >> 1
    const at = (row & 1) * half * this.blockSize + (column & 1) * half
    values.forEach((band, i) => {
      halve(band, this.blockSize, width, height, parent.values[i] as Values, at, this.nodata, this.method)
    })
    parent.missing--
    if (parent.missing === 0) this.complete(level + 1, parentColumn, parentRow, key)
  }

  /** Completes what still waits for blocks that were never written, from fine to coarse. */
  flush(): void {
    for (let level = 1; level < this.levels.length; level++)
      for (const key of [...this.pending.keys()]) {
        const [ofLevel = 0, column = 0, row = 0] = key.split('/').map(Number)
        if (ofLevel === level) this.complete(level, column, row, key)
      }
  }

  private complete(level: number, column: number, row: number, key: string): void {
    const { values } = this.pending.get(key) as Pending
    this.pending.delete(key)
    this.emit(level, column, row, values)
    this.add(level, column, row, values)
  }

  private emptyBlock(): Values {
    const values = newValues(this.dataType, this.blockSize ** 2)
    return this.nodata ? (values.fill(this.nodata) as Values) : values
  }
}

/** Every 2 × 2 values of a block (of which width × height are real) into one, at a place of the parent block. */
export function halve(
  from: Values,
  stride: number,
  width: number,
  height: number,
  to: Values,
  at: number,
  nodata: number | null,
  method: OverviewMethod,
): void {
  const isFloat = to instanceof Float32Array || to instanceof Float64Array
  for (let y = 0; y < height; y += 2) {
    const below = y + 1 < height ? stride : 0
    for (let x = 0, out = at + (y >> 1) * stride; x < width; x += 2, out++) {
      const k = y * stride + x
      if (method === 'nearest') {
        to[out] = from[k] as number
        continue
      }
      const right = x + 1 < width ? 1 : 0
      const a = from[k] as number
      const b = from[k + right] as number
      const c = from[k + below] as number
      const d = from[k + below + right] as number
      if (method === 'mode') to[out] = mostFrequent(a, b, c, d, nodata)
      else to[out] = mean(a, b, c, d, nodata, isFloat)
    }
  }
}

function mean(a: number, b: number, c: number, d: number, nodata: number | null, isFloat: boolean): number {
  let sum = 0
  let count = 0
  // NaN differs from itself
  if (a !== nodata && a === a) {
    sum += a
    count++
  }
  if (b !== nodata && b === b) {
    sum += b
    count++
  }
  if (c !== nodata && c === c) {
    sum += c
    count++
  }
  if (d !== nodata && d === d) {
    sum += d
    count++
  }
  if (count === 0) return nodata ?? Number.NaN
  return isFloat ? sum / count : Math.round(sum / count)
}

function mostFrequent(a: number, b: number, c: number, d: number, nodata: number | null): number {
  let best = nodata ?? a
  let most = 0
  for (const value of [a, b, c, d]) {
    if (value === nodata || Number.isNaN(value)) continue
    const count = Number(a === value) + Number(b === value) + Number(c === value) + Number(d === value)
    if (count > most) {
      most = count
      best = value
    }
  }
  return best
}
