/**
 * An error as the openEO API states it: a code of the specification, its HTTP status, a message.
 * Source: openEO API 1.2.0, error handling and the list of standardized codes.
 */
export class OpeneoError extends Error {
  override name = 'OpeneoError'
  readonly code: string
  readonly status: number
  /** Node and argument of a process graph that it is about. */
  readonly path: { nodeId?: string; argument?: string } | undefined

  constructor(status: number, code: string, message: string, path?: { nodeId?: string; argument?: string }) {
    super(message)
    this.status = status
    this.code = code
    this.path = path
  }
}
