/** A collection is taken for the run: with dates where none were typed, selected, and in sight on the map. */
import type { CollectionSummary } from '../../preload/contract/catalogue.ts'
import type { Bbox } from '../../preload/contract/vocabulary.ts'
import type { App } from '../app/app.ts'
import { scopedId } from '../app/selection.svelte.ts'
import { catalogueOf } from '../catalogue/catalogue.svelte.ts'
import { mapViewOf } from '../map/view.svelte.ts'
import { datesWith, dayOf } from './dates.ts'
import { runsOf } from './runs.ts'

/** The collection becomes that of the run. */
export function chooseCollection(app: App, collection: CollectionSummary): void {
  const { connectionId, id } = collection
  runsOf(app).compose.change((draft) => {
    const before = catalogueOf(app).collection(draft.connectionId, draft.collectionId)
    const dates = [draft.temporalExtent[0], draft.temporalExtent[1]] as [string | null, string | null]
    return {
      connectionId,
      collectionId: id,
      temporalExtent: datesWith(dates, collection, before, dayOf(Date.now())),
    }
  })
  app.selection.select('collection', scopedId(connectionId, id))
  showExtent(app, collection)
}

/** The map goes to the collection unless it can be recognised there already. */
export function showExtent(app: App, { bbox }: CollectionSummary): void {
  if (bbox) mapViewOf(app).bringIntoSight(bbox as Bbox)
}
