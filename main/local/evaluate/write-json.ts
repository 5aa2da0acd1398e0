/**
 * A small cube as a JSON document.
 * Owns: its form, and that the file appears when it is whole. Does not: compute values (write-result.ts collects them).
 */
import { open, rename, unlink } from 'node:fs/promises'
import { fromFileError } from '../../core/errors.ts'
import type { Cube } from './values.ts'

/** The document in pieces: dimensions first, then the values, nested in the order of the dimensions, rows last. */
export function* jsonOf(cube: Cube, planes: ReadonlyMap<string, Float64Array>): Generator<string> {
  const { grid, dimensions } = cube
  const [originX, stepX, , originY, , stepY] = grid.transform
  const described = [
    ...dimensions.map(({ name, type, labels }) => ({ name, type, labels })),
    { name: cube.y, type: 'spatial', axis: 'y', start: originY + stepY / 2, step: stepY, size: grid.height },
    { name: cube.x, type: 'spatial', axis: 'x', start: originX + stepX / 2, step: stepX, size: grid.width },
  ]
  const system = { epsg: grid.crs.epsg, name: grid.crs.name, proj4: grid.crs.proj4 }
  yield `{"type":"datacube","crs":${JSON.stringify(system)},"dimensions":${JSON.stringify(described)},"values":`
  yield* nested([])
  yield '}\n'

  function* nested(index: readonly number[]): Generator<string> {
    const dimension = dimensions[index.length]
    yield '['
    if (dimension === undefined) yield* rows(planes.get(index.join(',')))
    else {
      for (let i = 0; i < dimension.labels.length; i++) {
        if (i > 0) yield ','
        yield* nested([...index, i])
      }
    }
    yield ']'
  }

  function* rows(plane: Float64Array | undefined): Generator<string> {
    for (let row = 0; row < grid.height; row++) {
      const line = Array.from(plane?.subarray(row * grid.width, (row + 1) * grid.width) ?? [])
      const values =
        cube.valueType === 'boolean' ? line.map((value) => (Number.isNaN(value) ? null : value !== 0)) : line
      yield `${row > 0 ? ',' : ''}${JSON.stringify(values)}`
    }
  }
}

/** Under another name until it is whole and on the disk. */
export async function writeText(path: string, pieces: Iterable<string>): Promise<number> {
  const part = `${path}.part`
  try {
    const file = await open(part, 'w')
    let sizeBytes = 0
    try {
      let waiting = ''
      for (const piece of pieces) {
        waiting += piece
        if (waiting.length < 1 << 20) continue
        sizeBytes += (await file.write(waiting)).bytesWritten
        waiting = ''
      }
      sizeBytes += (await file.write(waiting)).bytesWritten
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(part, path)
    return sizeBytes
  } catch (failure) {
    await unlink(part).catch(() => undefined)
    throw fromFileError(failure, 'the JSON result') ?? failure
  }
}
