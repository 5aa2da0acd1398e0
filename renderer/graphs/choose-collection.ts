/** A collection is taken for the run: with dates where none were typed, selected, and in sight on the map. */
import type { EntryKey } from '../../preload/contract/catalogue.ts'
import type { Bbox } from '../../preload/contract/vocabulary.ts'
import type { App } from '../app/app.ts'
import { scopedId } from '../app/selection.svelte.ts'
import { catalogueOf } from '../catalogue/catalogue.svelte.ts'
import { mapViewOf } from '../map/view.svelte.ts'
import { datesWith, dayOf } from './dates.ts'
import { runsOf } from './runs.ts'

type Chosen = Pick<EntryKey, 'connectionId' | 'id'>

/** The collection becomes that of the run at once; its dates follow when what is known of it was read. */
export async function chooseCollection(
  app: App,
  { connectionId, id }: Chosen,
  bbox?: readonly number[] | null,
): Promise<void> {
  const catalogue = catalogueOf(app)
  const { compose } = runsOf(app)
  let before: ReturnType<typeof catalogue.collection>
  compose.change((draft) => {
    before = catalogue.collection(draft.connectionId, draft.collectionId)
    return { connectionId, collectionId: id }
  })
  app.selection.select('collection', scopedId(connectionId, id))
  showExtent(app, bbox)
  const chosen = catalogue.collection(connectionId, id) ?? (await catalogue.openCollection(connectionId, id))
  if (!chosen) return
  if (!bbox) showExtent(app, chosen.bbox)
  compose.change((draft) => {
    // something else was chosen meanwhile
    if (draft.connectionId !== connectionId || draft.collectionId !== id) return {}
    const dates = [draft.temporalExtent[0], draft.temporalExtent[1]] as [string | null, string | null]
    return { temporalExtent: datesWith(dates, chosen, before, dayOf(Date.now())) }
  })
}

/** The map goes to the extent unless it can be recognised there already. */
export function showExtent(app: App, bbox: readonly number[] | null | undefined): void {
  if (bbox?.length === 4) mapViewOf(app).bringIntoSight(bbox as Bbox)
}
