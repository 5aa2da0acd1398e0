/** What can be done with a collection of a connection. */
import Play from '@lucide/svelte/icons/play'
import RefreshCw from '@lucide/svelte/icons/refresh-cw'
import ZoomIn from '@lucide/svelte/icons/zoom-in'
import type { Bbox } from '../../preload/contract/vocabulary.ts'
import type { Action } from '../app/actions.svelte.ts'
import type { App } from '../app/app.ts'
import { splitScopedId } from '../app/selection.svelte.ts'
import { chooseCollection } from '../graphs/choose-collection.ts'
import { mapViewOf } from '../map/view.svelte.ts'
import { catalogueOf } from './catalogue.svelte.ts'

/** To be called once at start: state made while actions are derived would not be followed. */
export function provideCollectionActions(app: App): void {
  catalogueOf(app)
  app.actions.provideFor('collection', (scoped) => collectionActions(app, scoped))
}

function collectionActions(app: App, scoped: string): Action[] {
  const catalogue = catalogueOf(app)
  const collection = catalogue.collectionByScopedId(scoped)
  const { connectionId } = splitScopedId(scoped)
  if (!collection) return []
  const { bbox } = collection
  return [
    {
      id: 'catalogue.run',
      title: 'Use in a run',
      icon: Play,
      group: 'Catalogue',
      isPrimary: true,
      run: () => {
        chooseCollection(app, collection)
        app.shell.open('graphs')
      },
    },
    {
      id: 'catalogue.zoom',
      title: 'Zoom to extent',
      icon: ZoomIn,
      group: 'Catalogue',
      isEnabled: bbox !== undefined,
      run: () => {
        app.shell.showMap()
        if (bbox) mapViewOf(app).fit(bbox as Bbox)
      },
    },
    {
      id: 'catalogue.refresh',
      title: 'Read again',
      icon: RefreshCw,
      group: 'Catalogue',
      run: () => catalogue.refresh(connectionId),
    },
  ]
}
