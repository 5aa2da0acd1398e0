/**
 * What connections say of themselves, as last read: details, account, ways to sign in, settings.
 * Owns: one reading at a time for each; what was read stays while it is read again and where that fails.
 */
import { untrack } from 'svelte'
import { SvelteMap } from 'svelte/reactivity'
import type { Account, ConnectionDetails, ServiceSettings, SignInMethods } from '../../preload/contract/connections.ts'
import type { WireError } from '../../preload/contract/errors.ts'
import { wireErrorOf } from '../app/bridge.svelte.ts'
import { oncePerApp } from '../app/once-per-app.svelte.ts'

export type Read<T> = { value?: T; failure?: WireError; isLoading: boolean }
const NOTHING = { isLoading: false }

export class Readings<T> {
  readonly #read: (id: string) => Promise<T>
  readonly #byId = new SvelteMap<string, Read<T>>()
  readonly #turn = new Map<string, number>()

  constructor(read: (id: string) => Promise<T>) {
    this.#read = read
  }

  of(id: string): Read<T> {
    return this.#byId.get(id) ?? NOTHING
  }
  set(id: string, value: T): void {
    this.#turn.set(id, (this.#turn.get(id) ?? 0) + 1)
    this.#byId.set(id, { value, isLoading: false })
  }

  /** Reads again; of several answers only the one to the last question counts. */
  async load(id: string, read: (id: string) => Promise<T> = this.#read): Promise<void> {
    const turn = (this.#turn.get(id) ?? 0) + 1
    this.#turn.set(id, turn)
    // an effect that asks does not ask again because of the answer
    const { value } = untrack(() => this.of(id))
    const kept = value === undefined ? {} : { value }
    this.#byId.set(id, { ...kept, isLoading: true })
    let next: Read<T>
    try {
      next = { value: await read(id), isLoading: false }
    } catch (thrown) {
      next = { ...kept, failure: wireErrorOf(thrown), isLoading: false }
    }
    if (this.#turn.get(id) === turn) this.#byId.set(id, next)
  }
}

export const connectionDataOf = oncePerApp(({ client }) => {
  const account = new Readings<Account | null>((id) => client.connections.account({ id }))
  return {
    details: new Readings<ConnectionDetails>((id) => client.connections.details({ id })),
    methods: new Readings<SignInMethods>((id) => client.connections.signInMethods({ id })),
    service: new Readings<ServiceSettings>((id) => client.connections.service({ id })),
    account,
    /** Asks the back-end, where `account.load` takes what is kept. */
    refreshAccount: (id: string) => account.load(id, () => client.connections.refreshAccount({ id })),
  }
})
