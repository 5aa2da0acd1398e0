/** The box around rings; null where there are none. Pure. */
import type { Bbox } from '../../preload/contract/vocabulary.ts'
import type { Ring } from './footprints.ts'

export function ringsBbox(rings: readonly Ring[]): Bbox | null {
  const places = rings.flat()
  if (!places.length) return null
  const [xs, ys] = [places.map(([x]) => x), places.map(([, y]) => y)]
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)]
}
