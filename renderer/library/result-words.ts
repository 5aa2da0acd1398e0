/** Results as words: state, size, dates, and which file goes onto the map. Pure. */
import type { Result, ResultAsset } from '../../preload/contract/library.ts'

export const RESULT_FILTERS = [
  { value: 'all', label: 'All states' },
  { value: 'complete', label: 'Complete' },
  { value: 'arriving', label: 'Arriving' },
  { value: 'incomplete', label: 'Incomplete' },
] as const
export const RESULT_ORDERS = [
  { value: 'newest', label: 'Newest first' },
  { value: 'oldest', label: 'Oldest first' },
  { value: 'title', label: 'Title' },
  { value: 'size', label: 'Largest first' },
] as const
export type ResultOrder = (typeof RESULT_ORDERS)[number]['value']

const STATES = {
  arriving: { says: 'Arriving', tone: 'info' },
  complete: { says: 'Complete', tone: 'good' },
  incomplete: { says: 'Incomplete', tone: 'warn' },
} as const
export const resultState = (state: Result['state']) => STATES[state]

const ASSET_STATES = {
  waiting: 'Waits',
  downloading: 'Downloading',
  here: 'On this computer',
  failed: 'Failed',
} as const
export const assetState = (state: ResultAsset['state']): string => ASSET_STATES[state]
const KINDS = { raster: 'Raster', picture: 'Picture', json: 'JSON', other: 'File' } as const
export const assetKind = ({ mediaKind }: ResultAsset): string => KINDS[mediaKind]

/** Bytes of the files as far as they are known; null where none is. */
export function sizeBytes({ assets }: Result): number | null {
  const known = assets.map((asset) => asset.sizeBytes ?? (asset.state === 'here' ? asset.receivedBytes : null))
  const sizes = known.filter((size) => size !== null)
  return sizes.length === 0 ? null : sizes.reduce((sum, size) => sum + size, 0)
}

/** The share of the bytes that is here, 0 to 1; null where a size is not known. */
export function receivedShare({ assets }: Result): number | null {
  if (assets.length === 0 || assets.some((asset) => asset.sizeBytes === null && asset.state !== 'here')) return null
  const total = assets.reduce((sum, asset) => sum + (asset.sizeBytes ?? asset.receivedBytes), 0)
  const received = assets.reduce(
    (sum, asset) => sum + (asset.state === 'here' ? (asset.sizeBytes ?? asset.receivedBytes) : asset.receivedBytes),
    0,
  )
  return total === 0 ? null : Math.min(1, received / total)
}

/** `2025-04-01 – 2025-09-28`; empty where nothing is stated. */
export function resultDates({ interval }: Result): string {
  const [from, to] = (interval ?? []).map((instant) => instant?.slice(0, 10) ?? null)
  if (from && to) return from === to ? from : `${from} – ${to}`
  return from ? `since ${from}` : to ? `until ${to}` : ''
}

/** Rasters that are on this computer, data before pictures of them (role `data`). */
export function showableAssets({ assets }: Result): ResultAsset[] {
  const rasters = assets.filter((asset) => asset.mediaKind === 'raster' && asset.state === 'here')
  const isData = (asset: ResultAsset) => (asset.roles.includes('data') ? 0 : 1)
  return [...rasters].sort((a, b) => isData(a) - isData(b))
}

const BY: Record<ResultOrder, (a: Result, b: Result) => number> = {
  newest: (a, b) => b.createdAt.localeCompare(a.createdAt),
  oldest: (a, b) => a.createdAt.localeCompare(b.createdAt),
  title: (a, b) => a.title.localeCompare(b.title, 'en', { numeric: true }),
  size: (a, b) => (sizeBytes(b) ?? -1) - (sizeBytes(a) ?? -1),
}
export const sortedResults = (results: readonly Result[], order: ResultOrder): Result[] =>
  [...results].sort((a, b) => BY[order](a, b) || a.id.localeCompare(b.id))
