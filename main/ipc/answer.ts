/**
 * Behind the door: schema, then the feature, then the reply.
 * Owns: the check of what goes in (and, in development, of what comes out). Does not: know what features do.
 * The contract object is the allow-list: what is not in it does not exist.
 */
import type { z } from 'zod'
import type { Reply } from '../../preload/contract/errors.ts'
import { type AllHandlers, contract } from '../../preload/contract/index.ts'
import { AppError, toWireError } from '../core/errors.ts'
import type { Log } from '../core/log.ts'

type AnyCalls = Record<string, { input: z.ZodType; output: z.ZodType }>
type AnyHandlers = Record<string, Record<string, (input: unknown) => Promise<unknown>>>
type Door = {
  log: Log
  /** In development and tests the answers are checked too. */
  checkOutput: boolean
}

/** No call may block the main process for longer: it also delivers keys and pointer. */
const MOST_BUSY_MS = 50
const INPUT_FAILED = 'The window sent something that this version does not understand.'

/** Finds, checks and runs one call. The sender has been checked before. Never throws. */
export async function answer(
  handlers: AllHandlers,
  feature: unknown,
  name: unknown,
  input: unknown,
  door: Door,
): Promise<Reply<unknown>> {
  const place = `${word(feature)}.${word(name)}`
  try {
    const calls = own(contract, feature)?.calls as AnyCalls | undefined
    const call = own(calls, name)
    const run = own(own(handlers as unknown as AnyHandlers, feature), name)
    if (!call || !run) throw new Error('unknown call')
    const parsed = call.input.safeParse(input)
    if (!parsed.success) throw new AppError('invalid-input', INPUT_FAILED, { fields: fieldsOf(parsed.error) })
    const beganMs = performance.now()
    const answering = run(parsed.data)
    const busyMs = performance.now() - beganMs
    if (busyMs > MOST_BUSY_MS) door.log.warn('A call held up the main process', { place, busyMs: Math.round(busyMs) })
    const value = await answering
    if (!door.checkOutput) return { ok: true, value }
    const checked = call.output.safeParse(value)
    if (!checked.success) throw new Error(`the answer breaks the contract: ${JSON.stringify(checked.error.issues[0])}`)
    return { ok: true, value: checked.data }
  } catch (failure) {
    return { ok: false, error: toWireError(failure, noteFailure(door.log, place, failure)) }
  }
}

/** For the log; whatever came in. */
const word = (value: unknown) => (typeof value === 'string' ? value.slice(0, 60) : `[${typeof value}]`)

function own<T extends object, K extends keyof T>(holder: T | undefined, key: unknown): T[K] | undefined {
  return holder && typeof key === 'string' && Object.hasOwn(holder, key) ? holder[key as K] : undefined
}

function fieldsOf(error: z.ZodError): Record<string, string> {
  return Object.fromEntries(error.issues.slice(0, 20).map((issue) => [issue.path.join('.') || 'input', issue.message]))
}

/** Writes the failure down and answers its reference. */
export function noteFailure(log: Log, place: string, failure: unknown): string {
  if (!(failure instanceof AppError)) return log.error('A call failed in a way that is not known', { place, failure })
  if (failure.code === 'canceled') return log.debug('A call was canceled', { place })
  return log.warn('A call failed', { place, code: failure.code, failure })
}
