/** Periods, instants, order statistics, polygons, strips: the parts that can be told by themselves. */
import { describe, expect, it } from 'vitest'
import { stripRows } from '../../../../main/local/evaluate/block-evaluator.ts'
import { rasterizePolygons } from '../../../../main/local/evaluate/geometry.ts'
import { readInstant, readInterval, writeInstant } from '../../../../main/local/evaluate/instants.ts'
import { quantilesOf } from '../../../../main/local/evaluate/order-statistics.ts'
import { PERIODS, periodOf, periodsBetween } from '../../../../main/local/evaluate/periods.ts'
import { reduceNumbers } from '../../../../main/local/evaluate/reductions.ts'
import { safeName } from '../../../../main/local/evaluate/result-files.ts'
import { blockWindows } from '../../../../main/local/evaluate/write-result.ts'
import { randomNumbers, utmGrid } from './fixtures.ts'

const seed = Number(process.env.SEED ?? 20261120)
const at = (text: string) => readInstant(text) ?? Number.NaN

describe('instants', () => {
  it.each([
    ['2023-06-01', '2023-06-01T00:00:00Z'],
    ['2023-06-01T10:20:30Z', '2023-06-01T10:20:30Z'],
    ['2023-06-01T10:20:30.250Z', '2023-06-01T10:20:30.250Z'],
    ['2023-06-01T10:20:30+02:00', '2023-06-01T08:20:30Z'],
    ['2023-06-01T00:20:30-01:30', '2023-06-01T01:50:30Z'],
    ['2023-06-01T10:20:30', '2023-06-01T10:20:30Z'],
    ['2024-02-29', '2024-02-29T00:00:00Z'],
  ])('%s is %s', (text, expected) => expect(writeInstant(at(text))).toBe(expected))
  it.each([
    '2023-02-29',
    '2023-13-01',
    '2023-1-1',
    '2023',
    'today',
    '',
    '2023-06-01T25:00:00Z',
    '2023-06-01T10:60:00Z',
  ])('%j is none', (text) => expect(readInstant(text)).toBeNull())
  it('an interval is left-closed and may be open', () => {
    expect(readInterval(['2023-01-01', null], 'extent')).toEqual({ start: at('2023-01-01'), end: Infinity })
    expect(readInterval(null, 'extent')).toBeNull()
  })
})

describe('periods', () => {
  it.each([
    ['hour', '2023-06-01T10:59:59Z', '2023-06-01-10', '2023-06-01T10:00:00Z', '2023-06-01T11:00:00Z'],
    ['day', '2024-12-31T10:00:00Z', '2024-366', '2024-12-31T00:00:00Z', '2025-01-01T00:00:00Z'],
    ['week', '2021-01-03', '2020-53', '2020-12-28T00:00:00Z', '2021-01-04T00:00:00Z'],
    ['week', '2024-12-30', '2025-01', '2024-12-30T00:00:00Z', '2025-01-06T00:00:00Z'],
    ['dekad', '2023-01-31', '2023-03', '2023-01-21T00:00:00Z', '2023-02-01T00:00:00Z'],
    ['dekad', '2023-12-21', '2023-36', '2023-12-21T00:00:00Z', '2024-01-01T00:00:00Z'],
    ['dekad', '2023-02-10', '2023-04', '2023-02-01T00:00:00Z', '2023-02-11T00:00:00Z'],
    ['month', '2023-02-28', '2023-02', '2023-02-01T00:00:00Z', '2023-03-01T00:00:00Z'],
    ['season', '2022-12-01', '2023-djf', '2022-12-01T00:00:00Z', '2023-03-01T00:00:00Z'],
    ['season', '2023-02-28', '2023-djf', '2022-12-01T00:00:00Z', '2023-03-01T00:00:00Z'],
    ['season', '2023-11-30', '2023-son', '2023-09-01T00:00:00Z', '2023-12-01T00:00:00Z'],
    ['tropical-season', '2022-11-01', '2023-ndjfma', '2022-11-01T00:00:00Z', '2023-05-01T00:00:00Z'],
    ['tropical-season', '2023-04-30', '2023-ndjfma', '2022-11-01T00:00:00Z', '2023-05-01T00:00:00Z'],
    ['tropical-season', '2023-05-01', '2023-mjjaso', '2023-05-01T00:00:00Z', '2023-11-01T00:00:00Z'],
    ['year', '2023-12-31', '2023', '2023-01-01T00:00:00Z', '2024-01-01T00:00:00Z'],
    ['decade', '2020-01-01', '2020', '2020-01-01T00:00:00Z', '2030-01-01T00:00:00Z'],
    ['decade-ad', '2020-12-31', '2011', '2011-01-01T00:00:00Z', '2021-01-01T00:00:00Z'],
  ] as const)('%s of %s is %s', (name, time, label, start, end) => {
    expect(periodOf(name, at(time))).toEqual({ label, start: at(start), end: at(end) })
  })

  it(`follow one another without gaps, each its own (seed ${seed})`, () => {
    const random = randomNumbers(seed)
    for (const name of PERIODS) {
      for (let i = 0; i < 200; i++) {
        const time = at('1965-01-01') + Math.floor(random() * 80 * 365.25 * 86_400_000)
        const period = periodOf(name, time)
        expect(time >= period.start && time < period.end, `${name} of ${writeInstant(time)}`).toBe(true)
        expect(periodOf(name, period.start)).toEqual(period)
        expect(periodOf(name, period.end - 1)).toEqual(period)
        expect(periodOf(name, period.end).start).toBe(period.end)
      }
    }
  })

  it('are complete between two instants', () => {
    const days = periodsBetween('day', at('2020-01-01'), at('2020-12-31'), 1000)
    expect(days).toHaveLength(366)
    expect(periodsBetween('day', at('2020-01-05'), at('2020-01-05'), 10)?.map(({ label }) => label)).toEqual([
      '2020-005',
    ])
    expect(periodsBetween('hour', at('1900-01-01'), at('2100-01-01'), 1000)).toBeNull()
  })
})

describe('statistics', () => {
  it(`quantiles by selection are those of sorted numbers (seed ${seed})`, () => {
    const random = randomNumbers(seed)
    for (let round = 0; round < 300; round++) {
      const count = 1 + Math.floor(random() * 80)
      const values = Float64Array.from({ length: count }, () =>
        Math.round((random() - 0.5) * (random() < 0.3 ? 4 : 1000)),
      )
      const probabilities = Array.from({ length: 1 + Math.floor(random() * 5) }, random).toSorted((a, b) => a - b)
      const sorted = values.toSorted()
      const expected = probabilities.map((p) => {
        const h = (count - 1) * p
        const low = sorted[Math.floor(h)] as number
        return low + (h - Math.floor(h)) * ((sorted[Math.ceil(h)] as number) - low)
      })
      const found: number[] = []
      quantilesOf(values, count, probabilities, (_, value) => found.push(value))
      for (const [i, value] of expected.entries()) expect(found[i]).toBeCloseTo(value, 9)
    }
  })
  it('variance keeps its digits where the numbers are large', () => {
    expect(reduceNumbers('variance', [1e12 + 4, 1e12 + 7, 1e12 + 13, 1e12 + 16], true)).toBe(30)
  })
})

describe('polygons over pixels', () => {
  const grid = utmGrid(5, 5)
  const window = { column: 0, row: 0, width: 5, height: 5 }
  const ring = (...points: [number, number][]) =>
    Float64Array.from(points.flatMap(([x, y]) => [600000 + x, 5100000 - y]))
  const rows = (...polygons: Float64Array[][]) => {
    const flat = rasterizePolygons(
      polygons.map((rings) => ({ rings })),
      grid,
      window,
    )
    return Array.from({ length: 5 }, (_, row) => [...flat.subarray(row * 5, row * 5 + 5)].join(''))
  }
  it('borders through pixel centres count', () => {
    expect(rows([ring([5, 5], [25, 5], [25, 25], [5, 25], [5, 5])])).toEqual([
      '11100',
      '11100',
      '11100',
      '00000',
      '00000',
    ])
  })
  it('holes are left out, but for their border', () => {
    const outer = ring([0, 0], [50, 0], [50, 50], [0, 50], [0, 0])
    expect(rows([outer, ring([11, 11], [39, 11], [39, 39], [11, 39], [11, 11])])).toEqual([
      '11111',
      '10001',
      '10001',
      '10001',
      '11111',
    ])
  })
  it('polygons that overlap are joined', () => {
    const left = ring([0, 0], [30, 0], [30, 10], [0, 10], [0, 0])
    const right = ring([20, 0], [50, 0], [50, 10], [20, 10], [20, 0])
    expect(rows([left], [right])[0]).toBe('11111')
  })
  it('what lies outside of the window changes nothing', () => {
    expect(rows([ring([-500, -500], [-100, -500], [-100, -100], [-500, -500])])).toEqual(Array(5).fill('00000'))
  })
})

describe('blocks', () => {
  it('cover the raster once', () => {
    const seen = new Uint8Array(1000 * 700)
    for (const { column, row, width, height } of blockWindows(1000, 700, 256)) {
      for (let y = row; y < row + height; y++)
        for (let x = column; x < column + width; x++) seen[y * 1000 + x] = (seen[y * 1000 + x] ?? 0) + 1
    }
    expect(seen.every((times) => times === 1)).toBe(true)
  })
  it('are divided where the memory is small', () => {
    const window = { column: 0, row: 0, width: 512, height: 512 }
    expect(stripRows(window, 8, 1e9)).toBe(512)
    expect(stripRows(window, 1000, 32 * 1024 * 1024)).toBe(64)
    expect(stripRows(window, 1e6, 1)).toBe(1)
  })
  it.each([
    ['2023-06-01', '2023-06-01'],
    ['../../etc/passwd', 'etc_passwd'],
    ['a:b*c?"<>|', 'a_b_c'],
    ['', ''],
  ])('the label %j is safe as %j', (label, expected) => expect(safeName(label)).toBe(expected))
})
