/**
 * Bands: finding them by name or common name, NDVI.
 * Owns: what a band name in a process graph means. A unique name counts before a common name; a common name may mean
 * several bands, which then all are taken in their order.
 */
import { GraphError, invalid } from '../problem.ts'
import type { Implementation } from '../tracing.ts'
import { type Cube, cubeValue, type Dimension, rememberingCube } from '../values.ts'

/**
 * Positions of the named bands in the order of the names.
 * @throws GraphError ProcessParameterInvalid where a name means no band
 */
export function bandPositions(bands: Dimension, names: readonly string[], argument: string): number[] {
  const positions = names.flatMap((name) => {
    const found = positionsOfBand(bands, name)
    if (found.length === 0) {
      throw invalid(argument, `there is no band "${name}"; there are ${bands.labels.slice(0, 50).join(', ')}.`)
    }
    return found
  })
  return [...new Set(positions)]
}

/** All bands that a name may mean. */
export function positionsOfBand(bands: Dimension, name: string): number[] {
  const byName = bands.labels.indexOf(name)
  if (byName >= 0) return [byName]
  return (bands.commonNames ?? []).flatMap((commonName, i) => (commonName === name ? [i] : []))
}

/** The only dimension of bands; -1 where there is none, or several. */
function bandAxis({ dimensions }: Cube): number {
  const found = dimensions.flatMap(({ type }, i) => (type === 'bands' ? [i] : []))
  return found.length === 1 ? (found[0] ?? -1) : -1
}

/** A cube with some labels of one dimension, in the order of their positions. */
export function withPositions(cube: Cube, axis: number, positions: readonly number[]): Cube {
  const pick = <T>(list: readonly T[] | undefined) => list && positions.map((position) => list[position] as T)
  const dimensions = cube.dimensions.map((dimension, i): Dimension => {
    if (i !== axis) return dimension
    const times = pick(dimension.times)
    const commonNames = pick(dimension.commonNames)
    return {
      name: dimension.name,
      type: dimension.type,
      labels: positions.map((position) => dimension.labels[position] ?? position),
      ...(times === undefined ? {} : { times }),
      ...(commonNames === undefined ? {} : { commonNames }),
    }
  })
  return { ...cube, dimensions, plane: (index) => cube.plane(index.with(axis, positions[index[axis] ?? 0] ?? 0)) }
}

const filterBands: Implementation = (given) => {
  const cube = given.cube('data')
  const axis = cube.dimensions.findIndex(({ type }) => type === 'bands')
  const bands = cube.dimensions[axis]
  if (bands === undefined) throw new GraphError('DimensionMissing', 'The cube has no bands.', 'data')
  const names = given.constant('bands') as string[]
  const wavelengths = given.constant('wavelengths') as unknown[]
  if (names.length === 0 && wavelengths.length === 0) {
    throw new GraphError('BandFilterParameterMissing', 'Either `bands` or `wavelengths` has to be given.', 'bands')
  }
  if (wavelengths.length > 0) {
    const message = 'The wavelengths of the bands are not known here; name the bands.'
    throw new GraphError('FeatureUnsupported', message, 'wavelengths')
  }
  return cubeValue(withPositions(cube, axis, bandPositions(bands, names, 'bands')))
}

const ndvi: Implementation = (given, { expressions }) => {
  const cube = given.cube('data')
  const axis = bandAxis(cube)
  const bands = cube.dimensions[axis]
  if (bands === undefined) {
    throw new GraphError('DimensionAmbiguous', 'The cube has no dimension of bands, or several.', 'data')
  }
  const one = (name: string, code: string, what: string) => {
    const found = positionsOfBand(bands, given.text(name))
    if (found.length === 1) return found[0] as number
    const why = found.length === 0 ? 'no band has this name or common name' : 'several bands have this common name'
    const message = `It is not clear which band is the ${what} one: ${why} ("${given.text(name)}"). The bands are ${bands.labels.slice(0, 50).join(', ')}.`
    throw new GraphError(code, message, name)
  }
  const nir = one('nir', 'NirBandAmbiguous', 'near-infrared')
  const red = one('red', 'RedBandAmbiguous', 'red')
  const index = (at: readonly number[]) =>
    expressions.op('normalizedDifference', cube.plane(at.with(axis, nir)), cube.plane(at.with(axis, red)))
  const target = given.constant('target_band')
  if (target === null) {
    const dimensions = cube.dimensions.toSpliced(axis, 1)
    return cubeValue(rememberingCube({ ...cube, dimensions, plane: (at) => index(at.toSpliced(axis, 0, 0)) }))
  }
  if (bands.labels.includes(target as string)) {
    throw new GraphError('BandExists', `The cube has a band "${String(target)}" already.`, 'target_band')
  }
  const widened: Dimension = {
    ...bands,
    labels: [...bands.labels, target as string],
    commonNames: [...(bands.commonNames ?? bands.labels.map(() => null)), null],
  }
  const last = bands.labels.length
  return cubeValue(
    rememberingCube({
      ...cube,
      dimensions: cube.dimensions.with(axis, widened),
      plane: (at) => (at[axis] === last ? index(at) : cube.plane(at)),
    }),
  )
}

export const bandImplementations: Readonly<Record<string, Implementation>> = { filter_bands: filterBands, ndvi }
