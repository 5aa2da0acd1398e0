/**
 * What a run tells, and why it failed, as entries of a job's log.
 * Owns: the translation into the API's form. What nobody expected says nothing of itself there; the back-end's log has it.
 */
import { AppError } from '../../core/errors.ts'
import type { RunLog } from '../evaluate/api.ts'
import { OpeneoError } from '../openeo-error.ts'
import type { LogEntry } from './job-store.ts'

/** The API wants a place as a list from the innermost node outwards. */
export function asLogEntry({ level, message, code, data, path }: RunLog): LogEntry {
  const nodes =
    path?.nodeId === undefined ? [] : [{ node_id: path.nodeId, ...(path.argument ? { parameter: path.argument } : {}) }]
  const parents = [...(path?.parents ?? [])]
    .reverse()
    .map(({ nodeId, argument }) => ({ node_id: nodeId, parameter: argument }))
  const whole = [...nodes, ...parents]
  return {
    level,
    message,
    ...(code === undefined ? {} : { code }),
    ...(data === undefined ? {} : { data }),
    ...(whole.length > 0 ? { path: whole } : {}),
  }
}

/** The error entry that ends a failed job's log. */
export function asFailureEntry(failure: unknown): LogEntry {
  if (failure instanceof OpeneoError)
    return asLogEntry({
      level: 'error',
      message: failure.message,
      code: failure.code,
      ...(failure.path ? { path: failure.path } : {}),
    })
  if (failure instanceof AppError) {
    const isStorage = failure.code === 'disk-full' || failure.code === 'read-only'
    return { level: 'error', message: failure.message, code: isStorage ? 'StorageFailure' : 'Internal' }
  }
  return { level: 'error', message: 'The back-end met an error that it does not know.', code: 'Internal' }
}
