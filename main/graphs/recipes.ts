/**
 * The recipes: the questions that each of them asks.
 * Owns: parameters, their defaults and the words of the form. Does not: make graphs (recipe-graph.ts).
 * Parameters that begin with `png` matter for the format PNG only; the form hides them otherwise.
 */
import type { Recipe, RecipeParameter } from '../../preload/contract/graphs.ts'

/** Scene classification of Sentinel-2 Level-2A (ESA, Sentinel-2 Products Specification Document, table of SCL values). */
const SCL_CLASSES = [
  'No data',
  'Saturated or defective',
  'Dark or cast shadow',
  'Cloud shadow',
  'Vegetation',
  'Not vegetated',
  'Water',
  'Unclassified',
  'Cloud, medium probability',
  'Cloud, high probability',
  'Thin cirrus',
  'Snow or ice',
].map((label, value) => ({ value: String(value), label }))

const CLASS_BANDS = ['scl', 'scene_classification', 'class']

const maskBand = (isPreselected: boolean): RecipeParameter => ({
  name: 'maskBand',
  label: 'Cloud mask from',
  help: 'A band of classes, such as SCL. Pixels of the classes below are left out.',
  kind: 'band',
  commonNames: CLASS_BANDS,
  ...(isPreselected ? {} : { default: null }),
  optional: true,
})

const dropClasses: RecipeParameter = {
  name: 'dropClasses',
  label: 'Classes to leave out',
  help: 'Values of the mask band.',
  kind: 'classes',
  choices: SCL_CLASSES,
  default: [3, 8, 9, 10],
  optional: true,
}

const REDUCERS = [
  { value: 'none', label: 'Keep every date' },
  { value: 'median', label: 'Median' },
  { value: 'mean', label: 'Mean' },
  { value: 'max', label: 'Maximum' },
  { value: 'min', label: 'Minimum' },
]

const timeReducer: RecipeParameter = {
  name: 'timeReducer',
  label: 'Over time',
  help: 'How the dates become one picture.',
  kind: 'choice',
  choices: REDUCERS,
  default: 'median',
  optional: false,
}

const pngLimit = (name: 'pngMin' | 'pngMax', label: string, value: number): RecipeParameter => ({
  name,
  label,
  help: 'PNG holds 0 to 255; values are scaled between the two limits.',
  kind: 'number',
  default: value,
  optional: false,
})

/** What every recipe may run: load, cut, leave clouds out, scale for PNG, save. */
const STEPS = ['load_collection', 'filter_spatial', 'mask_polygon', 'mask', 'reduce_dimension', 'apply', 'save_result']
const SCALE = 'linear_scale_range'
const OVER_TIME = ['median', 'mean', 'max', 'min']

export const RECIPES: readonly Recipe[] = [
  {
    id: 'ndvi',
    title: 'Vegetation index (NDVI)',
    summary: 'How green the land is: the difference of near infrared and red, divided by their sum; -1 to 1.',
    processIds: [...STEPS, ...OVER_TIME, SCALE, 'ndvi'],
    parameters: [
      {
        name: 'red',
        label: 'Red band',
        help: 'Absorbed by leaves.',
        kind: 'band',
        commonNames: ['red'],
        optional: false,
      },
      {
        name: 'nir',
        label: 'Near-infrared band',
        help: 'Reflected by leaves.',
        kind: 'band',
        commonNames: ['nir', 'nir08'],
        optional: false,
      },
      timeReducer,
      maskBand(false),
      dropClasses,
      pngLimit('pngMin', 'Black is', -1),
      pngLimit('pngMax', 'White is', 1),
    ],
  },
  {
    id: 'median-composite',
    title: 'Cloud-free composite',
    summary: 'The median of all clear pixels: one picture of the whole range, or one for each period of it.',
    processIds: [...STEPS, SCALE, 'filter_bands', 'median', 'aggregate_temporal_period'],
    parameters: [
      {
        name: 'bands',
        label: 'Bands',
        help: 'In this order in the result.',
        kind: 'bands',
        commonNames: ['red', 'green', 'blue', 'nir'],
        optional: false,
      },
      {
        name: 'period',
        label: 'One picture for',
        help: 'Periods begin at the calendar, not at the first date.',
        kind: 'choice',
        choices: [
          { value: 'all', label: 'the whole range' },
          { value: 'year', label: 'each year' },
          { value: 'season', label: 'each season' },
          { value: 'month', label: 'each month' },
          { value: 'dekad', label: 'each dekad' },
          { value: 'week', label: 'each week' },
        ],
        default: 'all',
        optional: false,
      },
      maskBand(true),
      dropClasses,
      pngLimit('pngMin', 'Black is', 0),
      pngLimit('pngMax', 'White is', 3000),
    ],
  },
  {
    id: 'band-maths',
    title: 'Band maths',
    summary: 'A formula over the bands of every pixel.',
    processIds: [...STEPS, ...OVER_TIME, SCALE],
    parameters: [
      {
        name: 'formula',
        label: 'Formula',
        help: 'Bands by name or common name, in quotes where the name is odd; + - * / ^, comparisons, and, or, not, if(condition, a, b), min, max, mean, sqrt, abs, exp, ln, log10 …',
        kind: 'formula',
        choices: [
          { value: '(nir - red) / (nir + red)', label: 'NDVI' },
          { value: '(green - nir) / (green + nir)', label: 'NDWI' },
          { value: 'mean(red, green, blue)', label: 'Brightness' },
          { value: 'if(nir > red, 1, 0)', label: 'Green or not' },
        ],
        optional: false,
      },
      timeReducer,
      {
        name: 'timeOrder',
        label: 'Order',
        help: 'Whether the dates are brought together before or after the formula.',
        kind: 'choice',
        choices: [
          { value: 'after', label: 'Formula first, then over time' },
          { value: 'before', label: 'Over time first, then the formula' },
        ],
        default: 'after',
        optional: false,
      },
      maskBand(false),
      dropClasses,
      pngLimit('pngMin', 'Black is', -1),
      pngLimit('pngMax', 'White is', 1),
    ],
  },
]

/** The recipe of that id, or undefined. */
export const recipeOf = (id: string | null): Recipe | undefined => RECIPES.find((recipe) => recipe.id === id)
