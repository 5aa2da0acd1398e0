/**
 * Drawing a new area: the sketch as a value, what each step makes of it, and when it is an area.
 * Owns: the rules of drawing (corners, self-crossing, world's edge). Does not: know pointers, keys or the screen.
 */
import { areaKm2 } from '../../preload/contract/geodesy.ts'
import type { AreaGeometry, Bbox } from '../../preload/contract/vocabulary.ts'
import { clampLatitude, type LngLat, MAX_LATITUDE, nearestCopy } from './projection.ts'
import { isFlat, isSelfCrossing, polygonGeometry, type Ring, withoutRepeats } from './rings.ts'

export type Tool = 'rectangle' | 'polygon'
/** Corners in the order they were set; longitudes run on across the antimeridian. */
export type Sketch = { tool: Tool; corners: readonly LngLat[] }
export type Drawn = { ok: true; geometry: AreaGeometry } | { ok: false; problem: string }

export const emptySketch = (tool: Tool): Sketch => ({ tool, corners: [] })

/** The corner where the pointer is, continued from the last one by the short way, and held at the map's edge. */
export function place(sketch: Sketch, [longitude, latitude]: LngLat): LngLat {
  const last = sketch.corners.at(-1)
  return [last ? nearestCopy(longitude, last[0]) : longitude, clampLatitude(latitude)]
}

/** A rectangle has two corners: a third one replaces the second. A repeated corner is not added. */
export function withCorner(sketch: Sketch, at: LngLat): Sketch {
  const corner = place(sketch, at)
  const last = sketch.corners.at(-1)
  if (last && last[0] === corner[0] && last[1] === corner[1]) return sketch
  const kept = sketch.tool === 'rectangle' ? sketch.corners.slice(0, 1) : sketch.corners
  return { ...sketch, corners: [...kept, corner] }
}

export function withoutLastCorner(sketch: Sketch): Sketch {
  return { ...sketch, corners: sketch.corners.slice(0, -1) }
}

/** The ring as it would be with the pointer's place as the next corner. */
export function outline(sketch: Sketch, pointer?: LngLat | null): LngLat[] {
  const corners = pointer ? withCorner(sketch, pointer).corners : sketch.corners
  if (sketch.tool === 'polygon') return [...corners]
  const [a, b] = corners
  return a && b ? rectangle(a, b) : [...corners]
}

function rectangle([x0, y0]: LngLat, [x1, y1]: LngLat): LngLat[] {
  const [west, east, south, north] = [Math.min(x0, x1), Math.max(x0, x1), Math.min(y0, y1), Math.max(y0, y1)]
  return [
    [west, south],
    [east, south],
    [east, north],
    [west, north],
  ]
}

/** Whether the sketch is complete enough to be finished. */
export const isFinishable = (sketch: Sketch) => sketch.corners.length >= (sketch.tool === 'rectangle' ? 2 : 3)

/** Why a ring is no area, as a sentence; null where it is one. */
export function ringProblem(ring: Ring): string | null {
  const corners = withoutRepeats(ring)
  if (corners.length < 3) return 'An area needs at least three corners.'
  const longitudes = corners.map(([longitude]) => longitude)
  if (Math.max(...longitudes) - Math.min(...longitudes) > 360) return 'An area can reach around the globe once at most.'
  if (isFlat(corners)) return 'The corners lie on one line, so there is no area between them.'
  if (isSelfCrossing(corners)) return 'The outline crosses itself. Move or remove a corner.'
  return null
}

/** The area that was drawn, or why it is none. */
export function finished(sketch: Sketch): Drawn {
  const ring = withoutRepeats(outline(sketch))
  const problem =
    sketch.tool === 'rectangle' && sketch.corners.length < 2
      ? 'A rectangle needs two corners.'
      : sketch.tool === 'rectangle' && ring.length < 4
        ? 'The two corners must differ in latitude and longitude.'
        : ringProblem(ring)
  return problem ? { ok: false, problem } : { ok: true, geometry: polygonGeometry([ring]) }
}

/** km² of the outline with the pointer's place as the next corner; 0 while there is none. */
export function sketchKm2(sketch: Sketch, pointer?: LngLat | null): number {
  const ring = withoutRepeats(outline(sketch, pointer))
  if (ring.length < 3 || isSelfCrossing(ring)) return 0
  return areaKm2({ type: 'Polygon', coordinates: [[...ring, ring[0] as LngLat].map((corner) => [...corner])] })
}

/** What to say where the pointer left the drawable world, else null. */
export function edgeNote(latitude: number): string | null {
  return Math.abs(latitude) >= MAX_LATITUDE - 1e-6
    ? 'The map ends at 85.05° latitude. For areas nearer to the pole, type the box.'
    : null
}

/** A typed box, read and checked. `fields` names what is wrong, by field. */
export function readBox(
  texts: Record<'west' | 'south' | 'east' | 'north', string>,
): { ok: true; bbox: Bbox } | { ok: false; fields: Partial<Record<'west' | 'south' | 'east' | 'north', string>> } {
  const fields: Partial<Record<'west' | 'south' | 'east' | 'north', string>> = {}
  const read = (name: 'west' | 'south' | 'east' | 'north', limit: number) => {
    const text = texts[name].trim().replace(',', '.').replace('−', '-')
    const value = text === '' ? Number.NaN : Number(text)
    if (!Number.isFinite(value)) fields[name] = 'A number in degrees is needed.'
    else if (Math.abs(value) > limit) fields[name] = `Must lie between -${limit} and ${limit}.`
    return value
  }
  const bbox: Bbox = [read('west', 180), read('south', 90), read('east', 180), read('north', 90)]
  if (!fields.south && !fields.north && bbox[1] >= bbox[3]) fields.north = 'North must be greater than south.'
  if (!fields.west && !fields.east && bbox[0] === bbox[2]) fields.east = 'East must differ from west.'
  return Object.keys(fields).length ? { ok: false, fields } : { ok: true, bbox }
}
