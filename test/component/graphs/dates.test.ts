/** Promise: ranges, counts and class lists are what the collection and the user say, at the ends of months and years too. */
import { describe, expect, test } from 'vitest'
import {
  coveredDays,
  datePresets,
  datesWith,
  dayAfter,
  firstDates,
  monthsBefore,
  sceneBins,
  scenesWithin,
} from '../../../renderer/graphs/dates.ts'
import { readClasses } from '../../../renderer/graphs/read-classes.ts'
import { runTitle } from '../../../renderer/graphs/run-title.ts'
import { fullDraft } from './sample-work.ts'

const TODAY = '2026-11-20'

test('days and months, over leap days and short months', () => {
  expect(dayAfter('2024-02-28')).toBe('2024-02-29')
  expect(dayAfter('2025-12-31')).toBe('2026-01-01')
  expect(monthsBefore('2025-03-31', 1)).toBe('2025-02-28')
  expect(monthsBefore('2024-03-31', 1)).toBe('2024-02-29')
  expect(monthsBefore('2025-01-15', 12)).toBe('2024-01-15')
})

describe('the dates that a collection brings with it', () => {
  const scenes = (count: number, stepDays: number) => ({
    instants: Array.from({ length: count }, (_, i) => `${dayAfter('2025-01-01', i * stepDays)}T10:00:00Z`),
  })
  test('all of it up to 100 scenes, else its last three months, else nothing', () => {
    expect(firstDates(scenes(100, 1), TODAY)).toEqual(['2025-01-01', '2025-04-11'])
    expect(firstDates(scenes(101, 2), TODAY)).toEqual(['2025-04-21', '2025-07-21'])
    expect(firstDates(scenes(101, 0), TODAY)).toEqual(['2025-01-01', '2025-01-02'])
    expect(firstDates({ instants: [], interval: ['2015-01-01T00:00:00Z', null] }, TODAY)).toEqual([
      '2026-08-21',
      '2026-11-21',
    ])
    expect(firstDates({ instants: [] }, TODAY)).toBeNull()
  })
  test('never take the place of what was typed', () => {
    const [one, other] = [scenes(10, 5), scenes(20, 5)]
    const first = firstDates(one, TODAY)
    expect(datesWith([null, null], one, undefined, TODAY)).toEqual(first)
    expect(datesWith(['2024-01-01', null], one, undefined, TODAY)).toEqual(['2024-01-01', null])
    expect(datesWith([null, '2024-01-01'], other, one, TODAY)).toEqual([null, '2024-01-01'])
    // what the collection before had brought goes with it
    expect(datesWith(first as [string, string], other, one, TODAY)).toEqual(firstDates(other, TODAY))
    expect(datesWith(first as [string, string], { instants: [] }, one, TODAY)).toEqual([null, null])
  })
})

describe('the days of a collection', () => {
  test('come from its scenes, else from its interval, else are not known', () => {
    expect(coveredDays({ instants: ['2025-06-01T10:00:00Z', '2025-01-03T10:00:00Z'] }, TODAY)).toEqual({
      first: '2025-01-03',
      last: '2025-06-01',
    })
    expect(coveredDays({ instants: [], interval: ['2018-01-06T00:00:00Z', null] }, TODAY)).toEqual({
      first: '2018-01-06',
      last: TODAY,
    })
    expect(coveredDays({ instants: [], interval: [null, null] }, TODAY)).toBeNull()
    expect(coveredDays({ instants: ['nonsense'] }, TODAY)).toBeNull()
  })
  test('make presets that end after the last scene, none longer than the data', () => {
    const presets = datePresets({ instants: ['2025-05-10T10:00:00Z', '2025-06-30T10:00:00Z'] }, TODAY)
    expect(presets).toEqual([
      { label: 'Last scene', value: ['2025-06-30', '2025-07-01'] },
      { label: 'Last month', value: ['2025-05-31', '2025-07-01'] },
      { label: 'All', value: ['2025-05-10', '2025-07-01'] },
    ])
  })
})

test('scenes are counted by month without gaps, by year where there are many months', () => {
  const bins = sceneBins(['2025-03-01T00:00:00Z', '2024-12-31T23:59:59Z', '2025-03-31T10:00:00Z'])
  expect(bins.map(({ from, count }) => [from, count])).toEqual([
    ['2024-12-01', 1],
    ['2025-01-01', 0],
    ['2025-02-01', 0],
    ['2025-03-01', 2],
  ])
  const years = sceneBins(['1999-06-01T00:00:00Z', '2025-06-01T00:00:00Z'])
  expect(years).toHaveLength(27)
  expect(years.at(-1)).toEqual({ from: '2025-01-01', to: '2026-01-01', count: 1 })
  expect(sceneBins([])).toEqual([])
})

test('the end of a range is not in it', () => {
  const instants = ['2025-05-01T00:00:00Z', '2025-05-02T10:00:00Z', '2025-05-03T00:00:00Z']
  expect(scenesWithin(instants, ['2025-05-01', '2025-05-03'])).toBe(2)
  expect(scenesWithin(instants, [null, '2025-05-01'])).toBe(0)
  expect(scenesWithin(instants, ['2025-05-03', null])).toBe(1)
})

test('class lists as people type them', () => {
  expect(readClasses(' 8, 3;3 -1')).toEqual({ values: [-1, 3, 8] })
  expect(readClasses('')).toEqual({ values: [] })
  expect(readClasses('3.5').problem).toBe('3.5 is not a whole number.')
  expect(readClasses('9'.repeat(40)).problem).toBeDefined()
})

test('a run without a title is called after what it does', () => {
  const names = { recipe: 'NDVI', area: 'Inntal' }
  expect(runTitle(fullDraft, names)).toBe('NDVI of Inntal, 2025-05-01 to 2025-09-01')
  expect(runTitle({ ...fullDraft, temporalExtent: [null, '2025-09-01'] }, names)).toBe(
    'NDVI of Inntal, until 2025-09-01',
  )
  expect(runTitle({ ...fullDraft, title: '  Mine ' }, names)).toBe('Mine')
  expect(runTitle({ ...fullDraft, title: '' }, { area: 'x'.repeat(400) })).toHaveLength(300)
})
