/**
 * Where the pixels of a target window lie in a source grid: pixel coordinates of every target pixel's centre (and, for
 * methods that look at areas, of its corners).
 * Owns: the approximation. Exact at the corners of cells, bilinear inside, and a cell is divided until its error at
 * five places is below an eighth of a source pixel (the error bound of gdalwarp's -et).
 * Where both grids share a CRS the mapping is affine and exact.
 */
import { sameCrs, transformer } from './crs.ts'
import { composeAffine, invertAffine } from './grid.ts'
import type { Affine, Grid, Window } from './types.ts'

/** Source pixel coordinates, row by row; NaN where there are none. */
export type SourcePositions = { columns: Float64Array; rows: Float64Array; width: number; height: number }

const ERROR_PIXELS = 0.125
const FIRST_CELL = 64
const LAST_CELL = 4

/**
 * @param offset 0.5 for centres; 0 for the (width + 1) × (height + 1) corners
 * @param exact every position by itself
 */
export function sourcePositions(
  source: Grid,
  target: Grid,
  window: Window,
  offset: 0 | 0.5,
  exact: boolean,
): SourcePositions {
  const width = window.width + (offset === 0 ? 1 : 0)
  const height = window.height + (offset === 0 ? 1 : 0)
  const columns = new Float64Array(width * height)
  const rows = new Float64Array(width * height)
  const out = { columns, rows, width, height }
  const toSource = invertAffine(source.transform)
  const origin = { x: window.column + offset, y: window.row + offset }
  if (sameCrs(source.crs, target.crs)) fillAffine(out, composeAffine(toSource, target.transform), origin)
  else {
    const mapping = pointMapping(source, target, toSource, origin)
    if (exact) fillExact(out, mapping)
    else fillByCells(out, mapping)
  }
  return out
}

function fillAffine(out: SourcePositions, [a, b, c, d, e, f]: Affine, { x, y }: { x: number; y: number }): void {
  for (let j = 0, k = 0; j < out.height; j++) {
    const startX = a + (y + j) * c
    const startY = d + (y + j) * f
    for (let i = 0; i < out.width; i++, k++) {
      out.columns[k] = startX + (x + i) * b
      out.rows[k] = startY + (x + i) * e
    }
  }
}

/** Turns window positions into source pixel coordinates, in place. */
type Mapping = (xs: Float64Array, ys: Float64Array) => void

function pointMapping(
  source: Grid,
  target: Grid,
  [a, b, c, d, e, f]: Affine,
  origin: { x: number; y: number },
): Mapping {
  const project = transformer(target.crs, source.crs)
  const [ta, tb, tc, td, te, tf] = target.transform
  return (xs, ys) => {
    for (let i = 0; i < xs.length; i++) {
      const x = (xs[i] as number) + origin.x
      const y = (ys[i] as number) + origin.y
      xs[i] = ta + x * tb + y * tc
      ys[i] = td + x * te + y * tf
    }
    project?.(xs, ys)
    if (source.crs.unit === 'degree') wrapInto(source, xs)
    for (let i = 0; i < xs.length; i++) {
      const x = xs[i] as number
      const y = ys[i] as number
      xs[i] = a + x * b + y * c
      ys[i] = d + x * e + y * f
    }
  }
}

/** Longitudes by whole turns into the source's own range, for rasters from 0 to 360 or across the antimeridian. */
function wrapInto(source: Grid, longitudes: Float64Array): void {
  const [a, b] = source.transform
  const middle = a + (b * source.width) / 2
  for (let i = 0; i < longitudes.length; i++) {
    const longitude = longitudes[i] as number
    if (Math.abs(longitude - middle) > 180) longitudes[i] = longitude - 360 * Math.round((longitude - middle) / 360)
  }
}

function fillExact(out: SourcePositions, mapping: Mapping): void {
  for (let j = 0, k = 0; j < out.height; j++)
    for (let i = 0; i < out.width; i++, k++) {
      out.columns[k] = i
      out.rows[k] = j
    }
  mapping(out.columns, out.rows)
}

/** Corners of a cell: upper left, upper right, lower left, lower right. */
type Cell = { x0: number; y0: number; x1: number; y1: number; cx: Float64Array; cy: Float64Array }

function fillByCells(out: SourcePositions, mapping: Mapping): void {
  for (let y0 = 0; y0 < out.height; y0 += FIRST_CELL)
    for (let x0 = 0; x0 < out.width; x0 += FIRST_CELL) {
      const x1 = Math.min(x0 + FIRST_CELL, out.width)
      const y1 = Math.min(y0 + FIRST_CELL, out.height)
      fillCell(out, mapping, cornersOf(mapping, x0, y0, x1, y1))
    }
}

function cornersOf(mapping: Mapping, x0: number, y0: number, x1: number, y1: number): Cell {
  const cx = Float64Array.of(x0, x1, x0, x1)
  const cy = Float64Array.of(y0, y0, y1, y1)
  mapping(cx, cy)
  return { x0, y0, x1, y1, cx, cy }
}

function fillCell(out: SourcePositions, mapping: Mapping, cell: Cell): void {
  const { x0, y0, x1, y1 } = cell
  if (isStraight(mapping, cell)) {
    interpolate(out, cell)
    return
  }
  if (x1 - x0 <= LAST_CELL && y1 - y0 <= LAST_CELL) {
    fillCellExactly(out, mapping, cell)
    return
  }
  const mx = x1 - x0 > LAST_CELL ? (x0 + x1) >> 1 : x1
  const my = y1 - y0 > LAST_CELL ? (y0 + y1) >> 1 : y1
  for (const [ya, yb] of [
    [y0, my],
    [my, y1],
  ] as const)
    for (const [xa, xb] of [
      [x0, mx],
      [mx, x1],
    ] as const)
      if (xb > xa && yb > ya) fillCell(out, mapping, cornersOf(mapping, xa, ya, xb, yb))
}

/** True where the middle and the middles of the sides lie where bilinear interpolation puts them. */
function isStraight(mapping: Mapping, { x0, y0, x1, y1, cx, cy }: Cell): boolean {
  const [mx, my] = [(x0 + x1) / 2, (y0 + y1) / 2]
  const xs = Float64Array.of(mx, mx, x0, x1, mx)
  const ys = Float64Array.of(my, y0, my, my, y1)
  mapping(xs, ys)
  const at = (values: Float64Array, i: number) => values[i] as number
  const middles = (v: Float64Array) => [
    (at(v, 0) + at(v, 1) + at(v, 2) + at(v, 3)) / 4,
    (at(v, 0) + at(v, 1)) / 2,
    (at(v, 0) + at(v, 2)) / 2,
    (at(v, 1) + at(v, 3)) / 2,
    (at(v, 2) + at(v, 3)) / 2,
  ]
  const ex = middles(cx)
  const ey = middles(cy)
  // not below (rather than above) also divides cells with a corner that has no image
  for (let i = 0; i < 5; i++)
    if (!(Math.hypot(at(xs, i) - (ex[i] as number), at(ys, i) - (ey[i] as number)) < ERROR_PIXELS)) return false
  return true
}

function interpolate(out: SourcePositions, { x0, y0, x1, y1, cx, cy }: Cell): void {
  for (let y = y0; y < y1; y++) {
    const v = (y - y0) / (y1 - y0)
    const startX = (cx[0] as number) * (1 - v) + (cx[2] as number) * v
    const startY = (cy[0] as number) * (1 - v) + (cy[2] as number) * v
    const stepX = ((cx[1] as number) * (1 - v) + (cx[3] as number) * v - startX) / (x1 - x0)
    const stepY = ((cy[1] as number) * (1 - v) + (cy[3] as number) * v - startY) / (x1 - x0)
    for (let x = x0, k = y * out.width + x0; x < x1; x++, k++) {
      out.columns[k] = startX + stepX * (x - x0)
      out.rows[k] = startY + stepY * (x - x0)
    }
  }
}

function fillCellExactly(out: SourcePositions, mapping: Mapping, { x0, y0, x1, y1 }: Cell): void {
  const width = x1 - x0
  const xs = new Float64Array(width * (y1 - y0))
  const ys = new Float64Array(width * (y1 - y0))
  for (let i = 0; i < xs.length; i++) {
    xs[i] = x0 + (i % width)
    ys[i] = y0 + Math.floor(i / width)
  }
  mapping(xs, ys)
  for (let i = 0; i < xs.length; i++) {
    const k = (y0 + Math.floor(i / width)) * out.width + x0 + (i % width)
    out.columns[k] = xs[i] as number
    out.rows[k] = ys[i] as number
  }
}
