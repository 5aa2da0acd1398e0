/**
 * Clouds, their shadows and the swath's edge on one overpass.
 * The share of cloud is met exactly: the threshold is the quantile of the noise field.
 */
import { fractalNoise, smoothStep } from './noise.mjs'
import { RESOLUTION_M, SIZE } from './scene.mjs'

const COARSE = 4
const CELLS = SIZE / COARSE + 1
const CLOUD_HEIGHT_M = { stratus: 900, cumulus: 1300 }
const LOOK = {
  stratus: { width: 210, octaves: 4, soft: 0.09 },
  cumulus: { width: 62, octaves: 4, soft: 0.07 },
}

/** Bilinear values of a coarse grid at every pixel. */
function spread(coarse) {
  const out = new Float32Array(SIZE * SIZE)
  for (let y = 0, i = 0; y < SIZE; y++) {
    const row = Math.floor(y / COARSE)
    const v = y / COARSE - row
    for (let x = 0; x < SIZE; x++, i++) {
      const column = Math.floor(x / COARSE)
      const u = x / COARSE - column
      const at = row * CELLS + column
      const top = coarse[at] * (1 - u) + coarse[at + 1] * u
      const bottom = coarse[at + CELLS] * (1 - u) + coarse[at + CELLS + 1] * u
      out[i] = top * (1 - v) + bottom * v
    }
  }
  return out
}

function noiseField(width, stretch, octaves, seed) {
  const coarse = new Float32Array(CELLS * CELLS)
  for (let y = 0, i = 0; y < CELLS; y++)
    for (let x = 0; x < CELLS; x++, i++)
      coarse[i] = fractalNoise((x * COARSE) / (width * stretch), (y * COARSE) / width, seed, octaves)
  return coarse
}

/** Opacity of clouds, 0 … 1, at every pixel; undefined where the sky is clear. */
function cloudOpacity({ index, cover, kind }) {
  if (cover === 0) return undefined
  if (cover === 1) {
    const field = spread(noiseField(150, 1.3, 4, 3000 + index))
    return field.map((value) => 0.8 + 0.2 * value)
  }
  const look = LOOK[kind]
  const coarse = noiseField(look.width, 1.25, look.octaves, 3000 + index)
  const sorted = Float32Array.from(coarse).sort()
  const threshold = sorted[Math.floor((1 - cover) * (sorted.length - 1))]
  return spread(coarse).map((value) => smoothStep(threshold - look.soft * 0.35, threshold + look.soft * 0.65, value))
}

/** The clouds, moved to where the sun throws their shadow. */
function shadowOf(clouds, { kind, sunZenithDeg, sunAzimuthDeg }) {
  const reach = Math.min(140, (CLOUD_HEIGHT_M[kind] * Math.tan((sunZenithDeg * Math.PI) / 180)) / RESOLUTION_M)
  const azimuth = (sunAzimuthDeg * Math.PI) / 180
  const dx = Math.round(Math.sin(azimuth) * reach)
  const dy = Math.round(-Math.cos(azimuth) * reach)
  const shadow = new Float32Array(SIZE * SIZE)
  for (let y = 0, i = 0; y < SIZE; y++)
    for (let x = 0; x < SIZE; x++, i++) {
      // clouds beyond the scene's rim throw shadows too; the nearest pixel stands for them
      const cx = Math.min(SIZE - 1, Math.max(0, x + dx))
      const cy = Math.min(SIZE - 1, Math.max(0, y + dy))
      shadow[i] = clouds[cy * SIZE + cx]
    }
  return shadow
}

/** Thin high cloud in streaks; undefined where there is none. */
function cirrusOpacity({ index, kind }) {
  if (kind !== 'cirrus') return undefined
  return spread(noiseField(120, 4.5, 3, 5000 + index)).map((value) => 0.2 * smoothStep(0.44, 0.78, value))
}

/** Whether the swath leaves a pixel out. */
export function isOutsideSwath({ edge }, x, y) {
  if (edge === 0) return false
  const across = (x + 0.22 * (y - SIZE / 2)) / SIZE
  return edge > 0 ? across > 1 - edge : across < -edge
}

/** `clouds`, `shadow`, `cirrus`: opacities at every pixel, undefined where there is none at all. */
export function weatherOf(overpass) {
  const clouds = cloudOpacity(overpass)
  return {
    clouds,
    shadow: clouds && overpass.cover < 1 ? shadowOf(clouds, overpass) : undefined,
    cirrus: cirrusOpacity(overpass),
  }
}
