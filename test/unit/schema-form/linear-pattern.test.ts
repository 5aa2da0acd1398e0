/** Promise: no pattern of a back-end can hold up the window: only what is proven to run in linear time is run. */
import { describe, expect, test } from 'vitest'
import { fieldProblem } from '../../../renderer/ui/schema-form/check-value.ts'
import { fieldsOf } from '../../../renderer/ui/schema-form/fields.ts'
import { runsInLinearTime } from '../../../renderer/ui/schema-form/linear-pattern.ts'

const EVIL = [
  `${'.?'.repeat(24)}!`,
  `${'a?'.repeat(24)}${'a'.repeat(24)}`,
  '(a+)+$',
  '([a-zA-Z]+)*$',
  '(a|aa)+$',
  '(a|a?)+$',
  '(.*a){12}$',
  '^(a*)*$',
  '^(a?){30}$',
  '(x+x+)+y',
  '^.*.*.*.*=$',
  '\\d+\\d+\\d+!',
  '\\s*\\s*\\s*!',
  '\\w*\\d*\\w*!',
  '[ab]*[bc]*[ab]*!',
  '[^a]*[^b]*!',
  `${'(a?|b?)'.repeat(20)}!`,
  '(a?)?b',
  '(?:(?:a{1,9}){1,9}){1,9}!',
  '(?:a|b|ab){20}!',
  'a{0,40}a{0,40}a{0,40}!',
  '([^"\\\\]|\\\\.|.)*"',
  '(a)\\1*',
  '^(?=(a+))\\1b',
  '(?<=a+)b',
  '(?<x>a)\\k<x>',
  '\\p{L}+\\p{N}+!',
  '[\\s\\S]*x[\\s\\S]*y',
  '((a*)|b)*c',
  '(|a)*b',
  '[^\\s]*[\\s]*a',
]
const HARMLESS: [pattern: string, right: string, wrong: string][] = [
  ['^[\\w\\-]+$', 'a-b_1', 'a b'],
  ['^\\d{4}-\\d{2}-\\d{2}$', '2025-01-31', '2025-1-31'],
  ['^\\d{4}(-\\d{2}(-\\d{2})?)?$', '2025-01', '2025-'],
  ['^S2[AB]_MSIL[12][AC]$', 'S2A_MSIL2A', 'S2D_MSIL2A'],
  ['^T?\\d{2}[A-Z]{3}$', 'T32UPU', '3UPU'],
  ['^[a-z]+(-[a-z]+)*$', 'a-b-c', 'a--b'],
  ['^(asc|desc)$', 'desc', 'description'],
  ['^[^,]+(,[^,]+)*$', 'a,b', 'a,,b'],
  ['^\\w{1,8}\\.tiff?$', 'a.tif', 'a.tiffs'],
  ['^(?:north|south)?$', 'north', 'east'],
  ['[0-9]+', 'a1', 'a'],
]

test.each(EVIL)('%s is left to the back-end', (pattern) => {
  expect(runsInLinearTime(pattern)).toBe(false)
})
describe('what is harmless is checked', () => {
  test.each(HARMLESS)('%s', (pattern, right, wrong) => {
    expect(runsInLinearTime(pattern)).toBe(true)
    const [field] = fieldsOf({ properties: { p: { type: 'string', pattern } } })
    if (!field) throw new Error('no field')
    expect(fieldProblem(field, right)).toBeUndefined()
    expect(fieldProblem(field, wrong)).toBe(`This has to match ${pattern}`)
  })
})
test('what is no pattern, too long, or not understood counts as slow, and the value as right', () => {
  for (const pattern of ['(', 'a)', '[a', 'a{2,1}', 'a{', '*', '\\', '[b-a]', '\\u{41}', 'a'.repeat(201), 'a{201}']) {
    expect(runsInLinearTime(pattern), pattern).toBe(false)
    const [field] = fieldsOf({ properties: { p: { type: 'string', pattern } } })
    expect(field && fieldProblem(field, 'zzz')).toBeUndefined()
  }
})

/** Steps of a matcher that goes back, over the same grammar as the proof: letters, `?`, `*`, groups and choices. */
test('random patterns that pass need no more steps than length times size, from each place', () => {
  const seed = Date.now() % 100_000
  console.info(`seed ${seed}`)
  let state = seed + 1
  const random = (below: number) => {
    state = (state * 48_271) % 2_147_483_647
    return state % below
  }
  type Node =
    | { is: 'letter'; letter: string }
    | { is: 'all' | 'one of'; parts: Node[] }
    | { is: 'star' | 'maybe'; part: Node }
  const node = (depth: number): Node => {
    const kind = depth > 3 ? 0 : random(6)
    if (kind < 2) return { is: 'letter', letter: 'abc'[random(3)] as string }
    if (kind === 2) return { is: 'all', parts: [node(depth + 1), node(depth + 1), node(depth + 1)] }
    if (kind === 3) return { is: 'one of', parts: [node(depth + 1), node(depth + 1)] }
    return { is: kind === 4 ? 'star' : 'maybe', part: node(depth + 1) }
  }
  const textOf = (one: Node): string =>
    one.is === 'letter'
      ? one.letter
      : one.is === 'all'
        ? one.parts.map(textOf).join('')
        : one.is === 'one of'
          ? `(${one.parts.map(textOf).join('|')})`
          : `(${textOf((one as { part: Node }).part)})${one.is === 'star' ? '*' : '?'}`
  let steps = 0
  const run = (one: Node, text: string, at: number, then: (at: number) => boolean): boolean => {
    if (++steps > 1e6) throw new Error('too many steps')
    if (one.is === 'letter') return text[at] === one.letter && then(at + 1)
    if (one.is === 'all') {
      const go = (index: number, place: number): boolean => {
        const part = one.parts[index]
        return part ? run(part, text, place, (next) => go(index + 1, next)) : then(place)
      }
      return go(0, at)
    }
    if (one.is === 'one of') return one.parts.some((part) => run(part, text, at, then))
    if (one.is === 'maybe') return run(one.part, text, at, then) || then(at)
    const part = (one as { part: Node }).part
    return run(part, text, at, (next) => next > at && run(one, text, next, then)) || then(at)
  }
  let passed = 0
  for (let round = 0; round < 4000; round++) {
    const tree = node(0)
    const pattern = textOf(tree)
    if (!runsInLinearTime(pattern)) continue
    passed++
    const text = Array.from({ length: 60 }, () => 'abc'[random(3)]).join('')
    for (const one of [text, 'a'.repeat(60), 'ab'.repeat(30)]) {
      steps = 0
      run(tree, one, 0, () => false)
      expect(steps, pattern).toBeLessThan(61 * 4 * (pattern.length + 1))
    }
  }
  expect(passed).toBeGreaterThan(200)
})
