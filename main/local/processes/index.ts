/**
 * Every process that the embedded back-end offers, as GET /processes lists it.
 * Owns: the list. Does not: compute; every entry has its counterpart in evaluate/implement (a test compares).
 */
import { arrayProcesses } from './arrays.ts'
import { cubeProcesses } from './cubes.ts'
import type { ProcessDefinition } from './definition.ts'
import { loadAndSaveProcesses } from './load-and-save.ts'
import { logicProcesses } from './logic.ts'
import { mathProcesses } from './math.ts'

export type { Parameter, ProcessDefinition, Schema, SchemaObject } from './definition.ts'

/** In alphabetical order of their identifiers. */
export const processDefinitions: readonly ProcessDefinition[] = [
  ...loadAndSaveProcesses,
  ...cubeProcesses,
  ...mathProcesses,
  ...logicProcesses,
  ...arrayProcesses,
].sort((a, b) => (a.id < b.id ? -1 : 1))

const byId = new Map(processDefinitions.map((definition) => [definition.id, definition]))

/** The definition of a process, or undefined where there is none. */
export const processDefinition = (id: string): ProcessDefinition | undefined => byId.get(id)
