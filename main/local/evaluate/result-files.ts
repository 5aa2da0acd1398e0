/**
 * Which files a cube becomes: one for each label of time, with all other labels as bands in it.
 * Owns: planes, band names and file name stems. Does not: write.
 */
import { writeInstant } from './instants.ts'
import { type Cube, type Dimension, planeIndices } from './values.ts'

export type ResultFile = {
  /** Indices of the planes that are its bands, in order. */
  planes: number[][]
  bandNames: string[]
  /** What tells it from the other files; empty where there is only one and it has no time. */
  stem: string
  /** Label of time as the graph gave it; null where the cube has no time. */
  label: string | null
  datetime: string | null
  interval: [string, string] | null
}

const NAME_LENGTH = 80

/** Letters, digits, - and _ only, so that it is safe in every file system and URL. */
export const safeName = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/[^\w-]+/g, '_')
    .replace(/^[_-]+|_+$/g, '')
    .slice(0, NAME_LENGTH)

export function filesOf(cube: Cube): ResultFile[] {
  const axis = cube.dimensions.findIndex(({ type }) => type === 'temporal')
  const others = cube.dimensions.filter((_, i) => i !== axis)
  const bandNames = [...planeIndices(others)].map((index) => nameOf(others, index))
  const planesAt = (position: number | null) =>
    [...planeIndices(others)].map((index) => (position === null ? index : index.toSpliced(axis, 0, position)))
  const time = cube.dimensions[axis]
  if (time === undefined) {
    return [{ planes: planesAt(null), bandNames, stem: '', label: null, datetime: null, interval: null }]
  }
  const used = new Set<string>()
  return time.labels.map((label, position) => ({
    planes: planesAt(position),
    bandNames,
    stem: distinct(stemOf(String(label)), used),
    label: String(label),
    ...timeOf(time, position),
  }))
}

function nameOf(dimensions: readonly Dimension[], index: readonly number[]): string {
  const parts = dimensions.map(({ labels }, i) => String(labels[index[i] ?? 0]))
  return parts.length === 0 ? 'result' : parts.join('_')
}

/** A date without its time where that is midnight; colons are not allowed in file names. */
const stemOf = (label: string) => safeName(label.replace(/T00:00:00Z$/, '').replaceAll(':', '')) || 'time'

function distinct(stem: string, used: Set<string>): string {
  let name = stem
  // file systems of Windows and macOS do not tell capitals from small letters
  for (let n = 2; used.has(name.toLowerCase()); n++) name = `${stem}_${n}`
  used.add(name.toLowerCase())
  return name
}

function timeOf({ times }: Dimension, position: number): Pick<ResultFile, 'datetime' | 'interval'> {
  const time = times?.[position] ?? null
  if (time === null || !Number.isFinite(time.start)) return { datetime: null, interval: null }
  if (time.start === time.end) return { datetime: writeInstant(time.start), interval: null }
  if (!Number.isFinite(time.end)) return { datetime: null, interval: null }
  return { datetime: null, interval: [writeInstant(time.start), writeInstant(time.end)] }
}
