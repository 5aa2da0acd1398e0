/**
 * The run that the user is putting together.
 * Owns: the draft (kept in main half a second after the last change, and at once when the window is hidden), the graph
 * that main makes of it, what is wrong with it, and the back-end's answer. Does not: follow the job (jobs do).
 */

import type { WireError } from '../../preload/contract/errors.ts'
import type { Draft, Finding, Recipe } from '../../preload/contract/graphs.ts'
import type { Client, EventsOf } from '../../preload/contract/index.ts'
import type { Job } from '../../preload/contract/jobs.ts'
import type { Json, JsonObject, ProcessGraph } from '../../preload/contract/vocabulary.ts'
import { wireErrorOf } from '../app/bridge.svelte.ts'

const SAVE_AFTER_MS = 500
const BUILD_AFTER_MS = 120

export type Validation = { answer: 'valid' | 'invalid' | 'could-not-check'; findings: Finding[]; failure?: WireError }

/** Some of the draft, or how it follows from what the draft is by then. */
export type Change = Partial<Draft> | ((draft: Draft) => Partial<Draft>)

export class Compose {
  readonly #client: Client
  recipes = $state.raw<readonly Recipe[]>([])
  draft = $state.raw<Draft>()
  graph = $state.raw<ProcessGraph | null>(null)
  findings = $state.raw<readonly Finding[]>([])
  /** What is sent beside the graph. */
  options = $state.raw<JsonObject>({})
  /** False while the graph of the last change is still being made. */
  isCurrent = $state(false)
  validation = $state.raw<Validation>()
  isValidating = $state(false)
  isSubmitting = $state(false)
  /** The user has asked for a run or a validation: from then on what is missing is shown at its field, too. */
  isAsked = $state(false)
  /** Why the form itself could not be read. */
  failure = $state.raw<WireError>()
  /** Why the last Run did not become a job. */
  submitFailure = $state.raw<WireError>()
  /** Why the draft is not kept. */
  saveFailure = $state.raw<WireError>()
  #saveTimer: ReturnType<typeof setTimeout> | undefined
  #buildTimer: ReturnType<typeof setTimeout> | undefined
  #version = 0
  #building: Promise<void> = Promise.resolve()
  #knownAreas = new Set<string>()
  /** What was changed before the draft was read. */
  #early: Change[] = []

  readonly recipe = $derived(this.recipes.find((recipe) => recipe.id === this.draft?.recipeId))

  constructor(client: Client) {
    this.#client = client
  }

  /** Reads the recipes and the draft as it was left. */
  async load(): Promise<void> {
    try {
      const [recipes, draft] = await Promise.all([this.#client.graphs.recipes(), this.#client.graphs.draft()])
      this.recipes = recipes
      const isFirst = !this.draft
      if (isFirst) this.draft = draft
      this.failure = undefined
      const early = isFirst ? this.#early.splice(0) : []
      for (const change of early) this.change(change)
      if (early.length === 0) await this.#build()
    } catch (thrown) {
      this.failure = wireErrorOf(thrown)
    }
  }

  /** Changes some of the draft; a function is asked with the draft as it is then. */
  change(change: Change): void {
    if (!this.draft) {
      this.#early.push(change)
      return
    }
    this.draft = { ...this.draft, ...(typeof change === 'function' ? change(this.draft) : change) }
    this.isCurrent = false
    this.validation = undefined
    this.submitFailure = undefined
    this.#version++
    clearTimeout(this.#saveTimer)
    this.#saveTimer = setTimeout(() => void this.saveNow(), SAVE_AFTER_MS)
    clearTimeout(this.#buildTimer)
    this.#buildTimer = setTimeout(() => {
      this.#building = this.#build()
    }, BUILD_AFTER_MS)
  }

  /** Answers a question of the recipe; undefined goes back to its default. */
  answer(name: string, value: Json | undefined): void {
    if (!this.draft) return
    const { [name]: _before, ...others } = this.draft.parameters
    this.change({ parameters: value === undefined ? others : { ...others, [name]: value } })
  }

  /** Keeps in main what is not kept yet. */
  async saveNow(): Promise<void> {
    if (this.#saveTimer === undefined || !this.draft) return
    clearTimeout(this.#saveTimer)
    this.#saveTimer = undefined
    try {
      await this.#client.graphs.saveDraft(this.draft)
      this.saveFailure = undefined
    } catch (thrown) {
      this.saveFailure = wireErrorOf(thrown)
    }
  }

  /** Makes the graph again, e.g. after the catalogue or an area has changed. */
  rebuild(): void {
    this.#building = this.#build()
  }

  /** The graph is made of what main knows of the collection and of the processes of the connection. */
  catalogueChanged(event: EventsOf<'catalogue'>): void {
    const { connectionId, collectionId } = this.draft ?? {}
    if (event.name === 'listChanged' || event.payload.connectionId !== connectionId) return
    if (event.name === 'changed' || event.payload.kind === 'process' || event.payload.id === collectionId)
      this.rebuild()
  }

  /** What is wrong with a field; what is only missing still counts once the user has asked for the run. */
  problemOf(field: string): string | undefined {
    const found = this.findings.find((finding) => finding.field === field)
    return found && (this.isAsked || !isIncomplete(found)) ? found.message : undefined
  }
  /** What is still to be chosen. */
  readonly missing: readonly Finding[] = $derived(this.findings.filter(isIncomplete))

  /** Asks the back-end whether it takes the graph. */
  async validate(): Promise<void> {
    this.isAsked = true
    const graph = await this.currentGraph()
    const connectionId = this.draft?.connectionId
    if (!graph || !connectionId) return
    const version = this.#version
    this.isValidating = true
    try {
      const answer = await this.#client.graphs.validate({ connectionId, graph })
      if (version === this.#version) this.validation = answer
    } catch (thrown) {
      if (version === this.#version) {
        this.validation = { answer: 'could-not-check', findings: [], failure: wireErrorOf(thrown) }
      }
    } finally {
      this.isValidating = false
    }
  }

  /** Makes a job of the draft; undefined where something is still wrong, and then `findings` or `submitFailure` say what. */
  async run(title: string): Promise<Job | undefined> {
    if (this.isSubmitting) return undefined
    this.isAsked = true
    this.isSubmitting = true
    try {
      const graph = await this.currentGraph()
      if (!graph || !this.draft?.connectionId) return undefined
      const { connectionId, collectionId, recipeId, areaId, federationMember } = this.draft
      void this.saveNow()
      const job = await this.#client.jobs.submit({
        connectionId,
        title,
        graph,
        collectionId,
        recipeId,
        areaId,
        federationMember,
      })
      this.submitFailure = undefined
      return job
    } catch (thrown) {
      this.submitFailure = wireErrorOf(thrown)
      return undefined
    } finally {
      this.isSubmitting = false
    }
  }

  /** For the stream of areas: a new one becomes the area of the run; a changed one is judged again. */
  readonly areaFeed = {
    load: async (): Promise<void> => {
      const areas = await this.#client.areas.list().catch(() => [])
      this.#knownAreas = new Set(areas.map((area) => area.id))
    },
    apply: (event: EventsOf<'areas'>): void => {
      const { id } = event.payload
      const isNew = event.name === 'changed' && !this.#knownAreas.has(id)
      if (event.name === 'changed') this.#knownAreas.add(id)
      if (isNew) this.change({ areaId: event.payload.id })
      else if (this.draft?.areaId === id) this.rebuild()
    },
  }

  /** The graph of the draft as it is now; null where something is still wrong. */
  async currentGraph(): Promise<ProcessGraph | null> {
    clearTimeout(this.#buildTimer)
    if (!this.isCurrent) this.#building = this.#build()
    await this.#building
    return this.isCurrent ? this.graph : null
  }

  async #build(): Promise<void> {
    const { draft } = this
    if (!draft) return
    const version = this.#version
    try {
      const built = await this.#client.graphs.build(draft)
      if (version !== this.#version) return
      this.graph = built.graph
      this.findings = built.findings
      this.options = built.options
      this.isCurrent = true
      this.failure = undefined
    } catch (thrown) {
      if (version === this.#version) this.failure = wireErrorOf(thrown)
    }
  }
}

/** Codes that end so mean that nothing was chosen yet (main/graphs). */
const isIncomplete = (finding: Finding) => finding.code.endsWith('-missing')
