/**
 * Whose entries are shown and read. Entries that came with a user's credentials are that user's: as soon as another user
 * is there, or none, they are neither searched nor shown, and they are dropped from the cache as a removal would do.
 * A session that has expired changes nobody: what was read stays, with its age, and is not read again without it.
 * Owns: what is being dropped now. Decisions are pure.
 */
import type { Connection } from '../../preload/contract/connections.ts'
import type { Log } from '../core/log.ts'
import type { Ask } from './process.ts'

type Person = Pick<Connection, 'kind' | 'signIn' | 'userId' | 'state'>
/** The back-end does not tell who the user is. */
const NAMELESS = 'user '
const user = (id: string | undefined): string => `user ${id ?? ''}`

/**
 * As whom lists are read now, '' for nobody; null: nobody can be asked as whoever the lists belong to (the session has
 * expired, or was not looked for in the keychain yet).
 */
export function accountOf({ kind, signIn, userId, state }: Person): string | null {
  if (kind === 'embedded') return ''
  if (signIn === 'signed-in') return user(userId)
  if (signIn === 'expired' || (signIn === 'signing-in' && userId !== undefined)) return null
  return signIn === 'signed-out' && userId !== undefined && state !== 'connected' ? null : ''
}
/** Whose entries may be shown beside those of everybody; '' for nobody's. The user's id goes with the signing out. */
export const ownerOf = ({ kind, signIn, userId }: Person): string =>
  kind === 'embedded' ? '' : signIn === 'signed-in' || signIn === 'expired' || userId !== undefined ? user(userId) : ''

type Needs = {
  find(id: string): Connection | undefined
  /** Users whose entries the cache may have, by connection. */
  kept(): ReadonlyMap<string, readonly string[]>
  ask: Ask
  log: Log
  /** What was read as somebody else goes now. */
  dropped(id: string): void
}
export function createAccounts({ find, kept, ask, log, dropped }: Needs) {
  const wereSignedIn = new Set<string>()
  const dropping = new Map<string, Promise<void>>()
  const hasOthers = (id: string, account: string) => (kept().get(id) ?? []).some((one) => one !== account)

  async function dropOthers(id: string, account: string): Promise<void> {
    if (!hasOthers(id, account)) return
    dropped(id)
    await ask('dropOthers', { connectionId: id, account })
  }
  return {
    /** Something of another user is there: the connection shows nothing until it is gone, which begins now. */
    isHidden(id: string): boolean {
      const connection = find(id)
      if (!connection) return true
      if (connection.signIn === 'signed-in') wereSignedIn.add(id)
      const isUnsure = accountOf(connection) === '' && connection.state !== 'connected' && !wereSignedIn.has(id)
      // before the keychain was asked, a user without a known id looks like none
      const owner = isUnsure && connection.signIn === 'signed-out' ? NAMELESS : ownerOf(connection)
      if (!hasOthers(id, owner)) return false
      if (!dropping.has(id)) {
        const work = dropOthers(id, owner)
          .catch((failure: unknown) => {
            log.error('What another user had read could not be removed', { id, failure })
          })
          .finally(() => dropping.delete(id))
        dropping.set(id, work)
      }
      return true
    },
    dropOthers,
  }
}
