/**
 * The evaluator's front door: checking processes, running them, and what they may be written as.
 * Owns: nothing; the parts are in the files beside it.
 */
export type * from './api.ts'
export { checkProcess } from './check.ts'
export { fileFormats } from './formats.ts'
export { runProcess } from './run-in-thread.ts'
export { type StacConversion, type StacItem, type StacProblem, stacToCollection } from './stac.ts'
