/**
 * The two words in which every feature of the contract is written.
 * Owns: nothing at run time. Does not: validate (main/ipc/serve.ts does).
 */
import type { z } from 'zod'

export type Call = { input: z.ZodType; output: z.ZodType }
export type FeatureContract = {
  calls: Readonly<Record<string, Call>>
  events: Readonly<Record<string, z.ZodType>>
}

/** One thing that the window may ask for: what goes in, what comes out. */
export const call = <I extends z.ZodType, O extends z.ZodType>(input: I, output: O) => ({ input, output })

/** A feature: its calls (window → main) and its events (main → window). */
export const feature = <const F extends FeatureContract>(contract: F): F => contract
