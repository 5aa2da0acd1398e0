/** Promises: outlines are checked, cut at the antimeridian, glued for editing, and kept valid while edited. */
import { describe, expect, test } from 'vitest'
import { areaKm2, bboxGeometry, geometryBbox } from '../../../preload/contract/geodesy.ts'
import type { AreaGeometry } from '../../../preload/contract/vocabulary.ts'
import * as draw from '../../../renderer/map/draw-area.ts'
import * as edit from '../../../renderer/map/edit-area.ts'
import { keyMeaning } from '../../../renderer/map/keys.ts'
import type { LngLat } from '../../../renderer/map/projection.ts'
import * as rings from '../../../renderer/map/rings.ts'

const sketch = (tool: draw.Tool, corners: LngLat[]) =>
  corners.reduce((so, corner) => draw.withCorner(so, corner), draw.emptySketch(tool))
const geometry = (drawn: draw.Drawn): AreaGeometry => {
  if (!drawn.ok) throw new Error(drawn.problem)
  return drawn.geometry
}

describe('self-crossing', () => {
  test.each<[string, LngLat[], boolean]>([
    [
      'a triangle',
      [
        [0, 0],
        [4, 0],
        [2, 3],
      ],
      false,
    ],
    [
      'a bow tie',
      [
        [0, 0],
        [4, 4],
        [4, 0],
        [0, 4],
      ],
      true,
    ],
    [
      'a star that touches itself in a corner',
      [
        [0, 0],
        [4, 0],
        [2, 2],
        [4, 4],
        [0, 4],
        [2, 2],
      ],
      true,
    ],
    [
      'an edge that runs back over another',
      [
        [0, 0],
        [4, 0],
        [2, 0],
        [2, 3],
      ],
      true,
    ],
    [
      'a deep U',
      [
        [0, 0],
        [6, 0],
        [6, 5],
        [4, 5],
        [4, 1],
        [2, 1],
        [2, 5],
        [0, 5],
      ],
      false,
    ],
  ])('%s', (_, ring, wanted) => expect(rings.isSelfCrossing(ring)).toBe(wanted))
})

describe('what is refused', () => {
  test.each<[draw.Tool, LngLat[], string]>([
    [
      'polygon',
      [
        [0, 0],
        [1, 1],
      ],
      'An area needs at least three corners.',
    ],
    [
      'polygon',
      [
        [0, 0],
        [1, 1],
        [2, 2],
      ],
      'The corners lie on one line, so there is no area between them.',
    ],
    [
      'polygon',
      [
        [0, 0],
        [4, 4],
        [4, 0],
        [0, 4],
      ],
      'The outline crosses itself. Move or remove a corner.',
    ],
    ['rectangle', [[0, 0]], 'A rectangle needs two corners.'],
    [
      'rectangle',
      [
        [0, 0],
        [5, 0],
      ],
      'The two corners must differ in latitude and longitude.',
    ],
  ])('%s %j: %s', (tool, corners, problem) => {
    expect(draw.finished(sketch(tool, corners))).toEqual({ ok: false, problem })
  })
  test('more than once around the globe', () => {
    const around: draw.Sketch = {
      tool: 'rectangle',
      corners: [
        [-190, 0],
        [175, 10],
      ],
    }
    expect(draw.finished(around)).toMatchObject({
      ok: false,
      problem: 'An area can reach around the globe once at most.',
    })
  })
})

describe('what comes out', () => {
  test('rings are closed and counter-clockwise whatever the order of the corners', () => {
    const clockwise = geometry(
      draw.finished(
        sketch('polygon', [
          [0, 0],
          [2, 3],
          [4, 0],
        ]),
      ),
    )
    const ring = (clockwise as { coordinates: number[][][] }).coordinates[0] as number[][]
    expect(ring[0]).toEqual(ring.at(-1))
    expect(rings.signedArea(ring.slice(0, -1) as unknown as LngLat[])).toBeGreaterThan(0)
  })
  test('a sketch goes on across the antimeridian by the short way, and is cut there', () => {
    const drawn = sketch('polygon', [
      [178, 0],
      [-178, 0],
      [-178, 5],
      [178, 5],
    ])
    expect(drawn.corners[1]).toEqual([182, 0])
    const cut = geometry(draw.finished(drawn))
    expect(cut.type).toBe('MultiPolygon')
    expect(geometryBbox(cut)).toEqual([178, 0, -178, 5])
    expect(areaKm2(cut)).toBeCloseTo(areaKm2(bboxGeometry([8, 0, 12, 5])), 3)
  })
  test('a comb that crosses the antimeridian in three teeth becomes four valid parts', () => {
    const comb: LngLat[] = [
      [176, 0],
      [184, 0],
      [184, 1],
      [178, 1],
      [178, 2],
      [184, 2],
      [184, 3],
      [178, 3],
      [178, 4],
      [184, 4],
      [184, 5],
      [176, 5],
    ]
    const cut = rings.polygonGeometry([comb])
    const parts = rings.polygonsOf(cut)
    expect(parts).toHaveLength(4)
    for (const [outer = []] of parts)
      expect(rings.isSelfCrossing(outer.slice(0, -1) as unknown as LngLat[])).toBe(false)
    const whole = areaKm2({ type: 'Polygon', coordinates: [[...comb, comb[0] as LngLat].map((at) => [...at])] })
    expect(areaKm2(cut)).toBeCloseTo(whole, 3)
  })
  test('latitude stops at the edge of the map, with a sentence', () => {
    expect(draw.withCorner(draw.emptySketch('polygon'), [0, 89]).corners[0]?.[1]).toBeCloseTo(85.051129, 6)
    expect(draw.edgeNote(85.051129)).toMatch(/type the box/)
    expect(draw.edgeNote(84)).toBeNull()
  })
})

describe('editing', () => {
  test('a box stays a box when a corner is moved', () => {
    const moved = edit.withCornerAt(edit.shapeOf(bboxGeometry([0, 0, 4, 2])), [0, 0, 2], [5, 3])
    expect(edit.isBox(moved)).toBe(true)
    expect(geometryBbox(geometry(edit.geometryOf(moved)))).toEqual([0, 0, 5, 3])
  })
  test('parts that were cut at the antimeridian are one shape, and are cut again', () => {
    const shape = edit.shapeOf(bboxGeometry([170, -10, -170, 10]))
    expect(edit.cornerCount(shape)).toBe(4)
    expect(edit.isBox(shape)).toBe(true)
    expect(geometryBbox(geometry(edit.geometryOf(edit.movedBy(shape, 5, 0))))).toEqual([175, -10, -165, 10])
    expect(edit.geometryOf(edit.movedBy(shape, 30, 0))).toMatchObject({ ok: true, geometry: { type: 'Polygon' } })
  })
  test('a cut triangle comes back with its three corners', () => {
    const cut = rings.polygonGeometry([
      [
        [176, 0],
        [186, 2],
        [178, 8],
      ],
    ])
    expect(cut.type).toBe('MultiPolygon')
    expect(edit.cornerCount(edit.shapeOf(cut))).toBe(3)
  })
  test('corners are added in the middle of an edge, and three remain', () => {
    const triangle = edit.shapeOf({
      type: 'Polygon',
      coordinates: [
        [
          [0, 0],
          [4, 0],
          [2, 3],
          [0, 0],
        ],
      ],
    })
    const four = edit.withCornerAfter(triangle, [0, 0, 0])
    expect(edit.cornerAt(four, [0, 0, 1])).toEqual([2, 0])
    expect(edit.cornerCount(edit.withoutCorner(four, [0, 0, 1]))).toBe(3)
    expect(edit.cornerCount(edit.withoutCorner(triangle, [0, 0, 1]))).toBe(3)
  })
  test('a shape cannot be moved over the pole', () => {
    const moved = edit.movedBy(edit.shapeOf(bboxGeometry([0, 70, 4, 80])), 0, 50)
    expect(Math.max(...moved.flat(2).map(([, latitude]) => latitude))).toBeCloseTo(85.051129, 6)
  })
  test('holes and several polygons survive', () => {
    const both: AreaGeometry = {
      type: 'MultiPolygon',
      coordinates: [
        [
          [
            [0, 0],
            [9, 0],
            [9, 9],
            [0, 9],
            [0, 0],
          ],
          [
            [2, 2],
            [2, 4],
            [4, 4],
            [4, 2],
            [2, 2],
          ],
        ],
        [
          [
            [20, 0],
            [24, 0],
            [22, 4],
            [20, 0],
          ],
        ],
      ],
    }
    expect(geometry(edit.geometryOf(edit.shapeOf(both)))).toEqual(both)
  })
})

describe('what is hit', () => {
  const ring: AreaGeometry = {
    type: 'Polygon',
    coordinates: [
      [
        [0, 0],
        [9, 0],
        [9, 9],
        [0, 9],
        [0, 0],
      ],
      [
        [2, 2],
        [2, 4],
        [4, 4],
        [4, 2],
        [2, 2],
      ],
    ],
  }
  test.each<[LngLat, boolean]>([
    [[1, 1], true],
    [[3, 3], false],
    [[10, 1], false],
    [[361, 1], true],
  ])('%j: %s', (place, wanted) => expect(rings.isInGeometry(ring, place)).toBe(wanted))
})

describe('a typed box', () => {
  const texts = (west: string, south: string, east: string, north: string) => ({ west, south, east, north })
  test('may cross the antimeridian', () => {
    expect(draw.readBox(texts('170', '-10', '-170', '10'))).toEqual({ ok: true, bbox: [170, -10, -170, 10] })
  })
  test('says what is wrong, field by field', () => {
    const read = draw.readBox(texts('', '95', 'x', '10'))
    expect(read.ok).toBe(false)
    expect(Object.keys(read.ok ? {} : read.fields).sort()).toEqual(['east', 'south', 'west'])
    expect(draw.readBox(texts('0', '10', '5', '10'))).toMatchObject({
      fields: { north: expect.stringMatching(/greater/) },
    })
  })
})

describe('keys', () => {
  const key = (name: string, more = {}) => ({
    key: name,
    shiftKey: false,
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    ...more,
  })
  const three = sketch('polygon', [
    [0, 0],
    [4, 0],
    [2, 3],
  ])
  test('Enter sets a corner, and finishes on the first one', () => {
    expect(keyMeaning(key('Enter'), three, false)).toEqual({ do: 'corner' })
    expect(keyMeaning(key('Enter'), three, true)).toEqual({ do: 'finish' })
    expect(
      keyMeaning(
        key('Enter'),
        sketch('polygon', [
          [0, 0],
          [1, 0],
        ]),
        true,
      ),
    ).toEqual({ do: 'corner' })
    expect(keyMeaning(key(' '), null, false)).toEqual({ do: 'pick' })
  })
  test('arrows go finer with a tool, and finer still with Shift', () => {
    const width = (so: draw.Sketch | null, shiftKey: boolean) => {
      const meaning = keyMeaning(key('ArrowRight', { shiftKey }), so, false)
      return meaning?.do === 'pan' ? meaning.dx : 0
    }
    expect(width(null, false)).toBeGreaterThan(width(three, false))
    expect(width(three, false)).toBeGreaterThan(width(three, true))
    expect(width(three, true)).toBeGreaterThan(0)
  })
  test('shortcuts of the window stay with the window', () => {
    expect(keyMeaning(key('+', { ctrlKey: true }), null, false)).toBeNull()
    expect(keyMeaning(key('Backspace'), null, false)).toBeNull()
    expect(keyMeaning(key('z', { ctrlKey: true }), null, false)).toEqual({ do: 'undo' })
  })
})
