/**
 * Reproducible randomness for the sample landscape: hashes of integers and smooth noise built on them.
 * Why not Math.random or a stream of numbers: a hash of a place and a seed gives the same value in any order and thread.
 */

/** A value in [0, 1) for two integers and a seed. */
export function hash(x, y, seed) {
  let h = Math.imul(x | 0, 0x27d4eb2d) ^ Math.imul(y | 0, 0x165667b1) ^ Math.imul(seed | 0, 0x9e3779b1)
  h = Math.imul(h ^ (h >>> 15), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return ((h ^ (h >>> 16)) >>> 0) / 4294967296
}

/** 0 below `from`, 1 above `to`, smooth between. */
export function smoothStep(from, to, value) {
  const t = Math.min(1, Math.max(0, (value - from) / (to - from)))
  return t * t * (3 - 2 * t)
}

/** Value noise in [0, 1) whose bumps are one unit wide. */
export function noise(x, y, seed) {
  const column = Math.floor(x)
  const row = Math.floor(y)
  const u = x - column
  const v = y - row
  const su = u * u * (3 - 2 * u)
  const sv = v * v * (3 - 2 * v)
  const top = hash(column, row, seed) * (1 - su) + hash(column + 1, row, seed) * su
  const bottom = hash(column, row + 1, seed) * (1 - su) + hash(column + 1, row + 1, seed) * su
  return top * (1 - sv) + bottom * sv
}

/** Noise of several octaves in [0, 1); the widest bump is one unit wide. */
export function fractalNoise(x, y, seed, octaves) {
  let sum = 0
  let total = 0
  let weight = 1
  for (let octave = 0; octave < octaves; octave++) {
    sum += weight * noise(x, y, seed + octave * 101)
    total += weight
    weight *= 0.5
    // each octave is turned, so that the lattice does not show
    const turned = 2 * (0.8 * x - 0.6 * y) + 0.37
    y = 2 * (0.6 * x + 0.8 * y) + 0.71
    x = turned
  }
  return sum / total
}
