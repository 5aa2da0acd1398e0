/** Promise: a formula becomes a graph that computes what the formula says, and a wrong one is refused at its place. */
import { expect, test } from 'vitest'
import { parseFormula } from '../../../main/graphs/formula.ts'
import { formulaGraph } from '../../../main/graphs/formula-graph.ts'
import { evaluate } from './child-graph-interpreter.ts'
import { randomExpression, randomOf } from './random-formula.ts'

const BANDS = [
  { name: 'B02', commonName: 'blue' },
  { name: 'B04', commonName: 'red' },
  { name: 'B05', commonName: 'rededge' },
  { name: 'B06', commonName: 'rededge' },
  { name: 'B08', commonName: 'nir' },
  { name: 'near-infrared 2' },
  { name: 'e' },
]
const PIXEL = { B02: 300, B04: 500, B05: 600, B06: 700, B08: 3000, 'near-infrared 2': 2, e: 10 }

function compute(text: string, pixel: Record<string, number | null> = PIXEL) {
  const parsed = parseFormula(text, BANDS)
  if (!parsed.ok) throw new Error(`${parsed.error.message} (${parsed.error.position})`)
  return evaluate(formulaGraph(parsed), pixel)
}

test.each([
  ['(B08 - B04) / (B08 + B04)', 2500 / 3500],
  ['(nir - red) / (nir + red)', 2500 / 3500],
  ['-B04^2', -250_000],
  ['2^3^2 + 0*B04', 512],
  ['B04 - 100 - 50', 350],
  ['B04 / 10 * 2', 100],
  ['"near-infrared 2" ** -1', 0.5],
  ["'B04' − 1", 499],
  ['e * 2', 20],
  ['pi + 0 * B04', Math.PI],
  ['min(B02, B04, 5)', 5],
  ['max(B02, B04)', 500],
  ['mean(red, nir)', 1750],
  ['sqrt(B04 * B04)', 500],
  ['abs(B04 - nir)', 2500],
  ['exp(ln(B04))', 500],
  ['log(B04)', Math.log(500)],
  ['log10(B04 * 2)', 3],
  ['log(B04, 500)', 1],
  ['nd(nir, red)', 2500 / 3500],
  ['clip(B04, 0, 100)', 100],
  ['B04 % 300', 200],
  ['if(B04 > B02, 1, 2)', 1],
  ['if(not B04 > B02 or B04 == 1, 1, 2)', 2],
  ['B04 > 100 and B04 < 600', 1],
  ['!(B04 > 100) || B04 <> 500', 0],
  ['round(B04 / 7, 2)', 71.43],
  ['IF(B04 >= 500, .5, 1e1)', 0.5],
])('%s is %d', (text, expected) => {
  expect(compute(text)).toBeCloseTo(expected, 9)
})

test('a pixel without a value stays without one, in conditions too', () => {
  const pixel = { ...PIXEL, B04: null }
  expect(compute('B04 + 1', pixel)).toBeNull()
  expect(compute('if(B04 > 3, 1, 0)', pixel)).toBeNull()
  expect(compute('B04 > 3', pixel)).toBeNull()
  expect(compute('if(is_nodata(B04), 7, 8)', pixel)).toBe(7)
})

test('equal parts are written once, and only the result node says so', () => {
  const parsed = parseFormula('(B08 - B04) / (B08 - B04 + B08)', BANDS)
  if (!parsed.ok) throw new Error(parsed.error.message)
  const graph = formulaGraph(parsed)
  expect(Object.keys(graph)).toEqual(['band_B08', 'band_B04', 'subtract_1', 'add_1', 'divide_1'])
  expect(
    Object.entries(graph)
      .filter(([, node]) => node.result === true)
      .map(([id]) => id),
  ).toEqual(['divide_1'])
})

test.each([
  ['', 0, 'The formula is empty.'],
  ['   ', 0, 'The formula is empty.'],
  ['B04 +', 4, 'A value is missing at the end.'],
  ['(B04', 0, 'This bracket is never closed.'],
  ['B04)', 3, 'This bracket closes nothing.'],
  ['2 B04', 2, 'An operator is missing before B04.'],
  ['B04 + * 2', 6, 'A value is missing before *.'],
  ['b04 * 2', 0, 'The collection has no band b04. Its band B04 is written differently.'],
  ['1 + B99', 4, 'The collection has no band B99. It has B02, B04, B05, B06, B08, near-infrared 2, e.'],
  ['rededge', 0, 'Several bands are called rededge: B05, B06. Name one of them.'],
  ['foo(B04)', 0, 'There is no function foo.'],
  ['sqrt(B04, 2)', 0, 'sqrt takes 1 value, not 2.'],
  ['min()', 0, 'min takes 1 to 50 values, not 0.'],
  ['sqrt', 0, 'The function sqrt needs brackets with its values.'],
  ['if(B04, 1, 2)', 3, 'if needs a condition here, such as a > b, not a number.'],
  ['(B04 > 1) + 1', 1, '+ needs a number here, not a condition. Write if(condition, 1, 0).'],
  ['1 < B04 < 3', 8, 'Comparisons do not chain: write a < b and b < c.'],
  ['1 + 2', 0, 'The formula uses no band.'],
  ['B04 # 2', 4, 'The character # means nothing in a formula.'],
  ['"B04', 0, 'The quote that begins here is never closed.'],
  ['1e999 * B04', 0, 'The number is too large.'],
  ['max(B04, 1', 3, 'This bracket is never closed.'],
  ['B04, B02', 3, 'A comma only separates the values of a function.'],
  ['constructor', 0, 'The collection has no band constructor. It has B02, B04, B05, B06, B08, near-infrared 2, e.'],
  ['__proto__(B04)', 0, 'There is no function __proto__.'],
])('%j is refused at character %d', (text, position, message) => {
  expect(parseFormula(text, BANDS)).toMatchObject({ ok: false, error: { position, message } })
})

test('hostile texts are refused quickly and without overflowing the stack', () => {
  const texts = [
    `${'('.repeat(1990)}B04`,
    `${'-'.repeat(1990)}B04`,
    `${'!'.repeat(390)}B04`,
    `${'sqrt('.repeat(300)}B04`,
    `B04${'^2'.repeat(190)}`,
    'B04+'.repeat(600),
    'a'.repeat(100_000),
    '1'.repeat(1900),
    '\u0000',
    '"'.repeat(1999),
  ]
  const start = performance.now()
  for (const text of texts) expect(parseFormula(text, BANDS), text.slice(0, 20)).toMatchObject({ ok: false })
  expect(performance.now() - start).toBeLessThan(500)
})

test('a long chain without nesting is allowed', () => {
  expect(compute(Array.from({ length: 190 }, () => 'B02').join(' + '))).toBe(190 * 300)
})

test('2,000 random formulas: the graph gives what the formula gives', () => {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))
  console.log(`formula seed ${seed}`)
  const random = randomOf(seed)
  for (let round = 0; round < 2000; round++) {
    const { text, value } = randomExpression(random, PIXEL, 5)
    const whole = `B04 * 0 + (${text})`
    const expected = PIXEL.B04 * 0 + value
    const computed = compute(whole)
    if (Number.isFinite(expected))
      expect(computed, `seed ${seed}: ${whole}`).toBeCloseTo(expected, 6 - digits(expected))
    else expect(computed, `seed ${seed}: ${whole}`).toEqual(expected)
  }
})

const digits = (value: number) => Math.max(0, Math.ceil(Math.log10(Math.abs(value) + 1)))

test('random garbage never throws', () => {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))
  console.log(`garbage seed ${seed}`)
  const random = randomOf(seed)
  const pieces = [
    'B04',
    'nir',
    '(',
    ')',
    '+',
    '-',
    '*',
    '/',
    '^',
    ',',
    '<',
    '==',
    'and',
    'not',
    'if',
    'min',
    '1.5',
    '"',
    ' ',
    'é',
    '🛰',
  ]
  let accepted = 0
  for (let round = 0; round < 5000; round++) {
    const length = 1 + Math.floor(random() * 12)
    const text = Array.from({ length }, () => pieces[Math.floor(random() * pieces.length)]).join(' ')
    const parsed = parseFormula(text, BANDS)
    if (parsed.ok) accepted++
    else {
      expect(parsed.error.position, `seed ${seed}: ${text}`).toBeLessThanOrEqual(text.length)
      expect(parsed.error.length).toBeGreaterThan(0)
    }
  }
  expect(accepted).toBeGreaterThan(10)
})
