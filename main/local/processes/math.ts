/**
 * Definitions of the processes that compute with numbers.
 * Owns: their data. Does not: compute (evaluate/implement does).
 */
import {
  anything,
  number,
  numberOrNull,
  optional,
  type Parameter,
  type ProcessDefinition,
  required,
  type SchemaObject,
} from './definition.ts'

type Extra = { categories?: string[]; exceptions?: ProcessDefinition['exceptions']; experimental?: boolean }

const math = (
  id: string,
  summary: string,
  description: string,
  parameters: Parameter[],
  returns: SchemaObject,
  { categories = ['math'], exceptions, experimental }: Extra = {},
): ProcessDefinition => ({
  id,
  summary,
  description,
  categories,
  parameters,
  returns: { description: 'The computed number.', schema: returns },
  ...(exceptions === undefined ? {} : { exceptions }),
  ...(experimental === undefined ? {} : { experimental }),
})

const x = (schema: SchemaObject = numberOrNull) => required('x', schema, 'The number to work on.')
const y = required('y', numberOrNull, 'The second number.')
const PASS = 'No data stays no data.'
const EITHER = 'The result is no data if one of the numbers is.'
const rounding = { categories: ['math > rounding'] }
const trigonometric = { categories: ['math > trigonometric'] }
const exponential = { categories: ['math', 'math > exponential & logarithmic'] }
const logarithm = { categories: ['math > exponential & logarithmic'] }
const divisionByZero = { DivisionByZero: { message: 'A division by zero cannot be expressed here.' } }
const unitRange: SchemaObject = { ...numberOrNull, minimum: -1, maximum: 1 }
const openUnitRange: SchemaObject = { ...numberOrNull, minimumExclusive: -1, maximumExclusive: 1 }
const integerOrNull: SchemaObject = { type: ['integer', 'null'] }
const fromZero: SchemaObject = { ...numberOrNull, minimum: 0 }

const one = (id: string, summary: string, input: SchemaObject, output: SchemaObject, extra: Extra): ProcessDefinition =>
  math(id, summary, `${summary}. ${PASS}`, [x(input)], output, extra)

const two = (id: string, summary: string, more: string, extra: Extra = {}): ProcessDefinition =>
  math(id, summary, `${summary}.${more} ${EITHER}`, [x(), y], numberOrNull, extra)

export const mathProcesses: ProcessDefinition[] = [
  one('absolute', 'Distance of a number from zero', numberOrNull, fromZero, {}),
  two('add', 'Sum of two numbers', ''),
  two('subtract', 'Difference of two numbers: x minus y', ''),
  two('multiply', 'Product of two numbers', '', {
    exceptions: { MultiplicandMissing: { message: 'A multiplication needs two numbers.' } },
  }),
  two('divide', 'Quotient of two numbers: x by y', ' Dividing by 0 gives ±infinity, and 0 by 0 gives NaN.', {
    exceptions: divisionByZero,
  }),
  two('mod', 'Remainder of a division, with the sign of the divisor', ' A divisor of 0 gives ±infinity or NaN.', {
    exceptions: divisionByZero,
  }),
  math(
    'power',
    'One number raised to the power of another',
    `\`base\` multiplied by itself \`p\` times; \`p\` may have a fraction or be negative. ${EITHER}`,
    [required('base', numberOrNull, 'What is raised.'), required('p', numberOrNull, 'The exponent.')],
    numberOrNull,
    exponential,
  ),
  one('sqrt', 'Square root', numberOrNull, numberOrNull, exponential),
  math(
    'exp',
    'Power of e',
    `Euler's number raised to the power of \`p\`. ${PASS}`,
    [required('p', numberOrNull, 'The exponent.')],
    { ...numberOrNull, minimumExclusive: 0 },
    logarithm,
  ),
  one('ln', 'Natural logarithm; -infinity for 0', fromZero, numberOrNull, logarithm),
  math(
    'log',
    'Logarithm to any base',
    `The exponent to which \`base\` has to be raised to give \`x\`; -infinity for 0, NaN below. ${EITHER}`,
    [x(fromZero), required('base', numberOrNull, 'The base.')],
    numberOrNull,
    logarithm,
  ),
  one('int', 'Integer part: the digits after the point are cut off', numberOrNull, integerOrNull, {
    categories: ['math', 'math > rounding'],
  }),
  one('floor', 'Greatest integer that is not above a number', numberOrNull, integerOrNull, rounding),
  one('ceil', 'Smallest integer that is not below a number', numberOrNull, integerOrNull, rounding),
  math(
    'round',
    'Round to a number of digits',
    `The nearest number with \`p\` digits after the point. Halves go to the even neighbour. ${PASS}`,
    [x(), optional('p', { type: 'integer' }, 'Digits after the point; negative for tens, hundreds and so on.', 0)],
    numberOrNull,
    rounding,
  ),
  math(
    'clip',
    'Keep a number within bounds',
    `Numbers below \`min\` become \`min\`, numbers above \`max\` become \`max\`. ${PASS}`,
    [x(), required('min', number, 'Lower bound.'), required('max', number, 'Upper bound.')],
    numberOrNull,
    { exceptions: { MinMaxSwapped: { message: 'The lower bound lies above the upper bound.' } } },
  ),
  one('sgn', 'Sign of a number: 1, 0 or -1', numberOrNull, { ...numberOrNull, enum: [-1, 0, 1, null] }, {}),
  math('constant', 'A constant value', 'Returns what it is given.', [required('x', anything, 'The value.')], anything, {
    categories: ['math > constants'],
  }),
  math('e', "Euler's number", 'The base of the natural logarithm, about 2.71828.', [], number, {
    categories: ['math > constants', 'math > exponential & logarithmic'],
  }),
  math('pi', 'Pi', 'Circumference of a circle by its diameter, about 3.14159.', [], number, {
    categories: ['math > constants', 'math > trigonometric'],
  }),
  math('nan', 'Not a number', 'The value NaN of IEEE 754.', [], anything, {
    categories: ['math > constants'],
    experimental: true,
  }),
  one('sin', 'Sine of an angle in radians', numberOrNull, unitRange, trigonometric),
  one('cos', 'Cosine of an angle in radians', numberOrNull, unitRange, trigonometric),
  one('tan', 'Tangent of an angle in radians', numberOrNull, numberOrNull, trigonometric),
  one('arcsin', 'Angle in radians that has a given sine', unitRange, numberOrNull, trigonometric),
  one('arccos', 'Angle in radians that has a given cosine', unitRange, fromZero, trigonometric),
  one('arctan', 'Angle in radians that has a given tangent', numberOrNull, numberOrNull, trigonometric),
  math(
    'arctan2',
    'Angle of a point',
    `Angle in radians between the first axis and the point (x, y), in all four quadrants. ${EITHER}`,
    [required('y', numberOrNull, 'Second coordinate.'), required('x', numberOrNull, 'First coordinate.')],
    numberOrNull,
    trigonometric,
  ),
  one('sinh', 'Hyperbolic sine', numberOrNull, numberOrNull, trigonometric),
  one('cosh', 'Hyperbolic cosine', numberOrNull, { ...numberOrNull, minimum: 1 }, trigonometric),
  one('tanh', 'Hyperbolic tangent', numberOrNull, openUnitRange, trigonometric),
  one('arsinh', 'Inverse of the hyperbolic sine', numberOrNull, numberOrNull, trigonometric),
  one('arcosh', 'Inverse of the hyperbolic cosine', numberOrNull, fromZero, trigonometric),
  one('artanh', 'Inverse of the hyperbolic tangent', openUnitRange, numberOrNull, trigonometric),
  math(
    'normalized_difference',
    'Normalized difference of two values',
    'The difference of two values divided by their sum: `(x - y) / (x + y)`. Where both sum up to 0 there is no value.',
    [required('x', number, 'The value that counts up.'), required('y', number, 'The value that counts down.')],
    { type: 'number', minimum: -1, maximum: 1 },
    { categories: ['math > indices', 'vegetation indices'] },
  ),
  math(
    'linear_scale_range',
    'Stretch one range to another',
    `Maps the range from \`inputMin\` to \`inputMax\` onto the range from \`outputMin\` to \`outputMax\`. Numbers outside are clipped first. ${PASS}`,
    [
      x(),
      required('inputMin', number, 'Start of the range of the input.'),
      required('inputMax', number, 'End of the range of the input.'),
      optional('outputMin', number, 'Start of the range of the result.', 0),
      optional('outputMax', number, 'End of the range of the result.', 1),
    ],
    numberOrNull,
  ),
]
