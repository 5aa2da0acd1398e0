/** JSON from outside: the depth that is counted is the depth that parsing gives, and hostile texts are refused. */
import { expect, test } from 'vitest'
import { DEEPEST_JSON, jsonDepth, parseJson } from '../../../../main/local/server/read-request.ts'
import { createRandom } from '../../../fakes/random.ts'

const depthOf = (value: unknown): number =>
  typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0

test('the depth of random values, braces and quotes in their texts included', () => {
  const random = createRandom('JSON values')
  const texts = ['', '{', ']', '"', '\\', '\\"{', '[[[', 'a"b{c']
  const value = (most: number): unknown => {
    const kind = random.integer(most > 0 ? 4 : 2)
    if (kind === 0) return random.pick(texts)
    if (kind === 1) return random.pick([null, true, -1.5e3])
    const inner = Array.from({ length: random.integer(4) }, () => value(most - 1))
    return kind === 2 ? inner : Object.fromEntries(inner.map((one, i) => [`${random.pick(texts)}${i}`, one]))
  }
  for (let i = 0; i < 2_000; i++) {
    const made = value(6)
    expect(jsonDepth(JSON.stringify(made)), JSON.stringify(made)).toBe(depthOf(made))
  }
})

test('the deepest that is accepted is accepted, one more is not', () => {
  const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)
  expect(depthOf(parseJson(nested(DEEPEST_JSON)))).toBe(DEEPEST_JSON)
  expect(() => parseJson(nested(DEEPEST_JSON + 1))).toThrow(expect.objectContaining({ code: 'RequestInvalid' }))
})

test('keys after prototypes are refused at any depth', () => {
  for (const text of ['{"__proto__":1}', '{"a":[{"b":{"__proto__":{}}}]}', '{"\\u005f_proto__":{}}'])
    expect(() => parseJson(text)).toThrow(expect.objectContaining({ code: 'RequestInvalid' }))
  expect(parseJson('{"constructor":1}')).toEqual({ constructor: 1 })
})
