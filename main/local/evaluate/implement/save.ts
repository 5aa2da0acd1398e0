/**
 * save_result: remembers what is to be written and how.
 * Owns: the check that a format exists and can hold the cube. Does not: write (write-result.ts).
 */
import { fileFormats, formatNamed, readOptions } from '../formats.ts'
import { GraphError, invalid } from '../problem.ts'
import type { Implementation } from '../tracing.ts'
import type { Cube } from '../values.ts'

/** Numbers that a JSON result may hold. */
const MAX_JSON_VALUES = 5_000_000
/** Pixels of a PNG: what viewers still open, and what is held in memory while it is written. */
const MAX_PNG_PIXELS = 16_777_216

/** Labels of all dimensions but time: what becomes bands of a file. */
export const bandCount = (cube: Cube): number =>
  cube.dimensions.reduce((count, { type, labels }) => (type === 'temporal' ? count : count * labels.length), 1)

const save: Implementation = (given) => {
  const cube = given.cube('data')
  const stated = given.text('format')
  const format = formatNamed(stated)
  if (format === null) {
    throw invalid(
      'format',
      `there is no format "${stated.slice(0, 80)}"; there are ${Object.keys(fileFormats).join(', ')}.`,
    )
  }
  const options = readOptions(format, given.constant('options') as Record<string, unknown>)
  const empty = cube.dimensions.find(({ labels }) => labels.length === 0)
  if (empty !== undefined) {
    throw new GraphError(
      'DataCubeEmpty',
      `The cube is empty: its dimension "${empty.name}" has no labels left.`,
      'data',
    )
  }
  const unsuitable = (why: string) =>
    new GraphError('FormatUnsuitable', `The format ${format} cannot hold this cube: ${why}`, 'format')
  const pixels = cube.grid.width * cube.grid.height
  const bands = bandCount(cube)
  if (cube.dimensions.filter(({ type }) => type === 'temporal').length > 1)
    throw unsuitable('it has two dimensions of time.')
  if (format === 'PNG' && bands !== 1 && bands !== 3)
    throw unsuitable(`it has ${bands} bands, and a picture has 1 or 3.`)
  if (format === 'PNG' && pixels > MAX_PNG_PIXELS) throw unsuitable('it has more than 16 million pixels.')
  if (format === 'GTiff' && bands > 4096) throw unsuitable(`it has ${bands} bands, and a file may have 4096.`)
  const values = cube.dimensions.reduce((count, { labels }) => count * labels.length, pixels)
  if (format === 'JSON' && values > MAX_JSON_VALUES)
    throw unsuitable(`it has ${values} values, and 5 million is the most.`)
  return { kind: 'saved', cube, format, options }
}

export const saveImplementations: Readonly<Record<string, Implementation>> = { save_result: save }
