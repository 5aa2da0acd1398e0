/**
 * What the search answers is exactly what somebody finds who reads every document: hits, order by rank, totals; for
 * seeded queries with every filter.
 */
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { Facets, SearchHit, SearchQuery } from '../../../preload/contract/catalogue.ts'
import { type FakeBackEnd, startBackEnd } from '../../fakes/openeo-back-end.ts'
import { createRandom } from '../../fakes/random.ts'
import { syntheticCollection, syntheticProcess } from '../../fakes/synthetic-catalogue.ts'
import { EVERYTHING, openWorld, type World } from './world.ts'

// each world starts a process; on a busy machine that takes seconds
vi.setConfig({ testTimeout: 40_000, hookTimeout: 40_000 })

// biome-ignore lint/suspicious/noExplicitAny: documents as the scan reads them
type Doc = Record<string, any>
const SEED = 7
const collections: Doc[] = Array.from({ length: 400 }, (_, n) => syntheticCollection(SEED, n))
const processes: Doc[] = Array.from({ length: 60 }, (_, n) => syntheticProcess(SEED, n))
let backEnd: FakeBackEnd
let world: World
beforeAll(async () => {
  backEnd = await startBackEnd()
  backEnd.collections = collections
  backEnd.processes = processes
  world = await openWorld()
  await world.connect(backEnd.address, { isOnce: true })
})
afterAll(async () => {
  await world.close()
  await backEnd.close()
})

/**
 * Whether a word of the text begins like this: after anything that is no letter or digit, between letters and digits, and
 * at a capital that begins a word. Written on its own.
 */
function findsWord(text: string, wanted: string, isOnlyAtStart = false): boolean {
  const cased = text.normalize('NFKD').replace(/\p{M}/gu, '').replaceAll('ß', 'ss')
  const plain = cased.toLowerCase()
  const kind = (c: string | undefined) => (!c ? '' : /\p{N}/u.test(c) ? 'n' : /\p{L}/u.test(c) ? 'l' : '')
  const isCapital = (at: number) => /\p{Lu}/u.test(cased[at] ?? '')
  const isSmall = (at: number) => /\p{Ll}/u.test(cased[at] ?? '')
  for (let start = 0; start < (isOnlyAtStart ? 1 : plain.length); start++) {
    if (kind(plain[start]) === '') continue
    const isCamel = isCapital(start) && (isSmall(start - 1) || (isCapital(start - 1) && isSmall(start + 1)))
    if (kind(plain[start]) === kind(plain[start - 1]) && !isCamel) continue
    let at = start
    let matched = 0
    while (matched < wanted.length && plain[at] === wanted[matched]) {
      matched++
      at++
      // inside of a word `_ - .` are passed over
      let gap = at
      while (plain[gap] && '_-.'.includes(plain[gap] as string)) gap++
      if (gap > at && kind(plain[gap]) !== '' && matched < wanted.length) at = gap
    }
    if (matched === wanted.length) return true
  }
  return false
}
/** Beginnings of words under other names, each with the rest of its word. */
function otherNames(text: string, areBands: boolean): string[] {
  const found: string[] = []
  const lower = text.toLowerCase()
  // a zero before a number of one digit, behind one or two letters
  for (const { index } of lower.matchAll(/(?<=^|[^a-z])[a-z]{1,2}[_\-.]*(?=0?[1-9](?!\d))/g)) {
    const [, name = '', zero, digit, rest = ''] = /^([a-z]+)[_\-.]*(0?)([1-9])([\w.-]*)/.exec(lower.slice(index)) ?? []
    found.push(`${name}${zero ? '' : '0'}${digit}${rest}`)
  }
  if (areBands) return found
  const isSynthesis = /proba[ _-]?v|vgt/.test(lower)
  for (let at = 0; at < lower.length; at++) {
    if (/[a-z0-9]/.test(lower[at - 1] ?? '')) continue
    const here = lower.slice(at)
    const sentinel = /^(?:sentinel[ _.-]?|s)([1-6])(?!\d)([\w.-]*)/.exec(here)
    if (sentinel && !isSynthesis) found.push(`sentinel${sentinel[1]}${sentinel[2]}`, `s${sentinel[1]}${sentinel[2]}`)
    const landsat = /^(?:landsat[ _.-]?0?([4-9])|l[ceot]0?([4-9])|l([5789]))(?!\d)([\w.-]*)/.exec(here)
    const number = landsat?.[1] ?? landsat?.[2] ?? landsat?.[3]
    if (number) for (const name of ['landsat', 'l', 'lc0', 'lc']) found.push(`${name}${number}${landsat?.[4]}`)
  }
  return found
}
function fieldsOf(doc: Doc): string[] {
  const isProcess = 'parameters' in doc
  const bands = doc.summaries?.['eo:bands']?.map((band: Doc) => band.name) ?? []
  return [
    doc.id,
    isProcess ? doc.summary : doc.title,
    [...(doc.keywords ?? []), ...(doc.categories ?? []), ...(doc.summaries?.platform ?? [])].join(' '),
    bands.join(' '),
    doc.description,
  ]
}
/** 0 exactly the id … 6 with the help of the description; null: not found. */
function rankOf(doc: Doc, text: string): number | null {
  const words = (text.toLowerCase().match(/[\p{L}\p{N}]+(?:[_\-.]+[\p{L}\p{N}]+)*/gu) ?? []).map((word) =>
    word.replace(/[^\p{L}\p{N}]/gu, ''),
  )
  const fields = fieldsOf(doc)
  const others = fields.map((field, i) => otherNames(field, i === 3))
  const foundIn = (upTo: number) => {
    const isThere = (word: string) =>
      fields.slice(0, upTo).some((field) => findsWord(field, word)) ||
      others.slice(0, upTo).some((names) => names.some((name) => findsWord(name, word, true)))
    const pairs = words.slice(1).map((word, i) => [...words.slice(0, i), words[i] + word, ...words.slice(i + 2)])
    return [words, ...(words.length <= 4 ? pairs : [])].some((each) => each.every(isThere))
  }
  if (!foundIn(5)) return null
  const key = text.trim().toLowerCase()
  if (doc.id.toLowerCase() === key) return 0
  if (doc.id.toLowerCase().startsWith(key)) return 1
  return ([1, 2, 3, 4, 5].find(foundIn) ?? 5) + 1
}
/** Of a collection that states less than the filters ask for: without those filters. */
function isLeftOutForSilence(doc: Doc, query: SearchQuery): boolean {
  if ('parameters' in doc || isAllowed(doc, query)) return false
  const { summaries = {}, extent } = doc
  return isAllowed(doc, {
    ...query,
    bands: summaries['eo:bands']?.length ? query.bands : [],
    platforms: summaries.platform?.length ? query.platforms : [],
    bbox: extent ? query.bbox : null,
    interval: extent ? query.interval : null,
  })
}
function isAllowed(doc: Doc, query: SearchQuery): boolean {
  const isProcess = 'parameters' in doc
  if (query.kinds.length > 0 && !query.kinds.includes(isProcess ? 'process' : 'collection')) return false
  if (!query.hasDeprecated && doc.deprecated) return false
  if (!query.hasExperimental && doc.experimental) return false
  const names = (doc.summaries?.['eo:bands'] ?? []).map((band: Doc) => band.name.toLowerCase())
  if (!query.bands.every((band) => names.includes(band.toLowerCase()))) return false
  if (query.platforms.length > 0 && !query.platforms.some((name) => doc.summaries?.platform?.includes(name)))
    return false
  if (query.maximumResolutionM !== null && !(doc.summaries?.gsd?.[0] <= query.maximumResolutionM)) return false
  if (query.bbox) {
    const box = doc.extent?.spatial.bbox[0]
    if (!box) return false
    const [w, s, e, n] = query.bbox
    // longitudes one by one, in tenths of a degree, around the globe
    const inside = (x: number, from: number, to: number) => (from <= to ? x >= from && x <= to : x >= from || x <= to)
    const shares = [w, e, box[0], box[2]].some((x: number) => inside(x, w, e) && inside(x, box[0], box[2]))
    if (!shares || box[1] > n || box[3] < s) return false
  }
  if (query.interval) {
    const time = doc.extent?.temporal.interval[0]
    if (!time) return false
    const [from, to] = query.interval
    if (to !== null && Date.parse(time[0]) >= Date.parse(to)) return false
    if (from !== null && time[1] !== null && Date.parse(time[1]) < Date.parse(from)) return false
  }
  return true
}
const titleOf = (doc: Doc): string => (doc.title ?? doc.summary).toLowerCase()

function scan(query: SearchQuery): string[] {
  const hasWords = /[\p{L}\p{N}]/u.test(query.text)
  const found = [...collections, ...processes]
    .filter((doc) => isAllowed(doc, query))
    .map((doc) => ({ doc, rank: hasWords ? rankOf(doc, query.text) : 0 }))
    .filter(({ rank }) => rank !== null)
  const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
  found.sort((a, b) => {
    const byRank = hasWords && query.sort === 'relevance' ? (a.rank ?? 0) - (b.rank ?? 0) : 0
    const isOld = (doc: Doc) => (hasWords && query.sort === 'relevance' && doc.deprecated ? 1 : 0)
    return byRank || isOld(a.doc) - isOld(b.doc) || order(titleOf(a.doc), titleOf(b.doc)) || order(a.doc.id, b.doc.id)
  })
  return found.map(({ doc }) => doc.id)
}

test('seeded queries with filters find exactly what a scan of the documents finds, in its order', async () => {
  const random = createRandom('catalogue search')
  const words = [...collections, ...processes].flatMap((doc) =>
    fieldsOf(doc).flatMap((text) => text.split(/[\s,.()]+/)),
  )
  const maybe = <T>(value: T, otherwise: T) => (random.next() < 0.25 ? value : otherwise)
  let hitCount = 0
  let silentCount = 0
  for (let n = 0; n < 120; n++) {
    const count = random.pick([0, 1, 1, 1, 2, 3])
    const text = Array.from({ length: count }, (_, i) => {
      const word = random.pick(words)
      return i === count - 1 || random.next() < 0.3 ? word.slice(0, 1 + random.integer(12)) : word
    }).join(' ')
    const west = random.integer(360) - 180
    const bbox: SearchQuery['bbox'] = [
      west,
      -30 + random.integer(60),
      ((west + 200) % 360) - 180,
      40 + random.integer(40),
    ]
    const sample = random.pick(collections)
    const query: SearchQuery = {
      ...EVERYTHING,
      text,
      kinds: maybe(['collection'], []),
      bbox: maybe(bbox, null),
      interval: maybe([`${2015 + random.integer(8)}-06-01`, maybe('2024-01-01', null as never)], null as never),
      bands: maybe([sample.summaries['eo:bands'][0].name], []),
      platforms: maybe(sample.summaries.platform ?? [], []),
      maximumResolutionM: maybe(30, null as never),
      hasDeprecated: random.next() < 0.5,
      hasExperimental: random.next() < 0.5,
      sort: random.pick(['relevance', 'title']),
      offset: maybe(3, 0),
      limit: 50,
    }
    const expected = scan(query)
    const answer = await world.search(query)
    const { total, unknownCount } = answer
    const hasWords = /[\p{L}\p{N}]/u.test(text)
    const silent = collections.filter((doc) => isLeftOutForSilence(doc, query))
    silentCount += unknownCount ?? 0
    expect({ query, total, unknownCount, ids: answer.hits.map(({ id }) => id) }).toEqual({
      query,
      total: expected.length,
      unknownCount: silent.filter((doc) => !hasWords || rankOf(doc, text) !== null).length,
      ids: expected.slice(query.offset, query.offset + query.limit),
    })
    hitCount += answer.hits.length
  }
  expect(hitCount).toBeGreaterThan(500)
  expect(silentCount).toBeGreaterThan(20)
})

test.each([
  '"',
  '""',
  "'",
  '*',
  'a*',
  '^id',
  'id:x',
  '{id} : a',
  'a AND',
  'OR',
  'NOT x',
  'NEAR(a b, 2)',
  '(',
  ')',
  'a + b',
  '-a',
  ';--',
  '\u0000',
  '\u{1F6F0}',
  'x'.repeat(200),
  '_'.repeat(200),
  'a-'.repeat(100),
  'é ß ﬀ İ 中文',
  '%_\\',
  '\ud800',
])('no text is an error: %j', async (text) => {
  const { hits, total } = await world.search({ text })
  expect(hits.length).toBeLessThanOrEqual(total)
})

test('ids are found as analysts type them', async () => {
  const id = collections.find((doc) => doc.id.startsWith('S2_'))?.id as string
  const long = id.replace('S2', 'Sentinel-2')
  for (const text of [id, id.toLowerCase(), id.replaceAll('_', '-'), id.replaceAll('_', ''), long])
    expect((await world.ids({ text, limit: 5 }))[0]).toBe(id)
  const short = await world.search({ text: 's2', limit: 1 })
  expect(short.total).toBe(scan({ ...EVERYTHING, text: 's2' }).length)
  expect(short.total).toBeGreaterThan(10)
})

test('pages do not overlap and are whole together', async () => {
  const all = await world.ids({ text: 'e', limit: 200 })
  const parts = [await world.ids({ text: 'e', limit: 70 }), await world.ids({ text: 'e', offset: 70, limit: 130 })]
  expect(parts.flat()).toEqual(all)
})

test('two accounts at one back-end show an entry once, another back-end is a twin', async () => {
  const other = await startBackEnd()
  other.collections = [collections[0]]
  const [{ id: first }] = world.connections.all().filter(({ kind }) => kind === 'openeo') as unknown as [{ id: string }]
  const { id: second } = await world.connect(other.address, { isOnce: true })
  const account = await world.call<{ id: string }>('connections', 'addAccount', { id: second })
  await world.until(account.id, ({ state }) => state === 'connected')
  await world.refresh(account.id)
  const text = collections[0]?.id as string
  const { hits } = await world.search({ text, limit: 2 })
  expect(hits.map((hit) => [hit.connectionId, hit.twinCount])).toEqual(
    expect.arrayContaining([
      [first, 1],
      [second, 1],
    ]),
  )
  expect(await world.ids({ text, connectionIds: [account.id as never] })).toEqual([text])
  const { connectionId, kind, namespace, id } = hits.find((hit) => hit.connectionId === second) as SearchHit
  const twins = await world.call<SearchHit[]>('catalogue', 'twins', { connectionId, kind, namespace, id })
  expect(twins.map((hit) => hit.connectionId)).toEqual([second, first])
  for (const gone of [account.id, second]) await world.call('connections', 'remove', { id: gone })
  await other.close()
})

test('facets count what there is', async () => {
  const { bands, kinds, platforms } = await world.call<Facets>('catalogue', 'facets', { connectionIds: [], kinds: [] })
  const counts = new Map<string, number>()
  for (const doc of collections)
    for (const { name } of doc.summaries['eo:bands']) counts.set(name, (counts.get(name) ?? 0) + 1)
  const [most] = [...counts].sort((a, b) => b[1] - a[1])
  expect(bands[0]?.count).toBe(most?.[1])
  expect(kinds).toContainEqual({ value: 'collection', count: 400 })
  expect(platforms.length).toBeGreaterThan(3)
  const some = await world.call<Facets>('catalogue', 'facets', { connectionIds: [], kinds: [], text: 'B0' })
  expect(some.bands.length).toBeGreaterThan(2)
  expect(some.bands).toEqual(bands.filter(({ value }) => value.toLowerCase().includes('b0')))
})
