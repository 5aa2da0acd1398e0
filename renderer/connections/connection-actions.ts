/** What can be done with a connection. */
import BookOpen from '@lucide/svelte/icons/book-open'
import FolderTree from '@lucide/svelte/icons/folder-tree'
import RefreshCw from '@lucide/svelte/icons/refresh-cw'
import type { Action } from '../app/actions.svelte.ts'
import type { App } from '../app/app.ts'
import { catalogueOf } from '../catalogue/catalogue.svelte.ts'
import { reconnectingOf } from './connections.svelte.ts'

/** To be called once at start: state made while actions are derived would not be followed. */
export function provideConnectionActions(app: App): void {
  reconnectingOf(app)
  app.actions.provideFor('connection', (id) => connectionActions(app, id))
}

function connectionActions(app: App, id: string): Action[] {
  const connection = app.stores.connections.get(id)
  if (!connection) return []
  const reconnecting = reconnectingOf(app)
  return [
    {
      id: 'connections.browse',
      title: 'Browse its catalogue',
      icon: BookOpen,
      group: 'Connections',
      isPrimary: connection.state === 'connected',
      run: () => {
        catalogueOf(app).chosenConnectionId = id
        app.shell.open('catalogue')
      },
    },
    {
      id: 'connections.reconnect',
      title: 'Connect again',
      icon: RefreshCw,
      group: 'Connections',
      isPrimary: connection.state === 'failed',
      isEnabled: !reconnecting.asked.has(id) && connection.state !== 'connecting',
      keywords: 'reconnect',
      run: () => reconnecting.reconnect(id),
    },
    ...(connection.kind === 'embedded'
      ? [
          {
            id: 'connections.local',
            title: 'Local data',
            icon: FolderTree,
            group: 'Connections',
            run: () => app.shell.open('local'),
          },
        ]
      : []),
  ]
}
