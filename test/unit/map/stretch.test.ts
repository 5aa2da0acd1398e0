/** Promises: limits, units, colour tables and histogram positions are what legend, handles and shader agree on. */
import { describe, expect, test } from 'vitest'
import type { BandStatistics } from '../../../preload/contract/layers.ts'
import { COLOUR_MAPS, colourMapOf, colourTable } from '../../../renderer/viewer/colour-maps.ts'
import * as stretch from '../../../renderer/viewer/stretch.ts'

const statistics: BandStatistics = {
  band: 0,
  count: 100,
  validCount: 90,
  min: -4000,
  max: 9500,
  mean: 3000,
  stdDev: 1800,
  p2: -900,
  p98: 7100,
  histogram: { from: -4000, to: 9500, counts: [0, 4, 16, 1] },
  isApproximate: true,
}

describe('stretch', () => {
  test('places values between the limits, with gamma above 1 brighter', () => {
    expect(stretch.shade(50, [0, 100], 1)).toBe(0.5)
    expect(stretch.shade(-5, [0, 100], 1)).toBe(0)
    expect(stretch.shade(105, [0, 100], 2)).toBe(1)
    expect(stretch.shade(25, [0, 100], 2)).toBe(0.5)
    expect(stretch.shade(Number.NaN, [0, 1], 1)).toBeNaN()
  })
  test('presets', () => {
    expect(stretch.presetLimits('min-max', statistics)).toEqual([-4000, 9500])
    expect(stretch.presetLimits('percentiles', statistics)).toEqual([-900, 7100])
    expect(stretch.presetLimits('deviation', statistics)).toEqual([-600, 6600])
    expect(stretch.presetLimits('symmetric', statistics)).toEqual([-7100, 7100])
    expect(stretch.presetLimits('min-max', { ...statistics, min: 5, max: 5 })).toBeNull()
    expect(stretch.presetLimits('percentiles', { ...statistics, p2: Number.NaN })).toBeNull()
  })
  test('limits never meet or pass', () => {
    expect(stretch.withLimit([0, 10], 0, 20, [0, 100])).toEqual([9.9, 10])
    expect(stretch.withLimit([0, 10], 1, -5, [0, 100])).toEqual([0, 0.1])
  })
})

describe('units', () => {
  const info = { scale: 0.0001, offset: -0.1 }
  test('stored and real values agree both ways', () => {
    expect(stretch.toReal(5000, info)).toBeCloseTo(0.4, 12)
    expect(stretch.toStored(stretch.toReal(1234, info), info)).toBeCloseTo(1234, 8)
    expect(stretch.toStored(3, { scale: 0, offset: 0 })).toBe(3)
  })
  test.each([
    [0.123456, '0.1235'],
    [1500, '1500'],
    [0.00001234, '1.23e-5'],
    [-0.5, '-0.5'],
    [Number.NaN, '–'],
  ])('%d is written %s', (value, wanted) => expect(stretch.numberLabel(value)).toBe(wanted))
})

describe('histogram', () => {
  test('handles stand where their values lie, and come back to them', () => {
    const axis = stretch.axisOf(statistics.histogram, [-5000, 7000])
    expect(axis).toEqual([-5000, 9500])
    expect(stretch.valueToX(9500, axis, 290)).toBe(290)
    expect(stretch.xToValue(stretch.valueToX(1234, axis, 290), axis, 290)).toBeCloseTo(1234, 8)
    expect(stretch.xToValue(-20, axis, 290)).toBe(-5000)
  })
  test('small counts can be seen beside a peak', () => {
    expect(stretch.barHeights([0, 4, 16, 1])).toEqual([0, 0.5, 1, 0.25])
    expect(stretch.barHeights([0, 0])).toEqual([0, 0])
  })
  test('an axis without extent is given one', () => {
    expect(stretch.axisOf({ from: 3, to: 3, counts: [9] }, [3, 3])).toEqual([2.5, 3.5])
  })
})

describe('colour maps', () => {
  test('every map has 256 opaque colours, ends at its anchors, and can be turned around', () => {
    for (const { id, anchors } of COLOUR_MAPS) {
      const table = colourTable(id)
      const hex = (i: number) => [...table.slice(i * 4, i * 4 + 3)].map((v) => v.toString(16).padStart(2, '0')).join('')
      expect(table.length).toBe(1024)
      expect(hex(0)).toBe(anchors[0])
      expect(hex(255)).toBe(anchors.at(-1))
      expect([...colourTable(id, true).slice(0, 3)]).toEqual([...table.slice(255 * 4, 255 * 4 + 3)])
      expect(table.filter((_, i) => i % 4 === 3).every((alpha) => alpha === 255)).toBe(true)
    }
  })
  test('sequential maps that claim to be even get lighter or darker all along', () => {
    for (const id of ['viridis', 'magma', 'inferno', 'cividis', 'greys', 'blues']) {
      const table = colourTable(id)
      const light = Array.from({ length: 256 }, (_, i) => {
        const [r = 0, g = 0, b = 0] = table.slice(i * 4, i * 4 + 3)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b
      })
      const steps = light.slice(1).map((value, i) => value - (light[i] as number))
      const falls = steps.filter((step) => step < -0.8).length
      const rises = steps.filter((step) => step > 0.8).length
      expect(Math.min(falls, rises), id).toBe(0)
    }
  })
  test('ids are found in any case, and unknown ones fall back', () => {
    expect(colourMapOf('RdYlGn').id).toBe('rdylgn')
    expect(colourMapOf('nonsense').id).toBe('viridis')
  })
})

test('the closest useful zoom is that of the file', () => {
  // 10 m pixels: 40075 km / 10 m = 2^21.9 pixels around the world
  const degrees = 10 / 111_319.49
  expect(stretch.nativeZoom([0, 0, degrees * 1000, 1], 1000, 256)).toBe(14)
  expect(stretch.nativeZoom([179, 0, -179, 1], 1000, 256)).toBe(10)
  expect(stretch.nativeZoom([0, 0, 0, 0], 10, 256)).toBe(22)
})
