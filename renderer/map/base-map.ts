/**
 * Reads the base map (resources/generated, made by build/make-base-map.mjs) and makes deck.gl layers of it.
 * Owns: which detail is drawn at which zoom, the order land, graticule, borders, coast, names.
 * Does not: triangulate; the arrays go to the GPU as they lie in the file.
 * Source: Natural Earth (public domain) through the package world-atlas.
 */
import type { Layer } from '@deck.gl/core'
import { PathLayer, SolidPolygonLayer } from '@deck.gl/layers'
import fineUrl from '../../resources/generated/base-map-50m.bin?url'
import labelsUrl from '../../resources/generated/base-map-labels.json?url'
import { coarseBytes, fetched } from './base-map-bytes.ts'

type Rgba = [number, number, number, number]
export type MapColours = {
  water: Rgba
  land: Rgba
  border: Rgba
  coast: Rgba
  graticule: Rgba
  label: Rgba
  halo: Rgba
}
export type CountryLabel = { name: string; position: [number, number]; widthDeg: number }

type Lines = { positions: Float32Array; starts: Uint32Array }
export type Chunk = {
  bounds: [number, number, number, number]
  land: { positions: Float32Array; indices: Uint32Array }
  coast: Lines
  borders: Lines
}

/** From here on the coarse outlines look angular. */
export const FINE_ZOOM = 3.2

type Place = [offset: number, length: number]
type Head = {
  chunks: {
    bounds: [number, number, number, number]
    land: { positions: Place; indices: Place }
    coast: { positions: Place; starts: Place }
    borders: { positions: Place; starts: Place }
  }[]
}

/** The arrays of a base map file, as views of its bytes. Throws a RangeError where the file is cut off. */
export function readBaseMap(bytes: ArrayBuffer): Chunk[] {
  const headLength = new DataView(bytes).getUint32(0, true)
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 4, headLength))) as Head
  const begin = 4 + headLength
  const floats = ([offset, length]: Place) => new Float32Array(bytes, begin + offset, length)
  const integers = ([offset, length]: Place) => new Uint32Array(bytes, begin + offset, length)
  const lines = ({ positions, starts }: { positions: Place; starts: Place }) => ({
    positions: floats(positions),
    starts: integers(starts),
  })
  return head.chunks.map(({ bounds, land, coast, borders }) => ({
    bounds,
    land: { positions: floats(land.positions), indices: integers(land.indices) },
    coast: lines(coast),
    borders: lines(borders),
  }))
}

export const loadCoarse = async () => readBaseMap(await coarseBytes())
export const loadFine = async () => readBaseMap(await (await fetched(fineUrl)).arrayBuffer())
export const loadLabels = async () => (await (await fetched(labelsUrl)).json()) as CountryLabel[]

/** Whether a chunk can be seen; the view's west and east may lie past ±180. */
export function isInView(
  bounds: Chunk['bounds'],
  [west, south, east, north]: readonly [number, number, number, number],
) {
  if (bounds[3] < south || bounds[1] > north) return false
  return [-720, -360, 0, 360, 720].some((turn) => bounds[0] + turn <= east && bounds[2] + turn >= west)
}

function lineLayer(id: string, lines: Lines, colour: Rgba, widthPx: number, isVisible: boolean): Layer {
  return new PathLayer({
    id,
    visible: isVisible,
    data: lineDataOf(lines) as never,
    _pathType: 'open',
    widthUnits: 'pixels',
    getWidth: widthPx,
    getColor: colour,
    pickable: false,
  })
}

const lineData = new WeakMap<Lines, object>()
function lineDataOf(lines: Lines): object {
  const known = lineData.get(lines)
  if (known) return known
  const data = {
    length: lines.starts.length,
    startIndices: lines.starts,
    attributes: { getPath: { value: lines.positions, size: 2 } },
  }
  lineData.set(lines, data)
  return data
}

/** deck.gl refuses a layer again that it once took off the map, as it does with each chunk that leaves the view. */
const isFinalized = ({ lifecycle }: Layer) => lifecycle === 'Finalized! Awaiting garbage collection'

/** Land, borders and coast of one chunk. Same id and data: deck.gl keeps the buffers and changes colours only. */
const made = new WeakMap<Chunk, { key: string; layers: Layer[] }>()
export function chunkLayers(id: string, chunk: Chunk, colours: MapColours, detail: 'land' | 'all'): Layer[] {
  const key = JSON.stringify([id, colours, detail])
  const known = made.get(chunk)
  if (known?.key === key && !known.layers.some(isFinalized)) return known.layers
  const layers: Layer[] = [
    new SolidPolygonLayer({
      id: `${id}-land`,
      data: (landData.get(chunk) ?? keepLandData(chunk)) as never,
      _normalize: false,
      getFillColor: colours.land,
      pickable: false,
    }),
  ]
  const lines = detail === 'all' ? [chunk.borders, chunk.coast] : []
  lines.forEach((line, i) => {
    const [name, colour] = i === 0 ? (['borders', colours.border] as const) : (['coast', colours.coast] as const)
    if (line.starts.length) layers.push(lineLayer(`${id}-${name}`, line, colour, 1, true))
  })
  made.set(chunk, { key, layers })
  return layers
}

const landData = new WeakMap<Chunk, object>()
function keepLandData(chunk: Chunk): object {
  const data = {
    length: 1,
    startIndices: new Uint32Array([0]),
    attributes: {
      getPolygon: { value: chunk.land.positions, size: 2 },
      indices: { value: chunk.land.indices, size: 1 },
    },
  }
  landData.set(chunk, data)
  return data
}

/** Lines every 10° (30° when far out), broken up so that they stay straight on any projection of the screen. */
export function graticuleLayer(zoom: number, colours: MapColours): Layer {
  const step = zoom < 2.5 ? 30 : zoom < 5 ? 10 : zoom < 7 ? 2 : 1
  const shownStep = Math.max(step, 1)
  return new PathLayer({
    id: `graticule-${shownStep}`,
    data: graticule(shownStep),
    getPath: (line: [number, number][]) => line,
    widthUnits: 'pixels',
    getWidth: 1,
    getColor: colours.graticule,
    updateTriggers: { getColor: colours.graticule.join() },
  })
}

const graticules = new Map<number, [number, number][][]>()
/** Meridians and parallels every `stepDeg` degrees within the Mercator square. */
export function graticule(stepDeg: number): [number, number][][] {
  const known = graticules.get(stepDeg)
  if (known) return known
  const lines: [number, number][][] = []
  for (let lon = -180; lon < 180; lon += stepDeg)
    lines.push([
      [lon, -85],
      [lon, 0],
      [lon, 85],
    ])
  for (let lat = -80 + (80 % stepDeg); lat <= 80; lat += stepDeg) {
    lines.push([-180, -90, 0, 90, 180].map((lon): [number, number] => [lon, lat]))
  }
  graticules.set(stepDeg, lines)
  return lines
}

/** The names that fit into their countries at this zoom. */
export function shownLabels(labels: readonly CountryLabel[], zoom: number): CountryLabel[] {
  if (zoom < 1.8) return []
  const pxPerDegree = (512 * 2 ** zoom) / 360
  return labels.filter(({ name, widthDeg }) => Math.min(widthDeg, 90) * pxPerDegree > name.length * 7 + 12)
}
