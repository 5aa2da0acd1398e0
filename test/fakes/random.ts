/** Random numbers that can be had again: the seed is printed, and SWATH_SEED sets it. Generator: mulberry32. */
export type Random = {
  readonly seed: number
  /** 0 ≤ x < 1 */
  next(): number
  /** 0 ≤ n < below */
  integer(below: number): number
  pick<T>(from: readonly T[]): T
  bytes(length: number): Buffer
}

export function createRandom(what: string, seed = Number(process.env.SWATH_SEED ?? Date.now() % 2 ** 31)): Random {
  console.log(`seed of ${what}: ${seed}`)
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const integer = (below: number) => Math.floor(next() * below)
  return {
    seed,
    next,
    integer,
    pick: (from) => from[integer(from.length)] as (typeof from)[number],
    bytes(length) {
      const bytes = Buffer.allocUnsafe(length)
      for (let i = 0; i < length; i++) bytes[i] = integer(256)
      return bytes
    },
  }
}
