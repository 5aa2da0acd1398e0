/**
 * Definitions of the processes on arrays: statistics and access.
 * Owns: their data. Does not: compute (evaluate/implement does).
 */
import {
  anyArray,
  anything,
  boolean,
  childGraph,
  comparable,
  context,
  ignoreNodata,
  labels,
  nothing,
  number,
  numberOrNull,
  numbers,
  optional,
  type ProcessDefinition,
  required,
  type SchemaObject,
} from './definition.ts'

const statistics = ['math > statistics', 'reducer']
const data = required('data', numbers, 'The numbers.')
const elements = required('data', anyArray, 'The values.')

const reducer = (id: string, summary: string, more: string, categories = statistics): ProcessDefinition => ({
  id,
  summary,
  description: `${summary}.${more} If there are no values, or only no data, the result is no data.`,
  categories,
  parameters: [data, ignoreNodata],
  returns: { description: 'The number that stands for all of them.', schema: numberOrNull },
})

const edge = (id: string, summary: string): ProcessDefinition => ({
  ...reducer(id, summary, '', ['arrays', 'reducer']),
  parameters: [elements, ignoreNodata],
  returns: { description: 'One of the values.', schema: anything },
})

const pair = (type: string): SchemaObject => ({ type: 'array', minItems: 2, maxItems: 2, items: { type } })

export const arrayProcesses: ProcessDefinition[] = [
  reducer('sum', 'Sum of numbers', '', ['math', 'reducer']),
  reducer('product', 'Product of numbers', '', ['math', 'reducer']),
  reducer('min', 'Smallest of numbers', '', ['math', 'math > statistics', 'reducer']),
  reducer('max', 'Greatest of numbers', '', ['math', 'math > statistics', 'reducer']),
  reducer('mean', 'Arithmetic mean of numbers', ''),
  reducer('median', 'Median of numbers', ' Of an even count of numbers it is the mean of the two in the middle.'),
  reducer('sd', 'Sample standard deviation of numbers', ' The square root of their variance.'),
  reducer(
    'variance',
    'Sample variance of numbers',
    ' The squared deviations from the mean, summed up, by the count less one.',
  ),
  {
    id: 'quantiles',
    summary: 'Cut points of a distribution',
    description:
      'Values that divide the sorted numbers by the given probabilities, or into intervals of equal size. Between two numbers the cut point is interpolated linearly (type 7 of Hyndman and Fan).',
    categories: ['math > statistics'],
    parameters: [
      data,
      optional(
        'probabilities',
        [
          { type: 'array', uniqueItems: true, items: { type: 'number', minimum: 0, maximum: 1 } },
          { type: 'integer', minimum: 2 },
        ],
        'Probabilities in ascending order, or the number of intervals.',
      ),
      {
        ...optional('q', { type: 'integer', minimum: 2 }, 'Number of intervals; use `probabilities`.'),
        deprecated: true,
      },
      ignoreNodata,
    ],
    returns: { description: 'One number for each probability, or one less than intervals.', schema: numbers },
    exceptions: {
      QuantilesParameterMissing: { message: 'Either `probabilities` or `q` has to be given.' },
      QuantilesParameterConflict: { message: 'Only one of `probabilities` and `q` may be given.' },
      AscendingProbabilitiesRequired: { message: 'The probabilities are not in ascending order.' },
    },
  },
  {
    id: 'extrema',
    summary: 'Smallest and greatest of numbers',
    description: 'An array of two: the minimum and the maximum.',
    categories: ['math > statistics'],
    parameters: [data, ignoreNodata],
    returns: { description: 'Minimum and maximum, or twice no data.', schema: [pair('number'), pair('null')] },
  },
  {
    id: 'count',
    summary: 'How many values there are',
    description: 'Counts the valid values, all values, or those for which a condition holds.',
    categories: ['arrays', 'math > statistics', 'reducer'],
    parameters: [
      elements,
      optional(
        'condition',
        [
          childGraph([required('x', anything, 'The value that is asked about.')], {
            description: 'True where the value counts.',
            schema: boolean,
          }),
          { type: 'boolean', const: true },
          nothing,
        ],
        'A child process that says which values count; `true` counts all, `null` the valid ones.',
        null,
      ),
      context,
    ],
    returns: { description: 'The count.', schema: number },
  },
  edge('first', 'First of several values'),
  edge('last', 'Last of several values'),
  {
    id: 'array_create',
    summary: 'Make an array',
    description: 'An array of the given values, repeated as often as asked for.',
    categories: ['arrays'],
    parameters: [
      optional('data', anyArray, 'The values.', []),
      optional('repeat', { type: 'integer', minimum: 1 }, 'How often the values follow one another.', 1),
    ],
    returns: { description: 'The array.', schema: anyArray },
  },
  {
    id: 'array_concat',
    summary: 'Join two arrays',
    description: 'The values of the first array, then those of the second. Labels are kept where both have them.',
    categories: ['arrays'],
    parameters: [required('array1', anyArray, 'The first array.'), required('array2', anyArray, 'The second array.')],
    returns: { description: 'The joined array.', schema: anyArray },
    exceptions: { ArrayLabelConflict: { message: 'Both arrays have a label of the same name.' } },
  },
  {
    id: 'array_element',
    summary: 'One value of an array',
    description: 'The value at a position (counted from 0) or with a label.',
    categories: ['arrays', 'reducer'],
    parameters: [
      elements,
      optional('index', { type: 'integer', minimum: 0 }, 'The position, counted from 0.'),
      optional('label', [{ type: 'number' }, { type: 'string' }], 'The label, for example the name of a band.'),
      optional('return_nodata', boolean, 'Gives no data instead of failing where there is no such value.', false),
    ],
    returns: { description: 'The value.', schema: anything },
    exceptions: {
      ArrayElementNotAvailable: { message: 'There is no value at this position or with this label.' },
      ArrayElementParameterMissing: { message: 'Either `index` or `label` has to be given.' },
      ArrayElementParameterConflict: { message: 'Only one of `index` and `label` may be given.' },
      ArrayNotLabeled: { message: 'The values have no labels; use `index`.' },
    },
  },
  {
    id: 'array_labels',
    summary: 'Labels of an array',
    description: 'The labels of a labelled array in their order; of any other array the positions from 0.',
    categories: ['arrays'],
    parameters: [required('data', { type: 'array' }, 'The array.')],
    returns: { description: 'The labels.', schema: labels },
  },
  {
    id: 'array_contains',
    summary: 'Whether an array has a value',
    description: 'Looks for a value of the same type. No data is never found.',
    categories: ['arrays', 'comparison', 'reducer'],
    parameters: [elements, required('value', comparable, 'The value to look for.')],
    returns: { description: 'Whether it is there.', schema: boolean },
  },
]
