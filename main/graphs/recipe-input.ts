/**
 * Reads the answers to a recipe's questions out of a draft.
 * Owns: the findings of the recipe's fields. Does not: judge connection, area or dates (build-graph.ts), make the graph
 * (recipe-graph.ts).
 */
import type { CollectionBand } from '../../preload/contract/catalogue.ts'
import type { Draft, Finding, Recipe } from '../../preload/contract/graphs.ts'
import { parameterValue } from '../../preload/contract/recipe-values.ts'
import type { Json } from '../../preload/contract/vocabulary.ts'
import { parseFormula } from './formula.ts'
import { formulaGraph } from './formula-graph.ts'
import type { RecipeInput } from './recipe-graph.ts'

const CLASS_COUNT_LIMIT = 64

/** What is wrong with one field of the form. */
export const finding = (field: string, code: string, message: string): Finding => ({ field, code, message })

/** The recipe's values as they hold now, read once and judged while they are read. */
class Values {
  readonly findings: Finding[] = []
  readonly #recipe: Recipe
  readonly #draft: Draft
  readonly #bands: readonly CollectionBand[]

  constructor(recipe: Recipe, draft: Draft, bands: readonly CollectionBand[]) {
    this.#recipe = recipe
    this.#draft = draft
    this.#bands = bands
  }

  wrong(name: string, code: string, message: string): void {
    this.findings.push(finding(`parameters.${name}`, code, message))
  }

  raw(name: string): Json {
    const parameter = this.#recipe.parameters.find((one) => one.name === name)
    return parameter ? parameterValue(parameter, this.#draft.parameters, this.#bands) : null
  }

  /** A band of the collection, or '' after a finding. */
  band(name: string, what: string): string {
    const value = this.raw(name)
    if (typeof value !== 'string' || value === '') {
      this.wrong(name, 'band-missing', `Choose the ${what}.`)
      return ''
    }
    this.#mustExist(name, value)
    return value
  }

  /** A band, or null where none is wanted. */
  optionalBand(name: string): string | null {
    const value = this.raw(name)
    if (typeof value !== 'string' || value === '') return null
    this.#mustExist(name, value)
    return value
  }

  bands(name: string): string[] {
    const value = this.raw(name)
    const names = Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
    if (names.length === 0) this.wrong(name, 'bands-missing', 'Choose at least one band.')
    for (const band of names) this.#mustExist(name, band)
    return [...new Set(names)]
  }

  choice(name: string): string {
    const value = this.raw(name)
    const choices = this.#recipe.parameters.find((one) => one.name === name)?.choices ?? []
    if (choices.some((choice) => choice.value === value)) return String(value)
    this.wrong(name, 'choice-unknown', 'Choose one of the list.')
    return ''
  }

  number(name: string): number {
    const value = this.raw(name)
    if (typeof value === 'number' && Number.isFinite(value)) return value
    this.wrong(name, 'number-missing', 'Enter a number.')
    return Number.NaN
  }

  classes(name: string): number[] {
    const value = this.raw(name)
    const classes = Array.isArray(value) ? value.filter((item) => Number.isSafeInteger(item)).map(Number) : []
    if (classes.length === 0) this.wrong(name, 'classes-missing', 'Choose at least one class, or no mask.')
    if (classes.length > CLASS_COUNT_LIMIT) this.wrong(name, 'classes-many', `At most ${CLASS_COUNT_LIMIT} classes.`)
    return classes
  }

  #mustExist(name: string, band: string): void {
    if (this.#bands.some((known) => known.name === band)) return
    this.wrong(name, 'band-unknown', `The collection has no band ${band}.`)
  }
}

function pngRange(values: Values, draft: Draft): [number, number] {
  if (draft.format !== 'PNG') return [0, 1]
  const range: [number, number] = [values.number('pngMin'), values.number('pngMax')]
  if (range[0] >= range[1]) values.wrong('pngMax', 'range-empty', 'White must be greater than black.')
  return range
}

function bandMaths(values: Values, bands: readonly CollectionBand[]): RecipeInput['recipe'] | null {
  const text = values.raw('formula')
  if (typeof text !== 'string' || text.trim() === '') {
    values.wrong('formula', 'formula-missing', 'Write a formula, e.g. (nir - red) / (nir + red).')
    return null
  }
  const parsed = parseFormula(text, bands)
  if (!parsed.ok) {
    const where = `At character ${parsed.error.position + 1}: `
    values.wrong('formula', 'formula-wrong', where + parsed.error.message)
    return null
  }
  const timeOrder = values.choice('timeOrder') === 'before' ? 'before' : 'after'
  return { id: 'band-maths', bands: parsed.bands, formula: formulaGraph(parsed), timeOrder }
}

function recipePart(
  draft: Draft,
  recipe: Recipe,
  values: Values,
  bands: readonly CollectionBand[],
): RecipeInput['recipe'] | null {
  if (recipe.id === 'ndvi') {
    const ndvi = { red: values.band('red', 'red band'), nir: values.band('nir', 'near-infrared band') }
    if (ndvi.red && ndvi.red === ndvi.nir)
      values.wrong('nir', 'bands-equal', 'Red and near infrared are the same band.')
    return { id: 'ndvi', ...ndvi }
  }
  if (recipe.id === 'median-composite') {
    const composite = { bands: values.bands('bands'), period: values.choice('period') }
    if (draft.format === 'PNG' && ![0, 1, 3].includes(composite.bands.length)) {
      const message = `A PNG picture has one or three bands, not ${composite.bands.length}.`
      values.wrong('bands', 'bands-unsuitable', message)
    }
    return { id: 'median-composite', ...composite }
  }
  return bandMaths(values, bands)
}

export type RecipeAnswers =
  | ({ ok: true } & Pick<RecipeInput, 'recipe' | 'mask' | 'timeReducer' | 'pngRange'>)
  | { ok: false; findings: Finding[] }

/** What the recipe's part of the graph needs, or the findings of its fields. `bands`: those of the collection. */
export function recipeAnswers(draft: Draft, recipe: Recipe, bands: readonly CollectionBand[]): RecipeAnswers {
  const values = new Values(recipe, draft, bands)
  const part = recipePart(draft, recipe, values, bands)
  const maskBand = values.optionalBand('maskBand')
  const mask = maskBand === null ? null : { band: maskBand, classes: values.classes('dropClasses') }
  const timeReducer = recipe.id === 'median-composite' ? 'median' : values.choice('timeReducer')
  const range = pngRange(values, draft)
  if (values.findings.length > 0 || !part) return { ok: false, findings: values.findings }
  return { ok: true, recipe: part, mask, timeReducer: timeReducer as RecipeInput['timeReducer'], pngRange: range }
}
