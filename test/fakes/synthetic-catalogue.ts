/**
 * Very many collections and processes that look like real ones: titles, keywords, bands, extents, platforms, some
 * Markdown, some deprecated, some without extent. The n-th entry follows from seed and n alone, so that nothing is kept:
 * a list of 20,000 is made while it is sent.
 * Use: `fillWithSynthetic(backEnd, { collections: 20_000, processes: 2_000 })`.
 */
import type { FakeBackEnd, Source } from './openeo/types.ts'
import {
  KEYWORDS,
  MISSIONS,
  OBJECTS,
  PERIODS,
  PROCESSING,
  PRODUCTS,
  REGIONS,
  SENTENCES,
  TYPES,
  VERBS,
} from './synthetic-words.ts'

export type SyntheticSize = { collections: number; processes: number; seed?: number }
export const SYNTHETIC_SEED = 20_260_601

type Draw = {
  next(): number
  integer(below: number): number
  pick<T>(from: readonly T[]): T
  some<T>(from: readonly T[], count: number): T[]
}

/** Numbers of one entry; generator: splitmix32 over seed and place. */
function drawFor(seed: number, index: number): Draw {
  let state = (Math.imul(seed, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca77)) >>> 0
  const next = () => {
    state = (state + 0x9e3779b9) >>> 0
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32
  }
  const integer = (below: number) => Math.floor(next() * below)
  const pick = <T>(from: readonly T[]) => from[integer(from.length)] as T
  return { next, integer, pick, some: (from, count) => Array.from({ length: count }, () => pick(from)) }
}

const slug = (text: string) => text.toUpperCase().replace(/[^A-Z0-9]+/g, '_')
const indexOf = (id: string) => Number(/_(\d+)$/.exec(id)?.[1] ?? -1)
const chance = ({ next }: Draw, share: number) => next() < share

/** The n-th collection; its id ends with n. 1 in 50 states no extent, 1 in 30 is deprecated, 1 in 20 experimental. */
export function syntheticCollection(seed: number, index: number): Record<string, unknown> {
  const draw = drawFor(seed, index)
  const mission = draw.pick(MISSIONS)
  const [product, region, period, processing] = [
    draw.pick(PRODUCTS),
    draw.pick(REGIONS),
    draw.pick(PERIODS),
    draw.pick(PROCESSING),
  ]
  const bands = mission.bands.slice(0, 1 + draw.integer(mission.bands.length))
  const from = mission.from + draw.integer(6)
  const end = chance(draw, 0.5) ? null : `${from + 1 + draw.integer(8)}-12-31T23:59:59Z`
  const gsd = mission.gsd * draw.pick([1, 1, 2, 3])
  const spatial = { bbox: [region.bbox] }
  const temporal = { interval: [[`${from}-01-01T00:00:00Z`, end]] }
  const id = `${slug(`${mission.code} ${product} ${region.name}`)}_${index}`
  return {
    type: 'Collection',
    stac_version: '1.0.0',
    id,
    title: `${mission.name} ${product}, ${region.name} (${period}, ${processing})`,
    description: `${period} ${product.toLowerCase()} from ${mission.name} over ${region.name}.\n\n${draw.some(SENTENCES, 2 + draw.integer(6)).join(' ')}`,
    keywords: [...new Set(draw.some(KEYWORDS, 3 + draw.integer(5)))],
    license: draw.pick(['proprietary', 'CC-BY-4.0', 'other']),
    providers: [{ name: draw.pick(['Agency', 'Data Centre', 'University']), roles: ['producer', 'host'] }],
    ...(chance(draw, 0.02) ? {} : { extent: { spatial, temporal } }),
    'cube:dimensions': {
      x: { type: 'spatial', axis: 'x', extent: [region.bbox[0], region.bbox[2]], step: gsd / 111_320 },
      y: { type: 'spatial', axis: 'y', extent: [region.bbox[1], region.bbox[3]], step: gsd / 111_320 },
      t: { type: 'temporal', extent: [`${from}-01-01T00:00:00Z`, end] },
      bands: { type: 'bands', values: bands },
    },
    summaries: {
      ...(mission.platforms.length > 0 ? { platform: mission.platforms } : {}),
      gsd: [gsd],
      'eo:bands': bands.map((name) => ({ name, description: `${name} of ${mission.name}` })),
    },
    ...(chance(draw, 1 / 30) ? { deprecated: true } : {}),
    ...(chance(draw, 1 / 20) ? { experimental: true } : {}),
    links: [{ rel: 'license', href: `https://example.org/licences/${id}` }],
  }
}

/** The n-th process; its id ends with n. */
export function syntheticProcess(seed: number, index: number): Record<string, unknown> {
  const draw = drawFor(seed ^ 0x5bd1e995, index)
  const [verb, object] = [draw.pick(VERBS), draw.pick(OBJECTS)]
  const parameters = Array.from({ length: 1 + draw.integer(6) }, (_, n) => ({
    name: n === 0 ? 'data' : `${draw.pick(OBJECTS)}_${n}`,
    description: draw.pick(SENTENCES),
    schema: n === 0 ? TYPES[0] : draw.pick(TYPES),
    ...(n > 1 ? { optional: true, default: null } : {}),
  }))
  return {
    id: `${verb}_${object}_${index}`,
    summary: `${verb[0]?.toUpperCase()}${verb.slice(1)} ${object} of a cube`,
    description: draw.some(SENTENCES, 2 + draw.integer(4)).join(' '),
    categories: draw.some(['cubes', 'math', 'masks', 'reducer', 'vector', 'udf'], 2),
    parameters,
    returns: { description: 'The outcome.', schema: draw.pick(TYPES) },
    ...(chance(draw, 1 / 20) ? { experimental: true } : {}),
    links: [],
  }
}

const sourceOf = (count: number, at: (index: number) => Record<string, unknown>): Source => ({
  count,
  at,
  find(id) {
    const index = indexOf(id)
    const entry = index >= 0 && index < count ? at(index) : undefined
    return entry?.id === id ? entry : undefined
  },
})

/** The lists, made while they are read. */
export const syntheticCollections = (count: number, seed = SYNTHETIC_SEED): Source =>
  sourceOf(count, (index) => syntheticCollection(seed, index))
export const syntheticProcesses = (count: number, seed = SYNTHETIC_SEED): Source =>
  sourceOf(count, (index) => syntheticProcess(seed, index))

/** Puts them in place of the fake's own collections and processes. */
export function fillWithSynthetic(
  backEnd: FakeBackEnd,
  { collections, processes, seed = SYNTHETIC_SEED }: SyntheticSize,
): FakeBackEnd {
  backEnd.collectionSource = syntheticCollections(collections, seed)
  backEnd.processSource = syntheticProcesses(processes, seed)
  return backEnd
}
