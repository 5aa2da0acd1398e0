/**
 * The ground of the sample scene: relief, river and ponds, woods, a town with villages and roads, blocks of fields.
 * Owns: what never changes within the year, one value a pixel in shared memory. Does not: know days, light or weather.
 */
import { fractalNoise, hash, noise, smoothStep } from './noise.mjs'
import { CROPS } from './phenology.mjs'
import { SIZE } from './scene.mjs'

export const COVER = { field: 0, meadow: 1, conifer: 2, broadleaf: 3, water: 4, road: 5, roof: 6, garden: 7, gravel: 8 }
const SEED = 20_24

/** Row of the river's middle at a column, and how broad it is there, in pixels. */
const riverRow = (x) => 512 + 46 * Math.sin(x / 96) + 21 * Math.sin(x / 41 + 1) + 60 * (noise(x / 260, 3, SEED) - 0.5)
function distanceToRiver(x, y) {
  const slope = (riverRow(x + 2) - riverRow(x - 2)) / 4
  return Math.abs(y - riverRow(x)) / Math.sqrt(1 + slope * slope)
}

const PONDS = [
  [128, 430, 17, 9, 0.3],
  [158, 452, 11, 8, 0.9],
  [497, 610, 21, 11, -0.2],
  [531, 633, 10, 7, 0.4],
  [660, 452, 9, 14, 0.1],
]
const TOWNS = [
  { x: 352, y: 396, radius: 58, angle: 0.32 },
  { x: 112, y: 206, radius: 17, angle: 0.9 },
  { x: 612, y: 238, radius: 20, angle: -0.25 },
  { x: 664, y: 660, radius: 18, angle: 0.6 },
  { x: 196, y: 652, radius: 15, angle: 0.1 },
  { x: 420, y: 118, radius: 14, angle: 0.75 },
]
const ROADS = [
  [352, 396, 112, 206],
  [112, 206, -5, 150],
  [352, 396, 612, 238],
  [612, 238, 775, 190],
  [352, 396, 420, 118],
  [420, 118, 452, -5],
  [352, 396, 372, 640],
  [372, 640, 664, 660],
  [664, 660, 775, 702],
  [372, 640, 196, 652],
  [196, 652, -5, 690],
  [352, 396, 20, 372],
  [612, 238, 640, 430],
]

const isPond = (x, y) =>
  PONDS.some(([cx, cy, a, b, angle]) => {
    const u = (x - cx) * Math.cos(angle) + (y - cy) * Math.sin(angle)
    const v = (y - cy) * Math.cos(angle) - (x - cx) * Math.sin(angle)
    return (u / a) ** 2 + (v / b) ** 2 < 1 + 0.5 * (noise(x / 6, y / 6, SEED + 7) - 0.5)
  })

function distanceToRoad(x, y) {
  let nearest = 1e9
  for (const [x0, y0, x1, y1] of ROADS) {
    const dx = x1 - x0
    const dy = y1 - y0
    const t = Math.min(1, Math.max(0, ((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy)))
    const bend = 9 * Math.sin(t * Math.PI * 2 + x0) * Math.sin(t * Math.PI)
    const length = Math.sqrt(dx * dx + dy * dy)
    const px = x0 + t * dx - (dy / length) * bend
    const py = y0 + t * dy + (dx / length) * bend
    nearest = Math.min(nearest, (x - px) ** 2 + (y - py) ** 2)
  }
  return Math.sqrt(nearest)
}

/** Streets in a turned grid, houses with gardens between them, fewer towards the rim; undefined outside. */
function builtUp(x, y) {
  for (const [index, town] of TOWNS.entries()) {
    const u = (x - town.x) * Math.cos(town.angle) + (y - town.y) * Math.sin(town.angle)
    const v = (y - town.y) * Math.cos(town.angle) - (x - town.x) * Math.sin(town.angle)
    const reach = Math.sqrt(u * u + v * v * 1.5) / town.radius + 0.7 * (noise(x / 14, y / 14, SEED + 31) - 0.5)
    if (reach > 1) continue
    const block = 8 + (index === 0 && reach > 0.5 ? 3 : 0)
    const inStreet = Math.min(((u % block) + block) % block, ((v % (block + 3)) + block + 3) % (block + 3)) < 1
    if (inStreet) return COVER.road
    const house = hash(Math.floor(u / 2), Math.floor(v / 2), SEED + 41)
    if (house < 0.72 - 0.45 * reach) return COVER.roof
    // a few halls at the town's edge
    if (index === 0 && reach > 0.72 && hash(Math.floor(u / 7), Math.floor(v / 7), SEED + 43) < 0.3) return COVER.roof
    return COVER.garden
  }
  return undefined
}

const BLOCK = 88
/** The block of fields at a place: the nearest of jittered points; `edge` is the distance to the track between blocks. */
function fieldBlock(x, y) {
  const wx = x + 22 * (noise(x / 70, y / 70, SEED + 51) - 0.5)
  const wy = y + 22 * (noise(x / 70, y / 70, SEED + 52) - 0.5)
  const column = Math.floor(wx / BLOCK)
  const row = Math.floor(wy / BLOCK)
  let best = { distance: 1e9, column: 0, row: 0, x: 0, y: 0 }
  let second = 1e9
  for (let j = row - 1; j <= row + 1; j++)
    for (let i = column - 1; i <= column + 1; i++) {
      const px = (i + 0.15 + 0.7 * hash(i, j, SEED + 53)) * BLOCK
      const py = (j + 0.15 + 0.7 * hash(i, j, SEED + 54)) * BLOCK
      const distance = Math.sqrt((wx - px) ** 2 + (wy - py) ** 2)
      if (distance < best.distance) {
        second = best.distance
        best = { distance, column: i, row: j, x: px, y: py }
      } else if (distance < second) second = distance
    }
  return { ...best, edge: (second - best.distance) / 2 }
}

/** The field at a place: a strip of its block, cut to a length; `edge` is the distance to its border in pixels. */
function fieldAt(x, y) {
  const block = fieldBlock(x, y)
  const own = (n) => hash(block.column, block.row, SEED + 60 + n)
  const angle = 0.5 + (own(1) - 0.5) * 1.1 + (own(2) < 0.3 ? Math.PI / 2 : 0)
  const u = (x - block.x) * Math.cos(angle) + (y - block.y) * Math.sin(angle) + 500
  const v = (y - block.y) * Math.cos(angle) - (x - block.x) * Math.sin(angle) + 500
  const width = 9 + 17 * own(3) ** 1.4
  const strip = Math.floor(u / width)
  const length = 38 + 60 * own(4)
  const shifted = v + length * hash(strip, block.column * 31 + block.row, SEED + 70)
  const piece = Math.floor(shifted / length)
  const inStrip = u - strip * width
  const inPiece = shifted - piece * length
  const edge = Math.min(inStrip, width - inStrip, inPiece, length - inPiece)
  return { key: `${block.column} ${block.row} ${strip} ${piece}`, blockEdge: block.edge, edge }
}

function elevation(x, y) {
  const valley = smoothStep(20, 240, distanceToRiver(x, y))
  return 400 + valley * (12 + 105 * fractalNoise(x / 240, y / 240, SEED + 80, 4))
}

function cropOf(number) {
  let draw = hash(number, 17, SEED + 90)
  for (const [index, crop] of CROPS.entries()) {
    draw -= crop.share
    if (draw < 0) return index
  }
  return 0
}

function coverAt(x, y, height) {
  const river = distanceToRiver(x, y)
  const breadth = 5 + 2.2 * noise(x / 55, 9, SEED + 95)
  if (river < breadth || isPond(x, y)) return COVER.water
  const road = distanceToRoad(x, y)
  if (road < 0.75) return COVER.road
  if (river < breadth + 1.6 && noise(x / 17, y / 17, SEED + 96) > 0.68) return COVER.gravel
  const built = builtUp(x, y)
  if (built !== undefined) return built
  if (river < breadth + 11 * noise(x / 30, y / 30, SEED + 97)) return COVER.broadleaf
  const wood = fractalNoise((0.9 * x + 0.44 * y) / 130, (0.9 * y - 0.44 * x) / 130, SEED + 98, 5) + (height - 440) / 480
  if (wood > 0.63)
    return fractalNoise((0.7 * x - 0.7 * y) / 52, (0.7 * x + 0.7 * y) / 52, SEED + 99, 4) > 0.47
      ? COVER.conifer
      : COVER.broadleaf
  const wet = river < 44 + 50 * (noise(x / 60, y / 60, SEED + 100) - 0.3)
  return wet && noise(x / 90, y / 90, SEED + 102) > 0.35 ? COVER.meadow : COVER.field
}

/**
 * The ground, SIZE × SIZE values each, row by row from the north-west, in shared memory:
 * cover (COVER), field (number of the field or meadow), crop (index of CROPS or MEADOWS), slopeEast and slopeSouth
 * (metres a metre), soil (brightness −1 … 1), grain (fine structure, −2 … 2), margin (share of a field's border strip).
 */
export function makeLandscape() {
  const shared = (Type) => new Type(new SharedArrayBuffer(SIZE * SIZE * Type.BYTES_PER_ELEMENT))
  const ground = {
    cover: shared(Uint8Array),
    field: shared(Uint16Array),
    crop: shared(Uint8Array),
    slopeEast: shared(Float32Array),
    slopeSouth: shared(Float32Array),
    soil: shared(Float32Array),
    grain: shared(Float32Array),
    margin: shared(Float32Array),
  }
  const heights = new Float32Array(SIZE * SIZE)
  for (let y = 0, i = 0; y < SIZE; y++) for (let x = 0; x < SIZE; x++, i++) heights[i] = elevation(x, y)
  const numbers = new Map()
  for (let y = 0, i = 0; y < SIZE; y++)
    for (let x = 0; x < SIZE; x++, i++) {
      const cover = coverAt(x, y, heights[i])
      ground.cover[i] = cover
      const east = x < SIZE - 1 ? heights[i + 1] - heights[i] : heights[i] - heights[i - 1]
      const south = y < SIZE - 1 ? heights[i + SIZE] - heights[i] : heights[i] - heights[i - SIZE]
      ground.slopeEast[i] = east / 10
      ground.slopeSouth[i] = south / 10
      ground.soil[i] = 2 * fractalNoise(x / 34, y / 34, SEED + 110, 3) - 1
      ground.grain[i] = Math.round(3.2 * hash(x, y, SEED + 111) - 1.6)
      if (cover !== COVER.field && cover !== COVER.meadow) continue
      const { key, edge, blockEdge } = fieldAt(x, y)
      if (!numbers.has(key)) numbers.set(key, numbers.size)
      const number = numbers.get(key)
      ground.field[i] = number
      ground.crop[i] = cover === COVER.field ? cropOf(number) : Math.floor(hash(number, 5, SEED + 120) * 3)
      ground.margin[i] = Math.max(1 - smoothStep(0.1, 1, edge), 1 - smoothStep(0.3, 1.5, blockEdge))
    }
  return { ...ground, fieldCount: numbers.size }
}
