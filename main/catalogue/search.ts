/**
 * One search over everything that the connections offer: words by FTS5, everything else over arrays, exact totals.
 * Rank: id exactly, beginning of the id, then where all words are: id, title, keywords, bands, description (each with
 * those before it); within a rank what is deprecated comes last, else by title.
 * Why ranks by column and not bm25: one letter matches nearly everything, and 20,000 scores for each key that is typed
 * cost ten times what the ranks do; a rank that is not needed for the page asked for is not computed at all.
 */
import {
  ENTRY_KINDS,
  type EntryKind,
  type Facets,
  type SearchAnswer,
  type SearchHit,
  type SearchQuery,
} from '../../preload/contract/catalogue.ts'
import { asOfEntry, type CacheReader, type EntryRow, type ListRow } from './cache-reader.ts'
import { applyFilters, backEndsOf, NOT_STATED, type SearchedConnection, visiblePlaces } from './filter.ts'
import { idKey } from './read-entry.ts'
import { DEPRECATED, type Names, type Snapshot } from './snapshot.ts'
import { fold, matchExpression, searchTerms } from './words.ts'

export type Search = ReturnType<typeof createSearch>
type Masked = { key: string; mask: Uint8Array; total: number; unknownCount: number }
type Context = { snapshot: Snapshot; connections: readonly SearchedConnection[]; key: string }

/** Columns of the words, most telling first; each rank looks at one more. The last has all. */
const RANKED_COLUMNS = ['id', 'id title', 'id title keywords', 'id title keywords bands']
const RANKS = RANKED_COLUMNS.length + 3
const UNRANKED = 254
const OUT = 255
const MOST_KEPT_PLACES = 2_000_000
const MOST_FACETS = 200
/** Rows in memory, about 1 kB each: whoever types on sees many of them again. */
const MOST_KEPT_ROWS = 4_000
const LAST_CHARACTER = '\u{10ffff}'

export function createSearch(reader: CacheReader, connectionsNow: () => SearchedConnection[]) {
  /** Places by FTS5 expression, of one snapshot. */
  const matched = new Map<string, Uint32Array>()
  let matchedOf: Snapshot | undefined
  let keptPlaces = 0
  /** Of the same snapshot: each change of a row makes another one. */
  const keptRows = new Map<number, EntryRow>()
  let placeOfRow = new Int32Array(0)
  let mask: Masked | undefined
  let facetsKept = new Map<string, Facets>()
  let groups: { starts: Uint32Array; places: Uint32Array } | undefined

  function context(): Context | null {
    const snapshot = reader.snapshot()
    if (!snapshot) return null
    if (snapshot !== matchedOf) {
      matchedOf = snapshot
      matched.clear()
      keptRows.clear()
      keptPlaces = 0
      mask = undefined
      facetsKept = new Map()
      groups = undefined
      placeOfRow = placesByRow(snapshot)
    }
    const connections = connectionsNow()
    return { snapshot, connections, key: JSON.stringify(connections) }
  }
  /** Places of the rows that a statement answers, in no order. */
  function places(key: string, sql: string, parameters: string[]): Uint32Array {
    const known = matched.get(key)
    if (known) {
      matched.delete(key)
      matched.set(key, known)
      return known
    }
    const rows = reader.read((open) => open.column<number>(sql, parameters), [])
    const found = new Uint32Array(rows.length)
    let count = 0
    for (const n of rows) {
      const place = placeOfRow[n]
      if (place !== undefined && place >= 0) found[count++] = place
    }
    const kept = found.subarray(0, count)
    matched.set(key, kept)
    keptPlaces += count
    for (const [oldest, old] of matched) {
      if (keptPlaces <= MOST_KEPT_PLACES) break
      matched.delete(oldest)
      keptPlaces -= old.length
    }
    return kept
  }
  const byWords = (expression: string) =>
    places(expression, 'SELECT rowid FROM words WHERE words MATCH ?', [expression])

  function maskOf({ snapshot, connections, key }: Context, query: SearchQuery): Masked {
    const { text: _text, sort: _sort, offset: _offset, limit: _limit, ...filters } = query
    const maskKey = `${key} ${JSON.stringify(filters)}`
    if (mask?.key === maskKey) return mask
    const bytes = visiblePlaces(snapshot, connections, query.connectionIds)
    applyFilters(bytes, snapshot, query, connections)
    let total = 0
    let unknownCount = 0
    for (const byte of bytes) {
      if (byte === 1) total++
      else if (byte === NOT_STATED) unknownCount++
    }
    mask = { key: maskKey, mask: bytes, total, unknownCount }
    return mask
  }

  /** Ranks of the places that match, as far as they are needed for the first `needed`; OUT for all others. */
  function rank(text: string, expression: string, allowed: Uint8Array, needed: number) {
    const ranks = new Uint8Array(allowed.length).fill(OUT)
    let total = 0
    let unknownCount = 0
    for (const place of byWords(expression)) {
      if (allowed[place] === NOT_STATED) unknownCount++
      if (allowed[place] !== 1 || ranks[place] !== OUT) continue
      ranks[place] = UNRANKED
      total++
    }
    let ranked = 0
    const give = (rankNumber: number, found: Uint32Array) => {
      for (const place of found) {
        if (ranks[place] !== UNRANKED) continue
        ranks[place] = rankNumber
        ranked++
      }
    }
    const key = idKey(text)
    if (key !== '') {
      give(0, places(`=${key}`, 'SELECT n FROM entry WHERE id_key = ?', [key]))
      give(1, places(`^${key}`, 'SELECT n FROM entry WHERE id_key >= ? AND id_key < ?', [key, key + LAST_CHARACTER]))
    }
    for (const [i, columns] of RANKED_COLUMNS.entries()) {
      if (ranked >= Math.min(needed, total)) break
      give(i + 2, byWords(`{${columns}} : (${expression})`))
    }
    return { ranks, total, unknownCount }
  }

  function pageOf({ snapshot }: Context, ranks: Uint8Array, query: SearchQuery): number[] {
    const end = query.offset + query.limit
    const found: number[] = []
    for (let wanted = 0; wanted <= RANKS && found.length < end; wanted++) {
      const rankNumber = wanted === RANKS ? UNRANKED : wanted
      for (const isDeprecated of [0, DEPRECATED])
        for (let place = 0; place < ranks.length && found.length < end; place++)
          if (ranks[place] === rankNumber && ((snapshot.flags[place] as number) & DEPRECATED) === isDeprecated)
            found.push(place)
    }
    return found.slice(query.offset)
  }
  function inOrder({ snapshot }: Context, isIn: (place: number) => boolean, query: SearchQuery): number[] {
    const found: number[] = []
    const end = query.offset + query.limit
    for (let i = 0; i < snapshot.count && found.length < end; i++) {
      const place = query.sort === 'newest' ? (snapshot.newest[i] as number) : i
      if (isIn(place)) found.push(place)
    }
    return found.slice(query.offset)
  }

  function groupPlaces(snapshot: Snapshot): { starts: Uint32Array; places: Uint32Array } {
    if (groups) return groups
    const starts = new Uint32Array(snapshot.count + 2)
    for (const group of snapshot.groups) starts[group + 2] = (starts[group + 2] as number) + 1
    for (let group = 2; group < starts.length; group++)
      starts[group] = (starts[group] as number) + (starts[group - 1] as number)
    const inGroups = new Uint32Array(snapshot.count)
    snapshot.groups.forEach((group, place) => {
      inGroups[starts[group + 1] as number] = place
      starts[group + 1] = (starts[group + 1] as number) + 1
    })
    groups = { starts, places: inGroups }
    return groups
  }
  /** The places of the same kind and id, this one among them. */
  function sameGroup(snapshot: Snapshot, place: number): Uint32Array {
    const { starts, places: inGroups } = groupPlaces(snapshot)
    const group = snapshot.groups[place] as number
    return inGroups.subarray(starts[group], starts[group + 1])
  }

  function rowAt(n: number): EntryRow | undefined {
    const row = keptRows.get(n) ?? reader.row(n)
    if (keptRows.size >= MOST_KEPT_ROWS) keptRows.clear()
    if (row) keptRows.set(n, row)
    return row
  }
  function hits({ snapshot, connections }: Context, found: readonly number[]): SearchHit[] {
    const lists = new Map(reader.lists().map((row) => [`${row.connection_id} ${row.list}`, row]))
    const backEnds = backEndsOf(snapshot, connections)
    return found.flatMap((place) => {
      const row = rowAt(snapshot.rows[place] as number)
      if (!row) return []
      const others = new Set<number>()
      for (const other of sameGroup(snapshot, place))
        others.add(backEnds[snapshot.connections[other] as number] as number)
      others.delete(-1)
      others.delete(backEnds[snapshot.connections[place] as number] as number)
      return [toHit(row, lists.get(`${row.connection_id} ${row.list}`), others.size)]
    })
  }

  return {
    /** What the first search after a change would have to do. */
    warm(): void {
      const now = context()
      if (now) groupPlaces(now.snapshot)
    },
    search(query: SearchQuery): SearchAnswer {
      const now = context()
      if (!now) return { hits: [], total: 0, unknownCount: 0 }
      const allowed = maskOf(now, query)
      const terms = searchTerms(query.text)
      if (terms.length === 0)
        return {
          hits: hits(
            now,
            inOrder(now, (place) => allowed.mask[place] === 1, query),
          ),
          total: allowed.total,
          unknownCount: allowed.unknownCount,
        }
      const needed = query.sort === 'relevance' ? query.offset + query.limit : 0
      const { ranks, total, unknownCount } = rank(query.text, matchExpression(terms), allowed.mask, needed)
      const found =
        query.sort === 'relevance' ? pageOf(now, ranks, query) : inOrder(now, (place) => ranks[place] !== OUT, query)
      return { hits: hits(now, found), total, unknownCount }
    },
    /** `text`: bands, platforms and members whose names hold it. */
    facets(connectionIds: readonly string[], kinds: readonly EntryKind[], text = ''): Facets {
      const now = context()
      if (!now) return { bands: [], platforms: [], members: [], kinds: [] }
      const wantedName = fold(text.trim())
      const key = JSON.stringify([now.key, connectionIds, kinds, wantedName])
      const known = facetsKept.get(key)
      if (known) return known
      const { snapshot } = now
      const visible = visiblePlaces(snapshot, now.connections, connectionIds)
      const kindCounts = new Array<number>(ENTRY_KINDS.length).fill(0)
      const wanted = kinds.map((kind) => ENTRY_KINDS.indexOf(kind))
      visible.forEach((isIn, place) => {
        const kind = snapshot.kinds[place] as number
        if (isIn) kindCounts[kind] = (kindCounts[kind] as number) + 1
        if (wanted.length > 0 && !wanted.includes(kind)) visible[place] = 0
      })
      const counted = ENTRY_KINDS.map((value, i) => ({ value, count: kindCounts[i] as number }))
      const facets: Facets = {
        bands: facet(snapshot.bands, visible, wantedName),
        platforms: facet(snapshot.platforms, visible, wantedName),
        members: facet(snapshot.members, visible, wantedName),
        kinds: counted
          .filter(({ value, count }) => count > 0 && (kinds.length === 0 || kinds.includes(value)))
          .sort((a, b) => b.count - a.count),
      }
      if (facetsKept.size > 20) facetsKept.clear()
      facetsKept.set(key, facets)
      return facets
    },
    /** The same kind and id at other connections that are not disabled; the given one first. */
    twins(row: EntryRow): SearchHit[] {
      const now = context()
      const place = now ? placeOfRow[row.n] : undefined
      if (!now || place === undefined || place < 0) return []
      const order = new Map(now.connections.map(({ id }, i) => [id, i]))
      const backEnds = backEndsOf(now.snapshot, now.connections)
      const of = (p: number) => now.snapshot.connections[p] as number
      const rankOf = (p: number) => order.get(now.snapshot.connectionIds[of(p)] ?? '') ?? 0
      const seen = new Set([backEnds[of(place)] as number])
      const others = [...sameGroup(now.snapshot, place)]
        .filter((p) => p !== place && (backEnds[of(p)] as number) >= 0)
        .sort((a, b) => rankOf(a) - rankOf(b))
        .filter((p) => !seen.has(backEnds[of(p)] as number) && seen.add(backEnds[of(p)] as number))
      return hits(now, [place, ...others])
    },
  }
}

function placesByRow({ rows, count }: Snapshot): Int32Array<ArrayBuffer> {
  let most = 0
  for (const n of rows) if (n > most) most = n
  const placesOf = new Int32Array(most + 1).fill(-1)
  for (let place = 0; place < count; place++) placesOf[rows[place] as number] = place
  return placesOf
}

function facet({ names, keys, starts, values }: Names, visible: Uint8Array, wanted: string) {
  const counts = new Uint32Array(names.length)
  for (let place = 0; place < visible.length; place++) {
    if (!visible[place]) continue
    for (let i = starts[place] as number; i < (starts[place + 1] as number); i++)
      counts[values[i] as number] = (counts[values[i] as number] as number) + 1
  }
  return [...counts.keys()]
    .filter((i) => (counts[i] as number) > 0 && (keys[i] as string).includes(wanted))
    .sort((a, b) => (counts[b] as number) - (counts[a] as number) || ((keys[a] ?? '') < (keys[b] ?? '') ? -1 : 1))
    .slice(0, MOST_FACETS)
    .map((i) => ({ value: names[i] as string, count: counts[i] as number }))
}

function toHit(row: EntryRow, list: ListRow | undefined, twinCount: number): SearchHit {
  const { west, south, east, north } = row
  const hasBox = west !== null && south !== null && east !== null && north !== null
  return {
    connectionId: row.connection_id as SearchHit['connectionId'],
    kind: row.kind,
    namespace: row.namespace,
    id: row.id,
    title: row.title,
    summary: row.summary,
    bbox: hasBox ? [west, south, east, north] : null,
    interval: row.has_interval ? [row.starts, row.ends] : null,
    bandCount: row.band_count,
    resolutionM: row.resolution_m,
    platforms: JSON.parse(row.platforms) as string[],
    isDeprecated: row.is_deprecated === 1,
    isExperimental: row.is_experimental === 1,
    members: JSON.parse(row.members) as string[],
    isMissing: row.is_missing === 1,
    twinCount,
    asOf: asOfEntry(row, list),
  }
}
