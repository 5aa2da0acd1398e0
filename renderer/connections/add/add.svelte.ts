/**
 * Adding a connection, step by step: pick, look, agree, done.
 * Owns: the step, what was found, what was agreed to. Does not: decide what may be added; main refuses what may not.
 * Why a turn: of several questions only the answer to the last one counts, and none after the dialog was closed.
 */
import { SvelteSet } from 'svelte/reactivity'
import type {
  Certificate,
  Connection,
  ConnectionSecrets,
  Discovery,
  KnownBackEnd,
  ServiceSettings,
} from '../../../preload/contract/connections.ts'
import type { WireError } from '../../../preload/contract/errors.ts'
import type { App } from '../../app/app.ts'
import { wireErrorOf } from '../../app/bridge.svelte.ts'
import { oncePerApp } from '../../app/once-per-app.svelte.ts'
import { connectionsPageOf } from '../connections.svelte.ts'
import { agreedLinks, termsName } from '../terms.ts'

export type Found = Extract<Discovery, { state: 'found' }>
export type ServiceKind = ServiceSettings['kind']
export type ServiceStart = { kind: ServiceKind; url: string; title: string }
export type NewService = { title: string; url: string; settings: ServiceSettings; secrets: ConnectionSecrets }
export type Step =
  | { name: 'pick' }
  | { name: 'edit' }
  | { name: 'looking' }
  | { name: 'failed'; failure: WireError }
  | { name: 'untrusted'; certificate: Certificate }
  | { name: 'found'; found: Found }
  | { name: 'service'; start: ServiceStart }

export class Adding {
  readonly #app: App
  #turn = 0
  #knownTurn = 0
  /** Main is looking at an address. */
  #isAsking = false
  isOpen = $state(false)
  step = $state.raw<Step>({ name: 'pick' })
  /** What was typed, pasted or picked last. */
  address = $state('')
  /** Name for the new connection; empty: what the back-end calls itself. */
  title = $state('')
  /** Names of terms (`termsName`). */
  readonly agreed = new SvelteSet<string>()
  isAdding = $state(false)
  /** Why it could not be added. */
  failure = $state.raw<WireError>()
  known = $state.raw<readonly KnownBackEnd[]>([])
  knownFailure = $state.raw<WireError>()
  #trust: Certificate | undefined
  #versionUrl: string | undefined
  /** A service whose server's certificate is being looked at. */
  #service: NewService | undefined

  constructor(app: App) {
    this.#app = app
  }

  /** Opens the dialog; with an address it is looked at right away. */
  open(address?: string): void {
    this.isOpen = true
    this.#reset()
    void this.loadKnown()
    if (address) void this.look(address)
  }
  close(): void {
    this.isOpen = false
    // whatever secret was typed goes with the dialog
    this.#reset()
  }
  back(): void {
    const { address } = this
    this.#reset()
    this.address = address
  }
  #reset(): void {
    if (this.#isAsking) this.#cancelQuestion()
    this.#turn++
    this.step = { name: 'pick' }
    this.address = ''
    this.title = ''
    this.agreed.clear()
    this.isAdding = false
    this.failure = undefined
    this.#trust = undefined
    this.#versionUrl = undefined
    this.#service = undefined
  }

  pick({ kind, url, title }: Pick<KnownBackEnd, 'kind' | 'url' | 'title'>): void {
    if (kind === 'openeo') void this.look(url)
    else this.startService({ kind, url, title })
  }
  startService(start: ServiceStart): void {
    this.failure = undefined
    this.step = { name: 'service', start }
  }

  /** Asks what is at the address. */
  look(address: string): Promise<void> {
    this.address = address.trim()
    this.#trust = undefined
    this.#versionUrl = undefined
    return this.#discover()
  }
  lookAgain = () => this.#discover()
  chooseVersion(url: string): Promise<void> {
    this.#versionUrl = url
    return this.#discover()
  }
  /** Goes on with a certificate that the user has looked at. */
  trust(certificate: Certificate): Promise<unknown> {
    this.#trust = certificate
    return this.#service ? this.addService(this.#service) : this.#discover()
  }
  cancel(): void {
    this.back()
  }
  #cancelQuestion(): void {
    this.#isAsking = false
    void this.#app.client.connections.cancelDiscovery().catch(() => undefined)
  }

  async #discover(): Promise<void> {
    const turn = ++this.#turn
    this.step = { name: 'looking' }
    this.failure = undefined
    this.agreed.clear()
    try {
      const answer = await this.#ask(turn, {
        address: this.address,
        ...(this.#trust ? { trust: this.#trust } : {}),
        ...(this.#versionUrl ? { versionUrl: this.#versionUrl } : {}),
      })
      if (turn !== this.#turn) return
      if (answer.state === 'untrusted') this.step = { name: 'untrusted', certificate: answer.certificate }
      else this.step = { name: 'found', found: answer }
    } catch (thrown) {
      if (turn !== this.#turn) return
      const failure = wireErrorOf(thrown)
      this.step = failure.code === 'canceled' ? { name: 'pick' } : { name: 'failed', failure }
    }
  }

  async #ask(turn: number, question: Parameters<App['client']['connections']['discover']>[0]): Promise<Discovery> {
    this.#isAsking = true
    try {
      return await this.#app.client.connections.discover(question)
    } finally {
      if (turn === this.#turn) this.#isAsking = false
    }
  }

  /** Whether everything that the back-end asks for is agreed to. */
  isAgreed(found: Found): boolean {
    return found.terms.every((one) => this.agreed.has(termsName(one)))
  }

  async #add(run: () => Promise<Connection>): Promise<Connection | undefined> {
    if (this.isAdding) return undefined
    const turn = this.#turn
    this.isAdding = true
    this.failure = undefined
    try {
      const added = await run()
      this.#app.stores.connections.keep(added)
      if (turn === this.#turn) {
        this.close()
        connectionsPageOf(this.#app).show(added.id, true)
      } else {
        // the user went on to something else meanwhile: it is in the list
        this.#app.toasts.say(`“${added.title}” is added.`)
      }
      return added
    } catch (thrown) {
      if (turn === this.#turn) this.failure = wireErrorOf(thrown)
      return undefined
    } finally {
      // of a dialog that was closed meanwhile; the next one may be adding by now
      if (turn === this.#turn) this.isAdding = false
    }
  }
  add(found: Found): Promise<Connection | undefined> {
    const title = this.title.trim()
    const agreed = agreedLinks(found.terms, this.agreed)
    return this.#add(() =>
      this.#app.client.connections.add({
        url: found.url,
        agreed,
        ...(title && title !== found.title ? { title } : {}),
        ...(this.#trust ? { trust: this.#trust } : {}),
      }),
    )
  }
  addAccount = (id: string) => this.#add(() => this.#app.client.connections.addAccount({ id }))

  /** A certificate that is refused is fetched, so that it can be looked at. */
  async addService(service: NewService): Promise<Connection | undefined> {
    this.#service = service
    const { title, url, settings, secrets } = service
    const added = await this.#add(() =>
      this.#app.client.connections.addService({
        url,
        settings,
        ...(title.trim() ? { title: title.trim() } : {}),
        ...(Object.keys(secrets).length ? { secrets } : {}),
        ...(this.#trust ? { trust: this.#trust } : {}),
      }),
    )
    if (added || this.failure?.code !== 'untrusted-certificate') {
      // secrets stay here no longer than they are needed: for the next try of whoever looks at the certificate
      if (this.step.name !== 'untrusted') this.#service = undefined
      return added
    }
    const turn = this.#turn
    this.isAdding = true
    const answer = await this.#ask(turn, { address: url }).catch(() => undefined)
    if (turn !== this.#turn) return undefined
    this.isAdding = false
    if (answer?.state === 'untrusted') {
      this.failure = undefined
      this.step = { name: 'untrusted', certificate: answer.certificate }
    } else if (this.step.name !== 'untrusted') this.#service = undefined
    return undefined
  }

  async loadKnown(): Promise<void> {
    await this.changeKnown(() => this.#app.client.connections.known())
  }
  /** Every call about the list answers the whole list. False where it failed. */
  async changeKnown(act: () => Promise<KnownBackEnd[]>): Promise<boolean> {
    const turn = ++this.#knownTurn
    try {
      const known = await act()
      if (turn === this.#knownTurn) {
        this.known = known
        this.knownFailure = undefined
      }
      return true
    } catch (thrown) {
      this.knownFailure = wireErrorOf(thrown)
      return false
    }
  }
}

export const addingOf = oncePerApp((app) => {
  const adding = new Adding(app)
  void app.events.feed('connections', {
    load: async () => undefined,
    apply: (event) => {
      if (event.name === 'knownChanged') adding.known = event.payload
    },
  })
  return adding
})
