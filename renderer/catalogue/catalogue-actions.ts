/** What can be done with entries of the catalogue: collections, processes, formats and the rest. */
import Braces from '@lucide/svelte/icons/braces'
import CodeXml from '@lucide/svelte/icons/code-xml'
import Copy from '@lucide/svelte/icons/copy'
import ExternalLink from '@lucide/svelte/icons/external-link'
import GitCompare from '@lucide/svelte/icons/git-compare'
import PanelRight from '@lucide/svelte/icons/panel-right'
import Play from '@lucide/svelte/icons/play'
import RefreshCw from '@lucide/svelte/icons/refresh-cw'
import Search from '@lucide/svelte/icons/search'
import ZoomIn from '@lucide/svelte/icons/zoom-in'
import type { EntryKey } from '../../preload/contract/catalogue.ts'
import type { Bbox } from '../../preload/contract/vocabulary.ts'
import type { Action } from '../app/actions.svelte.ts'
import type { App } from '../app/app.ts'
import { wireErrorOf } from '../app/bridge.svelte.ts'
import { failures } from '../app/failures.ts'
import { focusPane } from '../app/panes.ts'
import type { SelectionKind } from '../app/selection.svelte.ts'
import { chooseCollection } from '../graphs/choose-collection.ts'
import { mapViewOf } from '../map/view.svelte.ts'
import { copyText } from '../ui/clipboard.ts'
import { countOf } from '../ui/format.ts'
import { catalogueOf, MOST_COMPARED } from './catalogue.svelte.ts'
import { loadCollectionNode, pythonLine, sourceLink } from './entry-code.ts'
import { entryKeyOf } from './entry-id.ts'
import { nodeText } from './graph-node.ts'
import { rowKeyOf } from './search.svelte.ts'
import { copyNode } from './use-in-graph.ts'

const group = 'Catalogue'
export const ENTRY_SELECTIONS = ['collection', 'process', 'catalogue-entry'] as const satisfies SelectionKind[]

/** To be called once at start: state made while actions are derived would not be followed. */
export function provideCatalogueActions(app: App): void {
  catalogueOf(app)
  app.actions.provide(() => searchActions(app))
  for (const kind of ENTRY_SELECTIONS) {
    app.actions.provideFor(kind, (_id, ids) => entryActions(app, kind, ids))
  }
}

function searchActions(app: App): Action[] {
  const isOpen = app.shell.feature === 'catalogue' && app.memory.isListOpen
  return [
    {
      id: 'catalogue.search',
      title: 'Search the catalogue',
      icon: Search,
      group,
      keywords: 'find collections processes formats',
      // elsewhere the key belongs to the page that is open
      ...(isOpen ? { shortcut: 'Mod+F' } : {}),
      run: () => catalogueOf(app).askForSearch(),
    },
  ]
}

function entryActions(app: App, kind: SelectionKind, ids: readonly string[]): Action[] {
  const keys = ids.map((id) => entryKeyOf(kind, id)).filter((key) => key !== null)
  const [first] = keys
  if (!first) return []
  return keys.length > 1 ? manyActions(app, keys) : oneActions(app, first)
}

const copying = (app: App, text: string, what: string) => async () => {
  await copyText(text)
  app.toasts.say(`${what} copied.`)
}

function manyActions(app: App, keys: readonly EntryKey[]): Action[] {
  return [
    {
      id: 'catalogue.compare',
      title: keys.length > MOST_COMPARED ? `Compare (at most ${MOST_COMPARED})` : `Compare ${keys.length} entries`,
      icon: GitCompare,
      group,
      isPrimary: true,
      isEnabled: keys.length <= MOST_COMPARED && keys.every(({ kind }) => kind === keys[0]?.kind),
      run: () => catalogueOf(app).compare(keys),
    },
    {
      id: 'catalogue.copy-id',
      title: 'Copy ids',
      icon: Copy,
      group,
      run: copying(app, keys.map(({ id }) => id).join('\n'), `${countOf(keys.length, 'id')} were`),
    },
  ]
}

function oneActions(app: App, key: EntryKey): Action[] {
  const catalogue = catalogueOf(app)
  const entry = catalogue.entryOf(key)?.entry
  const bbox = entry?.collection?.bbox ?? catalogue.search.find(rowKeyOf(key))?.bbox ?? undefined
  const isCollection = key.kind === 'collection'
  return [
    ...(isCollection
      ? [
          {
            id: 'catalogue.run',
            title: 'Use in a run',
            icon: Play,
            group,
            isPrimary: true,
            run: () => {
              void chooseCollection(app, key, bbox)
              app.shell.open('graphs')
            },
          },
          {
            id: 'catalogue.zoom',
            title: 'Show on the map',
            icon: ZoomIn,
            group,
            isEnabled: bbox !== undefined,
            run: () => {
              app.shell.showMap()
              if (bbox) mapViewOf(app).fit(bbox as Bbox)
            },
          },
        ]
      : []),
    {
      id: 'catalogue.twins',
      title: 'Compare across back-ends',
      icon: GitCompare,
      group,
      keywords: 'twins others side by side',
      run: () => compareTwins(app, key),
    },
    ...copyActions(app, key),
    ...linkActions(app, key),
    {
      id: 'catalogue.open',
      title: 'Open in the inspector',
      icon: PanelRight,
      group,
      isEnabled: !app.shell.isInspectorShown,
      run: () => openInspector(app),
    },
    {
      id: 'catalogue.refresh',
      title: `Read ${app.stores.connections.get(key.connectionId)?.title ?? 'the back-end'} again`,
      icon: RefreshCw,
      group,
      isEnabled: !catalogue.isReading(key.connectionId),
      run: () => catalogue.refresh(key.connectionId),
    },
  ]
}

function copyActions(app: App, key: EntryKey): Action[] {
  const line = pythonLine(key)
  const actions: Action[] = [
    { id: 'catalogue.copy-id', title: 'Copy id', icon: Copy, group, run: copying(app, key.id, `“${key.id}” was`) },
  ]
  if (line) {
    const isCollection = key.kind === 'collection'
    const title = isCollection ? 'Copy as load_collection node' : 'Copy as graph node'
    const run = async () => {
      if (isCollection) return copying(app, nodeText(loadCollectionNode(key.id)), 'The node was')()
      // the parameters of a process are in the whole document
      const entry = await catalogueOf(app).openEntry(key)
      return copyNode(app, entry ?? { document: {}, key })
    }
    actions.push({ id: 'catalogue.copy-node', title, icon: Braces, group, keywords: 'json', run })
  }
  if (line) {
    const run = copying(app, line, 'The line was')
    actions.push({ id: 'catalogue.copy-python', title: 'Copy as Python', icon: CodeXml, group, run })
  }
  return actions
}

function linkActions(app: App, key: EntryKey): Action[] {
  const href = sourceLink(catalogueOf(app).entryOf(key)?.entry?.document)
  if (!href) return []
  const run = () => app.client.diagnostics.openLink({ url: href })
  return [{ id: 'catalogue.source', title: `Open ${new URL(href).host}`, icon: ExternalLink, group, run }]
}

/** Shows the selected entry and goes there. */
export function openInspector(app: App): void {
  app.memory.isInspectorOpen = true
  requestAnimationFrame(() => focusPane('pane-inspector'))
}

async function compareTwins(app: App, key: EntryKey): Promise<void> {
  try {
    const twins = await app.client.catalogue.twins(key)
    if (twins.length < 2) app.toasts.say('No other connection offers this under the same id.')
    else
      catalogueOf(app).compare(
        twins.map(({ connectionId, kind, namespace, id }) => ({ connectionId, kind, namespace, id })),
      )
  } catch (thrown) {
    app.toasts.say(failures[wireErrorOf(thrown).code].says)
  }
}
