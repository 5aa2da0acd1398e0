/**
 * Definitions of the processes that compare, decide and ask.
 * Owns: their data. Does not: compute (evaluate/implement does).
 */
import {
  anything,
  boolean,
  booleanOrNull,
  booleans,
  comparable,
  ignoreNodata,
  number,
  numberOrNull,
  optional,
  type Parameter,
  type ProcessDefinition,
  required,
} from './definition.ts'

const truth = (
  id: string,
  summary: string,
  description: string,
  parameters: Parameter[],
  categories: string[],
  isNullable = true,
): ProcessDefinition => ({
  id,
  summary,
  description: `${summary}. ${description}`,
  categories,
  parameters,
  returns: {
    description: 'True, false or, where it cannot be told, no data.',
    schema: isNullable ? booleanOrNull : boolean,
  },
})

const THREE = 'With no data on one side the answer is no data, unless the other side decides alone.'
const NULL_IN_NULL_OUT = 'If one of the two is no data, so is the answer.'
const x = required('x', comparable, 'The first value.')
const y = required('y', comparable, 'The second value.')
const logical = [
  required('x', booleanOrNull, 'The first truth value.'),
  required('y', booleanOrNull, 'The second truth value.'),
]
const equality = [
  x,
  y,
  optional(
    'delta',
    { ...numberOrNull, minimumExclusive: 0 },
    'For numbers: how far apart they may lie and still count as equal.',
    null,
  ),
  optional('case_sensitive', boolean, 'For texts: whether upper and lower case differ.', true),
]
const texts = ['texts', 'comparison']
const asked = required('x', anything, 'The value to look at.')

export const logicProcesses: ProcessDefinition[] = [
  truth(
    'eq',
    'Whether two values are equal',
    `Values of different types are never equal. ${NULL_IN_NULL_OUT}`,
    equality,
    texts,
  ),
  truth(
    'neq',
    'Whether two values differ',
    `Values of different types always differ. ${NULL_IN_NULL_OUT}`,
    equality,
    texts,
  ),
  truth(
    'gt',
    'Whether x is greater than y',
    `False where one is not a number. ${NULL_IN_NULL_OUT}`,
    [x, y],
    ['comparison'],
  ),
  truth(
    'gte',
    'Whether x is greater than y or equal',
    `False where one is not a number. ${NULL_IN_NULL_OUT}`,
    [x, y],
    ['comparison'],
  ),
  truth(
    'lt',
    'Whether x is less than y',
    `False where one is not a number. ${NULL_IN_NULL_OUT}`,
    [x, y],
    ['comparison'],
  ),
  truth(
    'lte',
    'Whether x is less than y or equal',
    `False where one is not a number. ${NULL_IN_NULL_OUT}`,
    [x, y],
    ['comparison'],
  ),
  truth(
    'between',
    'Whether a number lies within bounds',
    'The lower bound belongs to the range; the upper one unless it is excluded. False where the bounds are swapped. No data stays no data.',
    [
      required('x', anything, 'The value to look at.'),
      required('min', number, 'Lower bound.'),
      required('max', number, 'Upper bound.'),
      optional('exclude_max', boolean, 'Whether the upper bound itself lies outside.', false),
    ],
    ['comparison'],
  ),
  truth('and', 'Whether both are true', THREE, logical, ['logic']),
  truth('or', 'Whether at least one is true', THREE, logical, ['logic']),
  truth('xor', 'Whether exactly one is true', NULL_IN_NULL_OUT, logical, ['logic']),
  truth('not', 'The opposite', 'No data stays no data.', [required('x', booleanOrNull, 'The truth value.')], ['logic']),
  {
    ...truth(
      'if',
      'One value or another',
      'Gives `accept` where the condition is true, and `reject` where it is false or no data.',
      [
        required('value', booleanOrNull, 'The condition.'),
        required('accept', anything, 'What is given where it is true.'),
        optional('reject', anything, 'What is given elsewhere.', null),
      ],
      ['logic', 'comparison', 'masks'],
    ),
    returns: { description: 'One of the two.', schema: anything },
  },
  truth(
    'all',
    'Whether all are true',
    'No values at all count as true. No data is left out unless `ignore_nodata` says otherwise.',
    [required('data', booleans, 'The truth values.'), ignoreNodata],
    ['logic', 'reducer'],
  ),
  truth(
    'any',
    'Whether at least one of many is true',
    'No values at all count as false. No data is left out unless `ignore_nodata` says otherwise.',
    [required('data', booleans, 'The truth values.'), ignoreNodata],
    ['logic', 'reducer'],
  ),
  truth(
    'is_nodata',
    'Whether a value is no data',
    'In the cubes of this back-end NaN stands for no data.',
    [asked],
    ['comparison'],
    false,
  ),
  truth(
    'is_nan',
    'Whether a value is NaN',
    'In the cubes of this back-end NaN stands for no data.',
    [asked],
    ['comparison', 'math > constants'],
    false,
  ),
  {
    ...truth('is_infinite', 'Whether a number is infinite', 'Of either sign.', [asked], ['comparison'], false),
    experimental: true,
  },
  truth(
    'is_valid',
    'Whether a value can be used',
    'A finite number, or anything else that is not no data.',
    [asked],
    ['comparison'],
    false,
  ),
]
