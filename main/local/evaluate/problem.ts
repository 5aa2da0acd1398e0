/**
 * A process that cannot go on: the code of its definition or of the API, and the argument that is to blame.
 * Owns: GraphError and its ways into problems and OpeneoErrors. Does not: decide what is wrong.
 */
import { OpeneoError } from '../openeo-error.ts'
import type { GraphPath, OpeneoProblem } from './api.ts'

/** Thrown by the implementation of a process; whoever walks the graph adds the node. */
export class GraphError extends Error {
  override name = 'GraphError'
  readonly code: string
  readonly argument: string | undefined
  /** Set where the failure lies in a node of a nested graph already. */
  path: GraphPath | undefined

  constructor(code: string, message: string, argument?: string) {
    super(message)
    this.code = code
    this.argument = argument
  }
}

const STATUS: Readonly<Record<string, number>> = {
  CollectionNotFound: 404,
  FeatureUnsupported: 501,
  Internal: 500,
  StorageFailure: 500,
}

/** The HTTP status of a code; codes of processes are 400. */
export const statusOf = (code: string): number => (Object.hasOwn(STATUS, code) ? (STATUS[code] ?? 400) : 400)

export const toOpeneoError = ({ code, message, path }: OpeneoProblem): OpeneoError =>
  new OpeneoError(statusOf(code), code, message, path)

/** The argument has a value that the process cannot use. */
export const invalid = (argument: string, reason: string): GraphError =>
  new GraphError('ProcessParameterInvalid', `The argument \`${argument}\` cannot be used: ${reason}`, argument)
