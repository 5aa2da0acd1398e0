/** Promise: every failure has its sentence, commands are found by a few letters, numbers read the same everywhere. */
import { describe, expect, test } from 'vitest'
import { ERROR_CODES } from '../../../preload/contract/errors.ts'
import { matchesShortcut } from '../../../renderer/app/actions.svelte.ts'
import { failureDetails, failures } from '../../../renderer/app/failures.ts'
import { fuzzyMatch, piecesOf } from '../../../renderer/app/fuzzy.ts'
import { scaleWords } from '../../../renderer/app/scale.ts'
import { scopedId, splitScopedId } from '../../../renderer/app/selection.svelte.ts'
import {
  countOf,
  formatAgo,
  formatArea,
  formatBytes,
  formatDuration,
  formatNumber,
  formatPosition,
} from '../../../renderer/ui/format.ts'

describe('failures', () => {
  test.each(ERROR_CODES)('%s has one sentence, in neutral words', (code) => {
    const { says } = failures[code]
    expect(says).toMatch(/^[A-Z].*\.$/)
    expect(says).not.toMatch(/\b(we|our|sorry|oops|please|null|undefined|exception)\b/i)
  })
  test('the details name codes and references, and nothing that the message may hold', () => {
    const details = failureDetails(
      {
        code: 'back-end',
        message: 'Inntal is not there.',
        retry: 'never',
        serverCode: 'NotFound',
        serverRef: 'r-1',
        logRef: 'l-9',
        fields: { name: 'private' },
      },
      '1.2.3',
    )
    expect(details.split('\n')).toEqual([
      'Swath 1.2.3',
      'Code: back-end',
      "Back-end's code: NotFound",
      "Back-end's reference: r-1",
      'Log reference: l-9',
    ])
  })
})

describe('finding commands', () => {
  const rank = (query: string, ...titles: string[]) =>
    titles
      .flatMap((title) => {
        const match = fuzzyMatch(query, title)
        return match ? [{ title, score: match.score }] : []
      })
      .sort((a, b) => b.score - a.score)
      .map(({ title }) => title)

  test('letters in order, others not', () => {
    expect(fuzzyMatch('gtm', 'Go to the map')).not.toBeNull()
    expect(fuzzyMatch('mtg', 'Go to the map')).toBeNull()
    expect(fuzzyMatch('mapp', 'Go to the map')).toBeNull()
  })
  test('word starts and runs come first', () => {
    expect(rank('map', 'Make a prism', 'Go to the map')[0]).toBe('Go to the map')
    expect(rank('hl', 'Show the library', 'Hide list')[0]).toBe('Hide list')
    expect(rank('set', 'Use the light theme', 'Go to settings', 'Show the result')[0]).toBe('Go to settings')
  })
  test('the hits are the letters that are drawn bold', () => {
    const title = 'Go to the map'
    const pieces = piecesOf(title, fuzzyMatch('gomap', title)?.hits ?? [])
    expect(pieces.map(({ text }) => text).join('')).toBe(title)
    expect(
      pieces
        .filter(({ isHit }) => isHit)
        .map(({ text }) => text)
        .join(''),
    ).toBe('Gomap')
  })
  test('a long query and a long title stay quick', () => {
    const from = performance.now()
    fuzzyMatch('ab'.repeat(500), 'ab'.repeat(1000))
    expect(performance.now() - from).toBeLessThan(500)
  })
})

describe('shortcuts', () => {
  const press = (key: string, modifiers: KeyboardEventInit = {}) => new KeyboardEvent('keydown', { key, ...modifiers })
  test('modifiers must be those that are named, no more and no fewer', () => {
    expect(matchesShortcut('Mod+K', press('k', { ctrlKey: true }))).toBe(true)
    expect(matchesShortcut('Mod+K', press('k'))).toBe(false)
    expect(matchesShortcut('Mod+K', press('K', { ctrlKey: true, shiftKey: true }))).toBe(false)
    expect(matchesShortcut('Mod+K', press('k', { ctrlKey: true, altKey: true }))).toBe(false)
    expect(matchesShortcut('Shift+F6', press('F6', { shiftKey: true }))).toBe(true)
    expect(matchesShortcut('F6', press('F6', { shiftKey: true }))).toBe(false)
  })
})

describe('numbers', () => {
  test('bytes', () => {
    expect([0, 999, 1000, 1_234_567, 999_999, 5.5e12].map(formatBytes)).toEqual([
      '0 B',
      '999 B',
      '1 kB',
      '1.23 MB',
      '1 MB',
      '5.5 TB',
    ])
  })
  test('measured values', () => {
    expect([0, 0.42134567, 1234.56789, -12.5, 3.2e-7, 65535, 1234567].map((value) => formatNumber(value))).toEqual([
      '0',
      '0.42135',
      '1,234.6',
      '-12.5',
      '3.2e-7',
      '65,535',
      '1,234,567',
    ])
    expect(formatNumber(Number.NaN)).toBe('no value')
  })
  test('areas', () => {
    expect(formatArea(0.5312)).toBe('0.531 km²')
    expect(formatArea(1234.2)).toBe('1,234 km²')
    expect(formatArea(0.5312, 'ha')).toBe('53.1 ha')
  })
  test('durations', () => {
    expect([0, 850, 3210, 59_900, 245_000, 3_600_000, 7_380_000].map(formatDuration)).toEqual([
      '0 ms',
      '850 ms',
      '3.2 s',
      '1 min',
      '4 min 5 s',
      '1 h',
      '2 h 3 min',
    ])
  })
  test('how long ago', () => {
    const now = Date.UTC(2026, 10, 20, 12)
    const ago = (seconds: number) => formatAgo(now - seconds * 1000, now)
    expect([5, 60, 3500, 7200, 86_400, 3 * 86_400].map(ago)).toEqual([
      'just now',
      '1 min ago',
      '58 min ago',
      '2 h ago',
      '1 day ago',
      '3 days ago',
    ])
    expect(ago(-300)).toBe('in 5 min')
    expect(ago(40 * 86_400)).toBe('11 Oct 2026')
  })
  test('counts', () => {
    expect([countOf(1, 'job'), countOf(1200, 'job'), countOf(2, 'entry', 'entries')]).toEqual([
      '1 job',
      '1,200 jobs',
      '2 entries',
    ])
  })
  test('positions, also beyond the antimeridian', () => {
    expect(formatPosition(11.5, 47.12346)).toBe('47.1235° N, 11.5000° E')
    expect(formatPosition(190, -3, 1)).toBe('3.0° S, 170.0° W')
    expect(formatPosition(-190, 0, 1)).toBe('0.0° N, 170.0° E')
  })
  test('scales', () => {
    expect([1.4, 23, 19_567.9].map(scaleWords)).toEqual(['1:5,000', '1:82,000', '1:70,000,000'])
    expect([null, 0, Number.NaN, Number.POSITIVE_INFINITY].map(scaleWords)).toEqual([null, null, null, null])
  })
})

test('ids of several connections do not mix', () => {
  const id = scopedId('a/b', 'c/d')
  expect(splitScopedId(id)).toEqual({ connectionId: 'a/b', id: 'c/d' })
  expect(id).not.toBe(scopedId('a', 'b/c/d'))
})
