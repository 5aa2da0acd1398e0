/**
 * Which members of a federation could run what is composed, and whether the user wants to send what none of them can.
 * Owns: the answer for the latest graph, and what was agreed to in this window. Does not: judge (main/graphs does).
 */
import type { WireError } from '../../preload/contract/errors.ts'
import type { FederationCheck } from '../../preload/contract/graphs.ts'
import type { Client } from '../../preload/contract/index.ts'
import type { ProcessGraph } from '../../preload/contract/vocabulary.ts'
import { wireErrorOf } from '../app/bridge.svelte.ts'
import { oncePerApp } from '../app/once-per-app.svelte.ts'
import { concernOf } from './member-words.ts'

export type Run = { connectionId: string; graph: ProcessGraph; member: string | null }

export class MemberCheck {
  readonly #client: Client
  check = $state.raw<FederationCheck>()
  failure = $state.raw<WireError>()
  /** The user wants to send what does not fit: the form asks. */
  isAsked = $state(false)
  #asked = ''
  #answer: Promise<void> = Promise.resolve()
  #agreed = ''

  constructor(client: Client) {
    this.#client = client
  }

  /** Asks main for this run; a later one wins. */
  look(run: Run): Promise<void> {
    const key = JSON.stringify(run)
    if (key === this.#asked) return this.#answer
    this.#asked = key
    this.isAsked = false
    this.#answer = this.#ask(run, key)
    return this.#answer
  }

  async #ask(run: Run, key: string): Promise<void> {
    try {
      const { connectionId, graph } = run
      const check = await this.#client.graphs.federation({ connectionId: connectionId as never, graph })
      if (key !== this.#asked) return
      this.check = check
      this.failure = undefined
    } catch (thrown) {
      if (key !== this.#asked) return
      this.check = undefined
      this.failure = wireErrorOf(thrown)
      this.#asked = ''
    }
  }

  forget(): void {
    this.#asked = ''
    this.check = undefined
    this.failure = undefined
    this.isAsked = false
  }

  /** True where the user is asked now; the same run is not asked about twice. */
  async hasToAsk(run: Run): Promise<boolean> {
    await this.look(run)
    const isConcern = this.check !== undefined && concernOf(this.check, run.member) !== null
    this.isAsked = isConcern && this.#agreed !== JSON.stringify(run)
    return this.isAsked
  }

  agree(): void {
    this.#agreed = this.#asked
    this.isAsked = false
  }
}

export const memberCheckOf = oncePerApp((app) => new MemberCheck(app.client))
