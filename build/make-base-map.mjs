/**
 * Turns Natural Earth (package world-atlas) into what the map draws without further work: triangles and lines.
 * Owns: resources/generated/base-map-*.bin and base-map-labels.json (not committed; made at set-up, a second run is free).
 * Does not: run in the application. Why: triangulating 1:50m in the window would block it for more than 50 ms.
 * Layout of a .bin: uint32 length of the head, head as JSON (padded to 4 bytes), then float32 and uint32 arrays.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import earcut from 'earcut'
import { feature, mesh } from 'topojson-client'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const atlas = dirname(createRequire(import.meta.url).resolve('world-atlas/package.json'))
const target = resolve(root, 'resources/generated')
const read = (name) => JSON.parse(readFileSync(resolve(atlas, name), 'utf8'))

/** What the map reads: one file for the first frame in one piece, one in pieces of 30° for closer views. */
const FILES = [
  { name: 'base-map-110m.bin', land: 'land-110m.json', countries: 'countries-110m.json', cellDeg: [360, 180] },
  { name: 'base-map-50m.bin', land: 'land-50m.json', countries: 'countries-50m.json', cellDeg: [30, 30] },
]
const LABELS = 'base-map-labels.json'

const mercatorY = (latitude) => {
  const clamped = Math.max(-89.9, Math.min(89.9, latitude))
  return (Math.log(Math.tan(Math.PI / 4 + (clamped * Math.PI) / 360)) * 180) / Math.PI
}

/**
 * world-atlas joins polygons across the antimeridian, so longitudes may jump from 180 to -180: here they run on.
 * A ring that goes once around the globe (Antarctica) is closed along the pole.
 */
function unwrapped(ring, near = ring[0][0]) {
  let last = near
  const out = ring.map(([lon, lat]) => {
    last = lon + 360 * Math.round((last - lon) / 360)
    return [last, lat]
  })
  const [first] = out
  const turn = out.at(-1)[0] - first[0]
  if (Math.abs(turn) > 180) out.push([out.at(-1)[0], -90], [first[0], -90], first)
  return out
}
const shifted = (points, turn) => points.map(([lon, lat]) => [lon + turn, lat])
const TURNS = [-360, 0, 360]

/** The part of a ring on one side of an axis-parallel line (Sutherland–Hodgman). */
function clipRing(ring, axis, limit, keepBelow) {
  const inside = (p) => (keepBelow ? p[axis] <= limit : p[axis] >= limit)
  const out = []
  for (let i = 0; i < ring.length; i++) {
    const a = ring[i]
    const b = ring[(i + 1) % ring.length]
    if (inside(a)) out.push(a)
    if (inside(a) !== inside(b)) {
      const t = (limit - a[axis]) / (b[axis] - a[axis])
      const cut = [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])]
      cut[axis] = limit
      out.push(cut)
    }
  }
  return out
}

function clipToCell(ring, [west, south, east, north]) {
  let part = ring
  for (const [axis, limit, keepBelow] of [
    [0, west, false],
    [0, east, true],
    [1, south, false],
    [1, north, true],
  ]) {
    if (part.length < 3) return []
    part = clipRing(part, axis, limit, keepBelow)
  }
  return part.length < 3 ? [] : part
}

/** The part of a segment inside the cell (Liang–Barsky), or null. */
function clipSegment(a, b, [west, south, east, north]) {
  let t0 = 0
  let t1 = 1
  const d = [b[0] - a[0], b[1] - a[1]]
  for (const [p, q] of [
    [-d[0], a[0] - west],
    [d[0], east - a[0]],
    [-d[1], a[1] - south],
    [d[1], north - a[1]],
  ]) {
    if (p === 0) {
      if (q < 0) return null
    } else if (p < 0) t0 = Math.max(t0, q / p)
    else t1 = Math.min(t1, q / p)
  }
  if (t0 >= t1) return null
  const at = (t) => [a[0] + t * d[0], a[1] + t * d[1]]
  return [at(t0), at(t1), t1 === 1]
}

/** Edges that only close polygons at the rim of the world are no coast. */
const isRim = (a, b) => (Math.abs(a[0]) > 179.999 && Math.abs(b[0]) > 179.999) || (a[1] < -89.99 && b[1] < -89.99)

function triangulate(polygons, cell) {
  const positions = []
  const indices = []
  for (const rings of polygons.flatMap((polygon) => TURNS.map((turn) => polygon.map((ring) => shifted(ring, turn))))) {
    const parts = rings.map((ring) => clipToCell(ring.slice(0, -1), cell))
    const [outer, ...holes] = parts
    if (!outer || outer.length < 3) continue
    const points = [...outer]
    const holeStarts = []
    for (const hole of holes) {
      if (hole.length < 3) continue
      holeStarts.push(points.length)
      points.push(...hole)
    }
    // triangles must not overlap in the projection that is drawn, so they are found in Mercator
    const flat = points.flatMap(([lon, lat]) => [lon, mercatorY(lat)])
    const first = positions.length / 2
    for (const i of earcut(flat, holeStarts)) indices.push(first + i)
    for (const [lon, lat] of points) positions.push(lon, lat)
  }
  return { positions, indices }
}

function cutLines(lines, cell) {
  const positions = []
  const starts = []
  for (const line of lines.flatMap((one) => TURNS.map((turn) => shifted(one, turn)))) {
    let isOpen = false
    for (let i = 0; i + 1 < line.length; i++) {
      const part = isRim(line[i], line[i + 1]) ? null : clipSegment(line[i], line[i + 1], cell)
      if (!part) {
        isOpen = false
        continue
      }
      const [from, to, reachesEnd] = part
      if (!isOpen) {
        starts.push(positions.length / 2)
        positions.push(...from)
      }
      positions.push(...to)
      isOpen = reachesEnd
    }
  }
  return { positions, starts }
}

function cells([width, height]) {
  const list = []
  for (let south = -90; south < 90; south += height) {
    for (let west = -180; west < 180; west += width) list.push([west, south, west + width, south + height])
  }
  return list
}

function pack(chunks) {
  const parts = []
  let length = 0
  const add = (array) => {
    parts.push(Buffer.from(array.buffer, array.byteOffset, array.byteLength))
    const place = [length, array.length]
    length += array.byteLength
    return place
  }
  const head = {
    chunks: chunks.map(({ bounds, land, coast, borders }) => ({
      bounds,
      land: { positions: add(Float32Array.from(land.positions)), indices: add(Uint32Array.from(land.indices)) },
      coast: { positions: add(Float32Array.from(coast.positions)), starts: add(Uint32Array.from(coast.starts)) },
      borders: { positions: add(Float32Array.from(borders.positions)), starts: add(Uint32Array.from(borders.starts)) },
    })),
  }
  let text = JSON.stringify(head)
  text = text.padEnd(Math.ceil(Buffer.byteLength(text) / 4) * 4)
  const size = Buffer.alloc(4)
  size.writeUInt32LE(Buffer.byteLength(text))
  return Buffer.concat([size, Buffer.from(text), ...parts])
}

function makeFile({ land: landName, countries: countriesName, cellDeg }) {
  const land = read(landName)
  const countries = read(countriesName)
  const polygons = feature(land, land.objects.land)
    .features.flatMap(({ geometry }) => (geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates))
    .map(([outer, ...holes]) => {
      const ring = unwrapped(outer)
      const longitudes = ring.map(([lon]) => lon)
      const middle = (Math.min(...longitudes) + Math.max(...longitudes)) / 2
      return [ring, ...holes.map((hole) => unwrapped(hole, middle))]
    })
  const runOn = (line) => {
    let last = line[0][0]
    return line.map(([lon, lat]) => {
      last = lon + 360 * Math.round((last - lon) / 360)
      return [last, lat]
    })
  }
  const coastLines = mesh(land, land.objects.land).coordinates.map(runOn)
  const borderLines = mesh(countries, countries.objects.countries, (a, b) => a !== b).coordinates.map(runOn)
  const chunks = cells(cellDeg)
    .map((bounds) => ({
      bounds,
      land: triangulate(polygons, bounds),
      coast: cutLines(coastLines, bounds),
      borders: cutLines(borderLines, bounds),
    }))
    .filter(({ land: fill }) => fill.indices.length > 0)
  return pack(chunks)
}

const ringArea = (ring) =>
  Math.abs(
    ring.reduce((sum, [x, y], i) => sum + x * ring[(i + 1) % ring.length][1] - y * ring[(i + 1) % ring.length][0], 0),
  ) / 2

function edgeDistance([x, y], ring) {
  let inside = false
  let best = Number.POSITIVE_INFINITY
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [x0, y0] = ring[j]
    const [x1, y1] = ring[i]
    if (y0 > y !== y1 > y && x < ((x1 - x0) * (y - y0)) / (y1 - y0) + x0) inside = !inside
    const length2 = (x1 - x0) ** 2 + (y1 - y0) ** 2
    const t = length2 ? Math.max(0, Math.min(1, ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / length2)) : 0
    best = Math.min(best, Math.hypot(x - x0 - t * (x1 - x0), y - y0 - t * (y1 - y0)))
  }
  return inside ? best : -best
}

/** A label stands at the point of the country's largest part that is farthest from its border (grid search). */
function makeLabels() {
  const countries = read('countries-50m.json')
  const labels = feature(countries, countries.objects.countries).features.map(({ properties, geometry }) => {
    const polygons = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates
    const rings = polygons.map(([outer]) =>
      unwrapped(outer)
        .slice(0, -1)
        .map(([lon, lat]) => [lon, mercatorY(lat)]),
    )
    const ring = rings.sort((a, b) => ringArea(b) - ringArea(a))[0]
    const xs = ring.map(([x]) => x)
    const ys = ring.map(([, y]) => y)
    const [x0, x1, y0, y1] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)]
    let best = { distance: Number.NEGATIVE_INFINITY, at: ring[0] }
    for (let i = 1; i < 24; i++) {
      for (let j = 1; j < 24; j++) {
        const at = [x0 + ((x1 - x0) * i) / 24, y0 + ((y1 - y0) * j) / 24]
        const distance = edgeDistance(at, ring)
        if (distance > best.distance) best = { distance, at }
      }
    }
    const latitude = (Math.atan(Math.sinh((best.at[1] * Math.PI) / 180)) * 180) / Math.PI
    return {
      name: properties.name,
      position: [Math.round(best.at[0] * 100) / 100, Math.round(latitude * 100) / 100],
      widthDeg: Math.round((x1 - x0) * 100) / 100,
    }
  })
  return labels.sort((a, b) => b.widthDeg - a.widthDeg)
}

const sources = ['land-110m.json', 'countries-110m.json', 'land-50m.json', 'countries-50m.json']
const hash = createHash('sha256').update(readFileSync(fileURLToPath(import.meta.url)))
for (const name of sources) hash.update(readFileSync(resolve(atlas, name)))
const stamp = hash.digest('hex')
const stampFile = resolve(target, 'base-map.stamp')
const outputs = [...FILES.map(({ name }) => name), LABELS]
const isCurrent =
  existsSync(stampFile) &&
  readFileSync(stampFile, 'utf8') === stamp &&
  outputs.every((name) => existsSync(resolve(target, name)))

if (!isCurrent) {
  mkdirSync(target, { recursive: true })
  for (const file of FILES) writeFileSync(resolve(target, file.name), makeFile(file))
  writeFileSync(resolve(target, LABELS), JSON.stringify(makeLabels()))
  writeFileSync(stampFile, stamp)
  console.log(`base map made: ${outputs.join(', ')}`)
}
