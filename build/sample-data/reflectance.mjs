/**
 * What the sensor sees on one overpass: reflectance of four bands and the scene classification.
 * Spectra are B02, B03, B04, B08 of typical surfaces; mixtures are linear in the shares of cover.
 */
import { COVER } from './landscape.mjs'
import { hash, smoothStep } from './noise.mjs'
import { autumnColour, CROPS, leafCover, MEADOWS } from './phenology.mjs'
import { SCALE, SIZE } from './scene.mjs'
import { isOutsideSwath, weatherOf } from './weather.mjs'

const SOIL = [0.062, 0.085, 0.112, 0.188]
const GREEN = [0.022, 0.054, 0.026, 0.46]
const DRY = [0.088, 0.132, 0.172, 0.288]
const FLOWER = [0.048, 0.158, 0.142, 0.44]
const CONIFER = [0.017, 0.03, 0.018, 0.215]
const BROADLEAF = [0.02, 0.046, 0.022, 0.41]
const BARE_TREES = [0.045, 0.056, 0.066, 0.155]
const AUTUMN_TREES = [0.034, 0.075, 0.098, 0.31]
const WATER = [0.038, 0.048, 0.028, 0.012]
const ROAD = [0.098, 0.106, 0.114, 0.138]
const GRAVEL = [0.12, 0.14, 0.155, 0.2]
const ROOFS = [
  [0.085, 0.092, 0.15, 0.2],
  [0.11, 0.115, 0.125, 0.15],
  [0.21, 0.22, 0.23, 0.26],
  [0.075, 0.08, 0.115, 0.17],
]
const SNOW = [0.74, 0.76, 0.77, 0.69]
const CLOUD = [0.58, 0.57, 0.56, 0.6]
const HAZE = [0.012, 0.006, 0.003, 0.001]
/** What is left of the light in a cloud's shadow. */
const SHADE = [0.5, 0.46, 0.43, 0.4]
/** Stored numbers of each band are multiples of this, which keeps the files small: one or two thousandths. */
export const STEPS = [10, 10, 10, 20, 1]

const mix = (out, a, b, share) => {
  for (let band = 0; band < 4; band++) out[band] = a[band] * (1 - share) + b[band] * share
}

/** Shares of green, dry and flowers of every field on a day: three values a field. */
function fieldStates(day, fieldCount, crops) {
  const states = new Float32Array(fieldCount * 3)
  for (let field = 0; field < fieldCount; field++) {
    const shiftDays = (hash(field, 1, 77) - 0.5) * 15
    const vigour = 0.8 + 0.18 * hash(field, 2, 77)
    const state = crops[field](day + shiftDays)
    states.set([state.green * vigour, state.dry, state.flower], field * 3)
  }
  return states
}

function cropCurves(ground) {
  const curves = []
  for (let i = 0; i < ground.field.length; i++) {
    const cover = ground.cover[i]
    if (cover === COVER.field) curves[ground.field[i]] = CROPS[ground.crop[i]].at
    else if (cover === COVER.meadow) curves[ground.field[i]] ??= MEADOWS[ground.crop[i]]
  }
  return curves
}

/** Fills `out` with the reflectance of the ground at pixel i. */
function surface(out, ground, states, day, i) {
  const grain = ground.grain[i]
  const soil = ground.soil[i]
  switch (ground.cover[i]) {
    case COVER.field:
    case COVER.meadow: {
      const at = ground.field[i] * 3
      const margin = ground.margin[i]
      const green = Math.min(1, Math.max(0, states[at] * (1 + 0.1 * soil)))
      const meadowGreen = 0.45 + 0.3 * smoothStep(80, 130, day) * (1 - smoothStep(285, 330, day))
      const g = green * (1 - margin) + meadowGreen * margin
      const d = Math.min(1 - g, states[at + 1] * (1 - margin) + 0.15 * margin)
      const bare = 1 - g - d
      const brightness = 1 + 0.2 * soil
      const flower = states[at + 2] * g * (1 - margin) * 0.8
      for (let band = 0; band < 4; band++) {
        const plant = GREEN[band] * (1 - flower) + FLOWER[band] * flower
        out[band] = plant * g + DRY[band] * d + SOIL[band] * bare * brightness
      }
      return
    }
    case COVER.conifer:
      for (let band = 0; band < 4; band++) out[band] = CONIFER[band] * (1 + 0.08 * grain + 0.15 * soil)
      return
    case COVER.broadleaf: {
      mix(out, BARE_TREES, BROADLEAF, leafCover(day + 6 * soil))
      mix(out, out, AUTUMN_TREES, 0.8 * autumnColour(day + 8 * soil))
      for (let band = 0; band < 4; band++) out[band] *= 1 + 0.06 * grain + 0.12 * soil
      return
    }
    case COVER.water:
      for (let band = 0; band < 4; band++) out[band] = WATER[band] * (1 + 0.15 * soil)
      return
    case COVER.roof: {
      const roof = ROOFS[Math.floor(hash(i, 3, 79) * 4)]
      for (let band = 0; band < 4; band++) out[band] = roof[band]
      return
    }
    case COVER.garden:
      mix(out, SOIL, GREEN, 0.34 + 0.32 * smoothStep(90, 140, day) * (1 - smoothStep(280, 325, day)) + 0.12 * grain)
      return
    default: {
      const spectrum = ground.cover[i] === COVER.road ? ROAD : GRAVEL
      for (let band = 0; band < 4; band++) out[band] = spectrum[band] * (1 + 0.05 * grain)
    }
  }
}

function snowShare(cover, grain, soil) {
  if (cover === COVER.water) return 0
  if (cover === COVER.conifer) return 0.18
  if (cover === COVER.broadleaf) return 0.4
  if (cover === COVER.road || cover === COVER.roof) return 0.35 + 0.3 * grain
  return Math.min(1, Math.max(0.15, 0.82 + 0.5 * soil))
}

/** Light on the slope against light on flat ground. */
function lightModel({ sunZenithDeg, sunAzimuthDeg }) {
  const zenith = (Math.min(sunZenithDeg, 72) * Math.PI) / 180
  const azimuth = (sunAzimuthDeg * Math.PI) / 180
  const east = Math.sin(azimuth) * Math.tan(zenith)
  const south = -Math.cos(azimuth) * Math.tan(zenith)
  return (slopeEast, slopeSouth) => Math.min(1.6, Math.max(0.45, 1 - slopeEast * east - slopeSouth * south))
}

function classify(cover, out, snow, clouds, shadow, cirrus) {
  if (clouds > 0.62) return 9
  if (clouds > 0.28) return 8
  if (clouds > 0.12) return 7
  if (cirrus > 0.08) return 10
  if (shadow > 0.4) return 3
  if (cover === COVER.water) return 6
  if (snow > 0.5) return 11
  return (out[3] - out[2]) / (out[3] + out[2]) > 0.4 ? 4 : 5
}

/**
 * The scene of one overpass: B02, B03, B04, B08 in steps of SCALE and SCL, Uint16Array of SIZE × SIZE each.
 * 0 is no data in all of them.
 */
export function makeScene(ground, overpass) {
  const { day, hasSnow } = overpass
  const bands = Array.from({ length: 5 }, () => new Uint16Array(SIZE * SIZE))
  const { clouds, shadow, cirrus } = weatherOf(overpass)
  const states = fieldStates(day, ground.fieldCount, cropCurves(ground))
  const light = lightModel(overpass)
  const out = [0, 0, 0, 0]
  for (let y = 0, i = 0; y < SIZE; y++)
    for (let x = 0; x < SIZE; x++, i++) {
      if (isOutsideSwath(overpass, x, y)) continue
      surface(out, ground, states, day, i)
      const cover = ground.cover[i]
      const snow = hasSnow ? snowShare(cover, ground.grain[i], ground.soil[i]) : 0
      if (snow > 0) mix(out, out, SNOW, snow)
      const lit = cover === COVER.water ? 1 : light(ground.slopeEast[i], ground.slopeSouth[i])
      const cloud = clouds ? clouds[i] : 0
      const dark = shadow ? shadow[i] * (1 - cloud) : 0
      const thin = cirrus ? cirrus[i] : 0
      bands[4][i] = classify(cover, out, snow, cloud, dark, thin)
      for (let band = 0; band < 4; band++) {
        const ground = out[band] * lit * (1 - dark * (1 - SHADE[band])) + HAZE[band]
        const veiled = ground * (1 - thin) + CLOUD[band] * thin
        const seen = veiled * (1 - cloud) + CLOUD[band] * (0.62 + 0.5 * cloud) * cloud
        bands[band][i] = Math.max(1, Math.round(seen / SCALE / STEPS[band])) * STEPS[band]
      }
    }
  return bands
}
