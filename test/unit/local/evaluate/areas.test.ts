/** Boxes that cross the antimeridian or reach a pole, and areas in other reference systems. */
import { describe, expect, it } from 'vitest'
import { GraphError } from '../../../../main/local/evaluate/problem.ts'
import { cropGrid, readArea, unionGrid } from '../../../../main/local/evaluate/spatial.ts'
import { transformPoint, WGS84 } from '../../../../main/raster/crs.ts'
import { crsFromEpsg, type Grid } from '../../../../main/raster/index.ts'
import { utmGrid } from './fixtures.ts'

const crs = (code: number) => {
  const found = crsFromEpsg(code)
  if (found === null) throw new Error(`EPSG:${code} is missing`)
  return found
}
const box = (west: number, south: number, east: number, north: number, more: Record<string, unknown> = {}) => {
  const area = readArea({ west, south, east, north, ...more }, 'extent')
  if (area === null) throw new Error('no area')
  return area
}
const codeOf = (of: () => unknown) => {
  try {
    of()
  } catch (failure) {
    if (failure instanceof GraphError) return failure.code
    throw failure
  }
  return null
}

/** A degree grid of the whole Earth, from −180 or from 0. */
const globe = (west: number): Grid => ({ crs: WGS84, transform: [west, 1, 0, 90, 0, -1], width: 360, height: 180 })

describe('the antimeridian', () => {
  it('is crossed by a box over a projected grid', () => {
    // 1 km pixels around 180° at the equator in UTM 60 N, whose east lies beyond the antimeridian
    const [x] = transformPoint(WGS84, crs(32660), 180, 0.1) ?? [0]
    const grid: Grid = { crs: crs(32660), transform: [x - 50_000, 1000, 0, 100_000, 0, -1000], width: 100, height: 100 }
    const cropped = cropGrid(grid, box(179.9, 0.1, -179.9, 0.2), 'extent')
    expect(cropped?.width).toBeGreaterThanOrEqual(22)
    expect(cropped?.width).toBeLessThanOrEqual(25)
    const middle = (cropped?.transform[0] ?? 0) + ((cropped?.width ?? 0) / 2) * 1000
    expect(Math.abs(middle - x)).toBeLessThan(1500)
  })
  it('is crossed by a box over a grid from 0 to 360 degrees', () => {
    const cropped = cropGrid(globe(0), box(175, 0, -175, 10), 'extent')
    expect(cropped).toMatchObject({ width: 10, height: 10 })
    expect(cropped?.transform[0]).toBe(175)
  })
  it('cannot be crossed where the data lies on both ends of its grid, and the sentence says what to do', () => {
    expect(codeOf(() => cropGrid(globe(-180), box(175, 0, -175, 10), 'extent'))).toBe('ProcessParameterInvalid')
    expect(() => cropGrid(globe(-180), box(175, 0, -175, 10), 'extent')).toThrow('one by one')
  })
  it('longitudes of another turn are the same place', () => {
    expect(cropGrid(globe(0), box(-90, 0, -80, 10), 'extent')?.transform[0]).toBe(270)
    expect(cropGrid(globe(-180), box(270, 0, 280, 10), 'extent')?.transform[0]).toBe(-90)
  })
})

describe('the poles', () => {
  it('a box up to a pole over a polar grid', () => {
    const grid: Grid = { crs: crs(3413), transform: [-1e6, 1e4, 0, 1e6, 0, -1e4], width: 200, height: 200 }
    expect(cropGrid(grid, box(-180, 85, 180, 90), 'extent')).toMatchObject({ width: expect.any(Number) })
    const cropped = cropGrid(grid, box(-180, 85, 180, 90), 'extent')
    expect(cropped?.width).toBeGreaterThan(100)
  })
  it('a box beyond a pole is refused', () => {
    expect(codeOf(() => box(0, 80, 10, 91))).toBe('ProcessParameterInvalid')
    expect(codeOf(() => box(0, -91, 10, 0))).toBe('ProcessParameterInvalid')
  })
  it('a box around a pole does not meet data far away', () => {
    expect(cropGrid(utmGrid(10, 10), box(-180, 88, 180, 90), 'extent')).toBeNull()
  })
})

describe('boxes', () => {
  it('in reference systems given as a code, a text or WKT', () => {
    const edges = [600011, 5099985, 600020, 5099995] as const
    for (const system of [32632, 'EPSG:32632', crs(32632).proj4]) {
      const cropped = cropGrid(utmGrid(10, 10), box(...edges, { crs: system }), 'extent')
      expect(cropped).toMatchObject({ width: 1, height: 2 })
      expect(cropped?.transform[0]).toBe(600010)
    }
  })
  it('that are swapped are refused', () => {
    expect(codeOf(() => box(0, 10, 10, 0))).toBe('ProcessParameterInvalid')
    expect(codeOf(() => box(10, 0, 0, 10, { crs: 32632 }))).toBe('ProcessParameterInvalid')
  })
})

describe('grids of several scenes', () => {
  it('are joined on the lattice of the first', () => {
    const joined = unionGrid(utmGrid(4, 3), [utmGrid(4, 3, 10, -2), utmGrid(1, 1, -1, 0)])
    expect(joined).toMatchObject({ width: 15, height: 5 })
    expect(joined.transform.slice(0, 4)).toEqual([599990, 10, 0, 5100020])
  })
  it('of another lattice are covered by whole pixels', () => {
    const other: Grid = { ...utmGrid(2, 1), transform: [600044, 10, 0, 5099999, 0, -10] }
    expect(unionGrid(utmGrid(4, 3), [other])).toMatchObject({ width: 7, height: 3 })
  })
})
