/**
 * A finished job's files as STAC: a Collection with all assets and a link to an Item for each file.
 * Owns: the documents. Does not: sign links (the caller hands in how) or read files.
 * Source: openEO API 1.2.0, GET /jobs/{job_id}/results.
 */
import type { Manifest, ResultAsset } from '../batch-jobs/job-files.ts'
import type { Job } from '../batch-jobs/job-store.ts'
import type { Link } from './paging.ts'
import {
  boxGeometry,
  EO,
  FILE,
  PROJECTION,
  projection,
  RASTER,
  rasterBand,
  STAC_VERSION,
  stacInterval,
} from './stac-terms.ts'

/** Signed addresses of what a result consists of. */
export type ResultLinks = {
  canonical(): { href: string; expires: string }
  item(key: string): string
  asset(name: string): string
}

const titleOf = (job: Job) => job.title ?? 'Result of a batch job'

/** STAC asset of a file; the checksum is a multihash of SHA-256. */
export function stacAsset(asset: ResultAsset, href: string) {
  return {
    href,
    title: asset.title,
    type: asset.mediaType,
    roles: asset.roles,
    'file:size': asset.sizeBytes,
    'file:checksum': `1220${asset.sha256}`,
    ...(asset.grid ? projection(asset.grid) : {}),
    ...(asset.bbox ? { bbox: asset.bbox } : {}),
    ...(asset.bands
      ? {
          'eo:bands': asset.bands.map(({ name, description }) => ({ name, ...(description ? { description } : {}) })),
          'raster:bands': asset.bands.map(rasterBand),
        }
      : {}),
  }
}

const EXTENSIONS = [PROJECTION, EO, RASTER, FILE]

/** The Collection of the results; `manifest` is undefined while the job has none. */
export function resultCollection(job: Job, manifest: Manifest | undefined, status: string, links: ResultLinks) {
  const canonical = links.canonical()
  const assets = manifest?.assets ?? []
  const interval = manifest?.interval ? stacInterval(manifest.interval) : [null, null]
  return {
    type: 'Collection',
    stac_version: STAC_VERSION,
    stac_extensions: assets.length > 0 ? EXTENSIONS : [],
    id: job.id,
    title: titleOf(job),
    description: job.description || titleOf(job),
    license: 'proprietary',
    'openeo:status': status,
    extent: {
      spatial: { bbox: [manifest?.bbox ?? [-180, -90, 180, 90]] },
      temporal: { interval: [interval] },
    },
    links: [
      { rel: 'canonical', href: canonical.href, type: 'application/json', title: 'This document, without a token' },
      ...assets.map(
        ({ key, title }): Link => ({ rel: 'item', href: links.item(key), type: 'application/geo+json', title }),
      ),
    ],
    assets: Object.fromEntries(assets.map((asset) => [asset.key, stacAsset(asset, links.asset(asset.name))])),
    expires: canonical.expires,
  }
}

type When = { datetime: string | null; start_datetime?: string; end_datetime?: string; description?: string }

/** Data without any date are dated by their computation, and say so: STAC does not allow an Item without a time. */
function timesOf(datetime: string | undefined, interval: [string, string] | null | undefined, endedAt: string): When {
  if (datetime !== undefined) return { datetime }
  if (!interval)
    return { datetime: endedAt, description: 'The data have no date; the date is that of the computation.' }
  const [start, end] = stacInterval(interval)
  return { datetime: null, start_datetime: start, end_datetime: end }
}

function feature(id: string, box: Manifest['bbox'] | undefined, properties: object, assets: object, links: Link[]) {
  return {
    type: 'Feature',
    stac_version: STAC_VERSION,
    stac_extensions: EXTENSIONS,
    id,
    geometry: box ? boxGeometry(box) : null,
    ...(box ? { bbox: box } : {}),
    properties,
    assets,
    links,
  }
}

/** The Item of one file. */
export function resultItem(job: Job, manifest: Manifest, asset: ResultAsset, links: ResultLinks) {
  const canonical = links.canonical()
  const properties = {
    title: asset.title,
    ...timesOf(asset.datetime, asset.interval ?? manifest.interval, manifest.endedAt),
    created: manifest.endedAt,
    expires: canonical.expires,
    ...(asset.grid ? projection(asset.grid) : {}),
  }
  return {
    ...feature(
      `${job.id}-${asset.key}`,
      asset.bbox ?? manifest.bbox,
      properties,
      { [asset.key]: stacAsset(asset, links.asset(asset.name)) },
      [
        { rel: 'self', href: links.item(asset.key), type: 'application/geo+json' },
        { rel: 'collection', href: canonical.href, type: 'application/json' },
        { rel: 'parent', href: canonical.href, type: 'application/json' },
      ],
    ),
    collection: job.id,
  }
}

/** All results as one Item, for clients that ask for `application/geo+json`. */
export function resultFeature(job: Job, manifest: Manifest, status: string, links: ResultLinks) {
  const canonical = links.canonical()
  const only = manifest.assets.length === 1 ? manifest.assets[0] : undefined
  const properties = {
    title: titleOf(job),
    ...(job.description ? { description: job.description } : {}),
    ...timesOf(only?.datetime, manifest.interval, manifest.endedAt),
    created: manifest.endedAt,
    expires: canonical.expires,
    'openeo:status': status,
  }
  const assets = Object.fromEntries(
    manifest.assets.map((asset) => [asset.key, stacAsset(asset, links.asset(asset.name))]),
  )
  return feature(job.id, manifest.bbox, properties, assets, [
    { rel: 'canonical', href: canonical.href, type: 'application/geo+json' },
  ])
}
