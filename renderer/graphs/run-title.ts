/** The title of a run that the user gave none. Pure. */
import type { Draft } from '../../preload/contract/graphs.ts'

/** `NDVI of Area 1, 2025-04-01 to 2025-10-01`: what is known of it, in this order. At most 300 characters. */
export function runTitle(draft: Draft, names: { recipe?: string | undefined; area?: string | undefined }): string {
  const own = draft.title.trim()
  if (own) return own
  const [from, to] = draft.temporalExtent
  const dates = from && to ? `${from} to ${to}` : from ? `from ${from}` : to ? `until ${to}` : ''
  const what = [names.recipe ?? 'Run', names.area].filter(Boolean).join(' of ')
  return [what, dates].filter(Boolean).join(', ').slice(0, 300)
}
