/** Identifiers of our own rows: random, and sortable by the time they were made. */
import { randomBytes } from 'node:crypto'

/** e.g. `job-mft3k2x1-9f86d081`: kind, milliseconds in base 36, 32 random bits. */
export function newId(kind: string, nowMs: number): string {
  return `${kind}-${nowMs.toString(36)}-${randomBytes(4).toString('hex')}`
}
