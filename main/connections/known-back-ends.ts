/**
 * The list of well-known services to pick from: what comes with Swath, as the user has it.
 * Owns: the built-in entries, and table known_back_end (own entries, and the fields of built-in ones that were changed).
 * Why single fields: an address that a later version brings reaches everybody who did not change the address.
 */
import type { KnownBackEnd } from '../../preload/contract/connections.ts'
import { type Clock, instant } from '../core/clock.ts'
import type { Database } from '../core/database.ts'
import { AppError } from '../core/errors.ts'
import { newId } from '../core/ids.ts'
import { readAddress } from '../protocols/address.ts'

type Entry = Pick<KnownBackEnd, 'id' | 'kind' | 'title' | 'url' | 'description'>

export const BUILT_IN: readonly Entry[] = [
  {
    id: 'cdse',
    kind: 'openeo',
    title: 'Copernicus Data Space Ecosystem',
    url: 'https://openeo.dataspace.copernicus.eu',
    description: 'Sentinel and contributing missions, processed where they are stored. Free quota with an account.',
  },
  {
    id: 'openeo-platform',
    kind: 'openeo',
    title: 'openEO Platform',
    url: 'https://openeo.cloud',
    description: 'A federation: the collections and processes of several back-ends behind one address.',
  },
  {
    id: 'terrascope',
    kind: 'openeo',
    title: 'Terrascope (VITO)',
    url: 'https://openeo.vito.be',
    description: 'Sentinel, PROBA-V and Copernicus land products at VITO.',
  },
  {
    id: 'eodc',
    kind: 'openeo',
    title: 'EODC',
    url: 'https://openeo.eodc.eu',
    description: 'Sentinel archives and derived products at the Earth Observation Data Centre, Vienna.',
  },
  {
    id: 'sentinel-hub',
    kind: 'openeo',
    title: 'Sentinel Hub',
    url: 'https://openeo.sentinel-hub.com/production',
    description: 'Collections of Sentinel Hub. Sign in with a client id and its secret.',
  },
  {
    id: 'earth-engine',
    kind: 'openeo',
    title: 'Google Earth Engine',
    url: 'https://earthengine.openeo.org',
    description: 'Collections of Google Earth Engine through an openEO driver.',
  },
  {
    id: 'cdse-stac',
    kind: 'stac',
    title: 'Copernicus Data Space catalogue',
    url: 'https://stac.dataspace.copernicus.eu/v1',
    description: 'STAC API over the archives of the Copernicus Data Space Ecosystem.',
  },
  {
    id: 'destine-stac',
    kind: 'stac',
    title: 'DestinE Data Lake catalogue',
    url: 'https://hda.data.destination-earth.eu/stac/v2',
    description: 'STAC API of the Harmonised Data Access service.',
  },
  {
    id: 'destine-hook',
    kind: 'destine',
    title: 'DestinE Data Lake: Hook',
    url: 'https://odp.data.destination-earth.eu/odata/v1',
    description: 'Workflows on demand at the DestinE Data Lake. Needs a role of the platform.',
  },
  {
    id: 'cdse-on-demand',
    kind: 'destine',
    title: 'Copernicus Data Space: on-demand processing',
    url: 'https://odp.dataspace.copernicus.eu/odata/v1',
    description: 'Workflows on demand at the Copernicus Data Space Ecosystem.',
  },
]

type KnownRow = {
  id: string
  is_built_in: number
  is_hidden: number
  kind: string | null
  title: string | null
  url: string | null
  description: string | null
}
export type KnownBackEnds = ReturnType<typeof createKnownBackEnds>
type Wanted = Omit<KnownBackEnd, 'id' | 'isBuiltIn' | 'isHidden'> & {
  id?: string | undefined
  isHidden?: boolean | undefined
}

export function createKnownBackEnds(database: Database, clock: Clock, builtIn: readonly Entry[] = BUILT_IN) {
  const rows = () =>
    new Map(
      database
        .all<KnownRow>('SELECT * FROM known_back_end ORDER BY created_at, id')
        .map((row) => [row.id, row] as const),
    )
  const entryOf = (id: string) => builtIn.find((entry) => entry.id === id)

  function list(): KnownBackEnd[] {
    const changed = rows()
    const own = [...changed.values()].filter((row) => entryOf(row.id) === undefined)
    return [
      ...builtIn.map((entry) => merged(entry, changed.get(entry.id), true)),
      // an entry that Swath no longer brings stays where the user has made it whole
      ...own.filter((row) => row.title !== null && row.url !== null).map((row) => merged(blank(row.id), row, false)),
    ]
  }

  /** A field that is as Swath brings it is not kept. */
  function save(wanted: Wanted): KnownBackEnd[] {
    const id = wanted.id ?? newId('known', clock.now())
    const entry = entryOf(id)
    if (wanted.id !== undefined && !entry && !rows().has(id)) throw gone()
    checkAddress(wanted.url)
    const differing = (name: 'kind' | 'title' | 'url' | 'description') =>
      entry && entry[name] === wanted[name] ? null : wanted[name]
    database.run(
      `INSERT INTO known_back_end (id, is_built_in, is_hidden, kind, title, url, description, created_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET is_hidden = excluded.is_hidden,
       kind = excluded.kind, title = excluded.title, url = excluded.url, description = excluded.description`,
      [
        id,
        entry !== undefined,
        wanted.isHidden ?? false,
        differing('kind'),
        differing('title'),
        differing('url'),
        differing('description'),
        instant(clock.now()),
      ],
    )
    return list()
  }

  function remove(id: string): KnownBackEnd[] {
    const known = list().find((entry) => entry.id === id)
    if (!known) throw gone()
    if (known.isBuiltIn) return save({ ...known, isHidden: true })
    database.run('DELETE FROM known_back_end WHERE id = ?', [id])
    return list()
  }

  function restore(): KnownBackEnd[] {
    for (const { id } of builtIn) database.run('DELETE FROM known_back_end WHERE id = ?', [id])
    return list()
  }
  return { list, save, remove, restore }
}

/** @throws AppError invalid-input at the field `url` */
function checkAddress(url: string): void {
  try {
    readAddress(url)
  } catch (failure) {
    if (!(failure instanceof AppError)) throw failure
    throw new AppError('invalid-input', failure.message, { fields: { url: failure.message } })
  }
}
const gone = () => new AppError('not-found', 'The entry is not in the list any more.')
const blank = (id: string): Entry => ({ id, kind: 'openeo', title: '', url: '', description: '' })
const merged = (entry: Entry, row: KnownRow | undefined, isBuiltIn: boolean): KnownBackEnd => ({
  id: entry.id,
  kind: (row?.kind ?? entry.kind) as KnownBackEnd['kind'],
  title: row?.title ?? entry.title,
  url: row?.url ?? entry.url,
  description: row?.description ?? entry.description,
  isBuiltIn,
  isHidden: row?.is_hidden === 1,
})
