/**
 * The functions and operators of formulas, each with the openEO process that it becomes.
 * Owns: names, arities, types and precedence. Does not: parse (formula.ts) or write graphs (formula-graph.ts).
 * Source of the process ids and parameter names: openEO processes 2.0.
 */

export type ValueType = 'number' | 'condition'

export type FormulaFunction = {
  /** Id of the openEO process; `if` has a graph of its own in formula-graph.ts. */
  process: string
  /** Names of the process's parameters in order; `data` alone takes all arguments as one array. */
  parameters: readonly string[]
  minimum: number
  maximum: number
  takes: readonly ValueType[]
  gives: ValueType
  /** Arguments that the formula does not write, e.g. the base of log10. */
  fixed?: Readonly<Record<string, number>>
}

const numbers = (process: string, parameters: readonly string[], minimum = parameters.length): FormulaFunction => ({
  process,
  parameters,
  minimum,
  maximum: parameters.length,
  takes: ['number'],
  gives: 'number',
})
const statistic = (process: string): FormulaFunction => ({ ...numbers(process, ['data'], 1), maximum: 50 })

/** By the name that stands before the bracket, in lower case. */
export const FUNCTIONS: ReadonlyMap<string, FormulaFunction> = new Map<string, FormulaFunction>([
  ['min', statistic('min')],
  ['max', statistic('max')],
  ['mean', statistic('mean')],
  ['median', statistic('median')],
  ['sum', statistic('sum')],
  ['sqrt', numbers('sqrt', ['x'])],
  ['abs', numbers('absolute', ['x'])],
  ['exp', numbers('exp', ['p'])],
  ['ln', numbers('ln', ['x'])],
  ['log10', { ...numbers('log', ['x']), fixed: { base: 10 } }],
  ['log2', { ...numbers('log', ['x']), fixed: { base: 2 } }],
  ['sin', numbers('sin', ['x'])],
  ['cos', numbers('cos', ['x'])],
  ['tan', numbers('tan', ['x'])],
  ['floor', numbers('floor', ['x'])],
  ['ceil', numbers('ceil', ['x'])],
  ['round', numbers('round', ['x', 'p'], 1)],
  ['clip', numbers('clip', ['x', 'min', 'max'])],
  ['nd', numbers('normalized_difference', ['x', 'y'])],
  ['normalized_difference', numbers('normalized_difference', ['x', 'y'])],
  ['is_nodata', { ...numbers('is_nodata', ['x']), gives: 'condition' }],
  [
    'if',
    {
      process: 'if',
      parameters: ['value', 'accept', 'reject'],
      minimum: 3,
      maximum: 3,
      takes: ['condition', 'number', 'number'],
      gives: 'number',
    },
  ],
])

export const NATURAL_LOG: FormulaFunction = numbers('ln', ['x'])
export const LOG_TO_BASE: FormulaFunction = numbers('log', ['x', 'base'])

export const CONSTANTS: ReadonlyMap<string, number> = new Map([
  ['pi', Math.PI],
  ['e', Math.E],
])

export type Operator = {
  precedence: number
  isRightAssociative?: boolean
  isComparison?: boolean
  call: FormulaFunction
}

const arithmetic = (process: string, parameters: [string, string] = ['x', 'y']) => numbers(process, parameters)
const compares = (process: string): FormulaFunction => ({ ...numbers(process, ['x', 'y']), gives: 'condition' })
const logic = (process: string): FormulaFunction => ({
  ...numbers(process, ['x', 'y']),
  takes: ['condition'],
  gives: 'condition',
})

export const COMPARISON_PRECEDENCE = 4
export const UNARY_PRECEDENCE = 7
const comparison = (process: string): Operator => ({
  precedence: COMPARISON_PRECEDENCE,
  isComparison: true,
  call: compares(process),
})

/** Higher binds tighter; a power binds tighter than a sign before it, as in mathematics: -2^2 is -4. */
export const OPERATORS: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ['or', { precedence: 1, call: logic('or') }],
  ['||', { precedence: 1, call: logic('or') }],
  ['and', { precedence: 2, call: logic('and') }],
  ['&&', { precedence: 2, call: logic('and') }],
  ['<', comparison('lt')],
  ['<=', comparison('lte')],
  ['>', comparison('gt')],
  ['>=', comparison('gte')],
  ['==', comparison('eq')],
  ['=', comparison('eq')],
  ['!=', comparison('neq')],
  ['<>', comparison('neq')],
  ['+', { precedence: 5, call: arithmetic('add') }],
  ['-', { precedence: 5, call: arithmetic('subtract') }],
  ['*', { precedence: 6, call: arithmetic('multiply') }],
  ['/', { precedence: 6, call: arithmetic('divide') }],
  ['%', { precedence: 6, call: arithmetic('mod') }],
  ['^', { precedence: 8, isRightAssociative: true, call: arithmetic('power', ['base', 'p']) }],
  ['**', { precedence: 8, isRightAssociative: true, call: arithmetic('power', ['base', 'p']) }],
])

export const NOT: FormulaFunction = {
  process: 'not',
  parameters: ['x'],
  minimum: 1,
  maximum: 1,
  takes: ['condition'],
  gives: 'condition',
}
export const NEGATE: FormulaFunction = { ...numbers('multiply', ['x']), fixed: { y: -1 } }
