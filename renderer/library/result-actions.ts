/** What can be done with results of the library, for one and for several. */
import Copy from '@lucide/svelte/icons/copy'
import Download from '@lucide/svelte/icons/download'
import FolderOpen from '@lucide/svelte/icons/folder-open'
import ListChecks from '@lucide/svelte/icons/list-checks'
import MapPlus from '@lucide/svelte/icons/map-plus'
import Pencil from '@lucide/svelte/icons/pencil'
import Trash from '@lucide/svelte/icons/trash-2'
import type { Result } from '../../preload/contract/library.ts'
import type { Action } from '../app/actions.svelte.ts'
import type { App } from '../app/app.ts'
import { countOf } from '../ui/format.ts'
import { libraryPageOf } from './library-page.svelte.ts'
import { showableAssets } from './result-words.ts'

const group = 'Library'

/** To be called once at start: also lets results that the user waits for come onto the map. */
export function provideLibraryActions(app: App): void {
  libraryPageOf(app)
  app.actions.provideFor('result', (_id, ids) => resultActions(app, ids))
}

/** The actions of the selected results. */
export function resultActions(app: App, ids: readonly string[]): Action[] {
  const results = ids.map((id) => app.stores.library.get(id)).filter((result) => result !== undefined)
  const [first] = results
  if (!first) return []
  return [...(results.length === 1 ? oneResult(app, first) : []), ...allResults(app, results)]
}

function oneResult(app: App, result: Result): Action[] {
  const page = libraryPageOf(app)
  const [asset] = showableAssets(result)
  const { id } = result
  const job = app.stores.jobs.get(result.jobId)
  return [
    {
      id: 'library.show',
      title: 'Show on map',
      icon: MapPlus,
      group,
      isPrimary: true,
      isEnabled: asset !== undefined,
      run: () => asset && page.showOnMap(result, asset.key),
    },
    {
      id: 'library.reveal',
      title: 'Show files',
      icon: FolderOpen,
      group,
      keywords: 'reveal folder finder explorer',
      run: () => page.attempt(id, () => app.client.library.reveal({ id })),
    },
    {
      id: 'library.export',
      title: 'Copy to a folder …',
      icon: Copy,
      group,
      keywords: 'export',
      run: async () => {
        const copied = await page.attempt(id, () => app.client.library.exportTo({ id }))
        if (copied) app.toasts.say(`${countOf(copied.fileCount, 'file')} copied.`)
      },
    },
    {
      id: 'library.rename',
      title: 'Rename',
      icon: Pencil,
      group,
      shortcut: 'F2',
      run: () => {
        page.renaming = id
        app.shell.inspect('result', id)
      },
    },
    ...(job
      ? [
          {
            id: 'library.job',
            title: 'Show job',
            icon: ListChecks,
            group,
            run: () => {
              app.shell.open('jobs')
              app.shell.inspect('job', job.id)
            },
          },
        ]
      : []),
  ]
}

function allResults(app: App, results: readonly Result[]): Action[] {
  const page = libraryPageOf(app)
  const broken = results.filter((result) => result.state === 'incomplete')
  const retry: Action = {
    id: 'library.retry',
    title: 'Download again what failed',
    icon: Download,
    group,
    run: () =>
      Promise.all(
        broken.map(async ({ id }) => {
          const changed = await page.attempt(id, () => app.client.library.retry({ id }))
          if (changed) app.stores.library.keep(changed)
        }),
      ),
  }
  const remove: Action = {
    id: 'library.remove',
    title: results.length === 1 ? 'Move to trash' : `Move ${countOf(results.length, 'result')} to trash`,
    icon: Trash,
    group,
    shortcut: 'Delete',
    keywords: 'remove delete',
    isDangerous: true,
    run: () => {
      page.toRemove = results
    },
  }
  return broken.length > 0 ? [retry, remove] : [remove]
}

/** Moves the folders of the results to the system's trash, after the user was asked. */
export async function trashResults(app: App, results: readonly Result[]): Promise<void> {
  const page = libraryPageOf(app)
  const done = await Promise.all(
    results.map(({ id }) =>
      page.attempt(id, async () => {
        await app.client.library.remove({ id })
        app.stores.library.drop(id)
        return id
      }),
    ),
  )
  const count = done.filter(Boolean).length
  if (!app.selection.ids.some((id) => app.stores.library.get(id))) app.selection.clear()
  if (count > 0) app.toasts.say(`${countOf(count, 'result')} moved to the trash.`)
}
