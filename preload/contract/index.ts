/**
 * The list of features: start reading here.
 * Owns: the contract between main and the window, and the types that follow from it.
 * Does not: run anything (main/ipc/serve.ts checks and answers, renderer/app/bridge.svelte.ts calls).
 */
import type { z } from 'zod'
import { areas } from './areas.ts'
import { catalogue } from './catalogue.ts'
import { connections } from './connections.ts'
import { diagnostics } from './diagnostics.ts'
import { graphs } from './graphs.ts'
import { jobs } from './jobs.ts'
import { layers } from './layers.ts'
import { library } from './library.ts'
import { local } from './local.ts'
import { settings } from './settings.ts'
import { transfers } from './transfers.ts'

export const contract = {
  connections,
  catalogue,
  areas,
  graphs,
  jobs,
  library,
  layers,
  transfers,
  local,
  settings,
  diagnostics,
} as const
export type Contract = typeof contract
export type FeatureName = keyof Contract

/** What main/<feature> must return. */
export type Handlers<F extends FeatureName> = {
  [C in keyof Contract[F]['calls']]: Contract[F]['calls'][C] extends {
    input: infer I extends z.ZodType
    output: infer O extends z.ZodType
  }
    ? (input: z.output<I>) => Promise<z.input<O>>
    : never
}
export type AllHandlers = { [F in FeatureName]: Handlers<F> }

/** What the window holds. */
export type Client = {
  [F in FeatureName]: {
    [C in keyof Contract[F]['calls']]: Contract[F]['calls'][C] extends {
      input: infer I extends z.ZodType
      output: infer O extends z.ZodType
    }
      ? (input: z.input<I>) => Promise<z.output<O>>
      : never
  }
}

/** A switch over feature and name narrows the payload. */
export type AppEvent = {
  [F in FeatureName]: {
    [E in keyof Contract[F]['events']]: {
      feature: F
      name: E
      payload: Contract[F]['events'][E] extends z.ZodType ? z.output<Contract[F]['events'][E]> : never
    }
  }[keyof Contract[F]['events']]
}[FeatureName]
export type EventsOf<F extends FeatureName> = Extract<AppEvent, { feature: F }>

/** As it crosses: numbered without gaps, so that the window notices what it missed. */
export type NumberedEvent = AppEvent & { seq: number }
