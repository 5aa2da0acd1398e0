/** Whether a change of a connection changes what the catalogue lists. Pure. */
import type { Connection } from '../../preload/contract/connections.ts'

const membersOf = ({ federation }: Connection) => federation.map(({ id }) => id).join(' ')
const withoutRevision = ({ revision: _revision, ...rest }: Connection) => JSON.stringify(rest)

/**
 * `before` undefined: it is new, or was not known. A change that shows nowhere in the connection is one of its place in
 * the user's order, which decides which of two accounts stands for both.
 */
export function changesWhatIsListed(before: Connection | undefined, now: Connection): boolean {
  if (!before) return true
  return (
    (before.state === 'disabled') !== (now.state === 'disabled') ||
    before.url !== now.url ||
    membersOf(before) !== membersOf(now) ||
    (before.revision !== now.revision && withoutRevision(before) === withoutRevision(now))
  )
}
