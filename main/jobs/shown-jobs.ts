/**
 * The jobs as the window gets them: each one once, with the other places where it is seen.
 * Owns: which rows are hidden behind which, kept up to date with rows and connections, and told to the window.
 * Does not: decide what is the same (twins.ts).
 */
import type { Job } from '../../preload/contract/jobs.ts'
import type { ConnectionsFeature } from '../connections/index.ts'
import type { Publish } from '../ipc/publish.ts'
import { type JobRow, toJob } from './job-row.ts'
import type { JobStore } from './job-store.ts'
import { findTwins, type Twins } from './twins.ts'

type Needs = {
  store: JobStore
  connections: Pick<ConnectionsFeature, 'all'>
  publish: Publish
  /** A row that was hidden is shown again: it has to be followed. */
  shownAgain: (id: string) => void
}
export type ShownJobs = ReturnType<typeof createShownJobs>

const NONE: Twins = { shownFor: new Map(), alsoAt: new Map(), identities: new Map() }

export function createShownJobs({ store, connections, publish, shownAgain }: Needs) {
  let twins: Twins | null = null
  const current = (): Twins => twins ?? refresh()

  const asJob = (row: JobRow): Job => toJob(row, current().alsoAt.get(row.id) ?? [])

  function announce(row: JobRow): Job {
    // a row that has an id at its back-end since: it may be one that is known already
    if (row.remote_id !== null && !current().identities.has(row.id)) refresh()
    const job = asJob(row)
    if (row.removed_at === null && !isHidden(row.id)) publish({ feature: 'jobs', name: 'changed', payload: job })
    return job
  }

  const isHidden = (id: string): boolean => current().shownFor.has(id)

  /** After rows have come or gone, or connections have changed: tells what is shown otherwise than before. */
  function refresh(): Twins {
    const before = twins ?? NONE
    const rows = store.identified()
    const after = findTwins(rows, connections.all())
    const isFirst = twins === null
    twins = after
    const changed = rows.filter((row) => after.identities.get(row.id) !== row.identity)
    store.setIdentities(changed.map(({ id }) => [id, after.identities.get(id) ?? null]))
    if (isFirst) return after
    for (const id of before.identities.keys())
      if (!after.identities.has(id) && !before.shownFor.has(id) && !store.peek(id)) drop(id)
    for (const { id } of rows) tellOf(id, before, after)
    return after
  }

  function tellOf(id: string, before: Twins, after: Twins): void {
    const [wasHidden, isNowHidden] = [before.shownFor.has(id), after.shownFor.has(id)]
    if (isNowHidden && !wasHidden) {
      if (before.identities.has(id)) drop(id)
      return
    }
    const isOther = JSON.stringify(before.alsoAt.get(id) ?? []) !== JSON.stringify(after.alsoAt.get(id) ?? [])
    if (isNowHidden || !(wasHidden || isOther)) return
    // the window takes no state that is older than the one it has
    const row = store.touch(id)
    if (row) publish({ feature: 'jobs', name: 'changed', payload: asJob(row) })
    if (wasHidden) shownAgain(id)
  }

  const drop = (id: string) => publish({ feature: 'jobs', name: 'removed', payload: { id: id as Job['id'] } })

  return {
    asJob,
    announce,
    isHidden,
    refresh: () => void refresh(),
    /** The rows behind a shown one. */
    behind: (id: string): string[] =>
      [...current().shownFor].filter(([, shown]) => shown === id).map(([hidden]) => hidden),
    list: (): Job[] =>
      store
        .list()
        .filter(({ id }) => !isHidden(id))
        .map(asJob),
  }
}
