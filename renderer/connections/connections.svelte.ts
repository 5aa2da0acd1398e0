/**
 * What the pages about connections share beside the connections themselves: what is under way for each, what went
 * wrong, what is being renamed, removed or added, and the user's own order.
 * Does not: keep what back-ends say of themselves (connection-data.svelte.ts), nor run the adding (add/add.svelte.ts).
 */
import { SvelteMap, SvelteSet } from 'svelte/reactivity'
import type { Connection, SignInMethod } from '../../preload/contract/connections.ts'
import type { WireError } from '../../preload/contract/errors.ts'
import type { App } from '../app/app.ts'
import { wireErrorOf } from '../app/bridge.svelte.ts'
import { oncePerApp } from '../app/once-per-app.svelte.ts'
import { needsAttention } from './connection-words.ts'

/** What can be under way for a connection; each has a place where its failure stands. */
export type Doing = 'reconnect' | 'update' | 'sign-in' | 'sign-out' | 'certificate' | 'terms' | 'remove' | 'add-account'

export class ConnectionsPage {
  readonly #app: App
  readonly #busy = new SvelteSet<string>()
  readonly #failures = new SvelteMap<string, WireError>()
  /** The user's order where it was changed in this session; else the order of the list call. */
  #order = $state.raw<readonly string[]>([])
  renaming = $state<string | null>(null)
  removing = $state<string | null>(null)
  /** The connection whose sign-in takes the focus as soon as it is shown. */
  signInWanted = $state<string | null>(null)
  /** User names that were typed for a sign-in and not taken yet: the form goes while main tries, and comes back. */
  readonly typedUsers = new SvelteMap<string, string>()

  constructor(app: App) {
    this.#app = app
  }

  isBusy(id: string, doing: Doing): boolean {
    return this.#busy.has(`${doing} ${id}`)
  }
  failureOf(id: string, doing: Doing): WireError | undefined {
    return this.#failures.get(`${doing} ${id}`)
  }
  forget(id: string, doing: Doing): void {
    this.#failures.delete(`${doing} ${id}`)
  }

  /** Runs something for a connection, once at a time; a failure stays until the next try. Undefined where it failed. */
  async attempt<T>(id: string, doing: Doing, act: () => Promise<T>): Promise<T | undefined> {
    if (this.isBusy(id, doing)) return undefined
    const key = `${doing} ${id}`
    this.#busy.add(key)
    this.#failures.delete(key)
    try {
      return await act()
    } catch (thrown) {
      this.#failures.set(key, wireErrorOf(thrown))
      return undefined
    } finally {
      this.#busy.delete(key)
    }
  }
  async #keep(id: string, doing: Doing, act: () => Promise<Connection>): Promise<Connection | undefined> {
    const changed = await this.attempt(id, doing, act)
    if (changed) this.#app.stores.connections.keep(changed)
    return changed
  }

  reconnect = (id: string) => this.#keep(id, 'reconnect', () => this.#app.client.connections.reconnect({ id }))
  startSignIn = (id: string, method: SignInMethod) =>
    this.#keep(id, 'sign-in', () => this.#app.client.connections.startSignIn({ id, method }))
  cancelSignIn = (id: string) => this.#keep(id, 'sign-out', () => this.#app.client.connections.cancelSignIn({ id }))
  setDisabled = (id: string, isDisabled: boolean) =>
    this.#keep(id, 'update', () => this.#app.client.connections.update({ id, isDisabled }))
  trustCertificate = (id: string, sha256: string) =>
    this.#keep(id, 'certificate', () => this.#app.client.connections.trustCertificate({ id, sha256 }))
  distrustCertificate = (id: string, sha256: string) =>
    this.#keep(id, 'certificate', () => this.#app.client.connections.distrustCertificate({ id, sha256 }))
  agree = (id: string, agreed: string[]) =>
    this.#keep(id, 'terms', () => this.#app.client.connections.agree({ id, agreed }))

  async openSignInPage(id: string): Promise<void> {
    await this.attempt(id, 'sign-in', () => this.#app.client.connections.openSignInPage({ id }))
  }

  /** What was said about revoking stands in a toast: it answers a press, and nothing is left to do. */
  async signOut(id: string): Promise<void> {
    const answer = await this.attempt(id, 'sign-out', () => this.#app.client.connections.signOut({ id }))
    if (!answer) return
    this.forget(id, 'sign-in')
    this.#app.stores.connections.keep(answer.connection)
    this.#app.toasts.say(signedOutWords(answer))
  }

  async rename(id: string, title: string): Promise<void> {
    const before = this.#app.stores.connections.get(id)?.title
    const next = title.trim()
    if (!before || !next || next === before) return
    const to = (name: string) =>
      this.#keep(id, 'update', () => this.#app.client.connections.update({ id, title: name }))
    if (await to(next)) this.#app.toasts.say('Renamed.', { undo: () => to(before) })
  }

  /** Another account at the same back-end: selected at once, its sign-in waiting. */
  async addAccount(id: string): Promise<Connection | undefined> {
    const added = await this.#keep(id, 'add-account', () => this.#app.client.connections.addAccount({ id }))
    if (added) this.show(added.id, true)
    return added
  }

  async remove(id: string): Promise<boolean> {
    const { connections } = this.#app.stores
    const title = connections.get(id)?.title ?? ''
    const done = await this.attempt(id, 'remove', async () => {
      await this.#app.client.connections.remove({ id })
      return true
    })
    if (!done) return false
    connections.drop(id)
    if (this.#app.selection.has('connection', id)) this.#app.selection.clear()
    this.#app.toasts.say(`“${title}” is removed.`)
    return true
  }

  /** Opens the list and the inspector at this connection. */
  show(id: string, isSignInWanted = false): void {
    this.#app.shell.open('connections')
    this.#app.shell.inspect('connection', id)
    this.signInWanted = isSignInWanted ? id : null
  }

  /** All in the user's order. */
  get inOrder(): readonly Connection[] {
    const place = new Map(this.#order.map((id, index) => [id, index]))
    const { all } = this.#app.stores.connections
    if (place.size === 0) return all
    return [...all].sort((a, b) => (place.get(a.id) ?? place.size) - (place.get(b.id) ?? place.size))
  }
  /** What needs the user first; both parts in the user's order. */
  get groups(): { attention: readonly Connection[]; others: readonly Connection[] } {
    const all = this.inOrder
    return { attention: all.filter(needsAttention), others: all.filter((one) => !needsAttention(one)) }
  }

  /** Puts a connection before or behind another one; the list follows at once and goes back where main refuses. */
  async move(id: string, target: string, side: 'before' | 'behind'): Promise<void> {
    if (id === target) return
    const before = this.inOrder.map((one) => one.id as string)
    const rest = before.filter((other) => other !== id)
    const at = rest.indexOf(target)
    if (at < 0) return
    const position = side === 'before' ? at : at + 1
    const next = rest.toSpliced(position, 0, id)
    if (next.every((other, index) => other === before[index])) return
    this.#order = next
    if (!(await this.#keep(id, 'update', () => this.#app.client.connections.update({ id, position }))))
      this.#order = before
  }
  /** One place up or down within its part of the list. */
  async moveBy(id: string, step: -1 | 1): Promise<void> {
    const neighbour = this.neighbour(id, step)
    if (neighbour) await this.move(id, neighbour.id, step < 0 ? 'before' : 'behind')
  }
  neighbour(id: string, step: -1 | 1): Connection | undefined {
    const { attention, others } = this.groups
    const part = attention.some((one) => one.id === id) ? attention : others
    const at = part.findIndex((one) => one.id === id)
    return at < 0 ? undefined : part[at + step]
  }
}

/** What signing out came to: the provider ended the session, was not asked for the sake of another one, or did not answer. */
export function signedOutWords({
  isRevoked,
  isShared,
}: {
  isRevoked: boolean
  isShared?: boolean | undefined
}): string {
  if (isRevoked) return 'Signed out. The provider has ended the session.'
  return isShared
    ? 'Signed out, and the sign-in is forgotten here. The provider was not asked to end the session: another connection is signed in with the same account, and providers end such sessions together.'
    : 'Signed out, and the sign-in is forgotten here. The provider did not confirm the end of the session; it ends by itself.'
}

export const connectionsPageOf = oncePerApp((app) => new ConnectionsPage(app))
