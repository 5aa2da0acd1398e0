/**
 * The one door from the window into main: sender, then schema, then the feature, then the reply.
 * Owns: the channel `app:call`. Does not: know what features do; publish events (publish.ts).
 * The contract object is the allow-list: what is not in it does not exist.
 */
import { ipcMain } from 'electron'
import type { z } from 'zod'
import type { Reply } from '../../preload/contract/errors.ts'
import { type AllHandlers, contract } from '../../preload/contract/index.ts'
import { AppError, toWireError } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import { refusal } from './sender.ts'

type AnyCalls = Record<string, { input: z.ZodType; output: z.ZodType }>
type AnyHandlers = Record<string, Record<string, (input: unknown) => Promise<unknown>>>
type Door = {
  handlers: Promise<AllHandlers>
  allowedOrigins: readonly string[]
  log: Log
  /** In development and tests the answers are checked too. */
  checkOutput: boolean
  /** Called where one call kept the main process busy for longer than 50 ms without giving way. */
  onStall?: (call: string, busyMs: number) => void
}

const INPUT_FAILED = 'The window sent something that this version does not understand.'

/** Finds, checks and runs one call. The sender has been checked before. Never throws. */
export async function answer(
  handlers: AllHandlers,
  feature: unknown,
  name: unknown,
  input: unknown,
  door: Pick<Door, 'log' | 'checkOutput'>,
): Promise<Reply<unknown>> {
  const place = `${String(feature).slice(0, 60)}.${String(name).slice(0, 60)}`
  try {
    const calls = own(contract, feature)?.calls as AnyCalls | undefined
    const call = own(calls, name)
    const run = own(own(handlers as unknown as AnyHandlers, feature), name)
    if (!call || !run) throw new Error('unknown call')
    const parsed = call.input.safeParse(input)
    if (!parsed.success) throw new AppError('invalid-input', INPUT_FAILED, { fields: fieldsOf(parsed.error) })
    const value = await run(parsed.data)
    if (!door.checkOutput) return { ok: true, value }
    const checked = call.output.safeParse(value)
    if (!checked.success) throw new Error(`the answer breaks the contract: ${JSON.stringify(checked.error.issues[0])}`)
    return { ok: true, value: checked.data }
  } catch (failure) {
    return { ok: false, error: toWireError(failure, noteFailure(door.log, place, failure)) }
  }
}

/** Registers the door. */
export function serve(door: Door): void {
  ipcMain.handle('app:call', async (event, feature: unknown, name: unknown, input: unknown) => {
    const wrong = refusal(event.senderFrame, door.allowedOrigins)
    if (wrong) {
      const logRef = door.log.error('A call was refused', { wrong, origin: event.senderFrame?.origin ?? null })
      return { ok: false, error: toWireError(new Error(wrong), logRef) } satisfies Reply<unknown>
    }
    try {
      return await answer(await door.handlers, feature, name, input, door)
    } catch (failure) {
      // the features could not be built: the database is of a newer version, the folder is read-only …
      return { ok: false, error: toWireError(failure, noteFailure(door.log, 'start', failure)) }
    }
  })
}

function own<T extends object, K extends keyof T>(holder: T | undefined, key: unknown): T[K] | undefined {
  return holder && typeof key === 'string' && Object.hasOwn(holder, key) ? holder[key as K] : undefined
}

function fieldsOf(error: z.ZodError): Record<string, string> {
  return Object.fromEntries(error.issues.slice(0, 20).map((issue) => [issue.path.join('.') || 'input', issue.message]))
}

function noteFailure(log: Log, place: string, failure: unknown): string {
  if (!(failure instanceof AppError)) return log.error('A call failed in a way that is not known', { place, failure })
  if (failure.code === 'canceled') return log.debug('A call was canceled', { place })
  return log.warn('A call failed', { place, code: failure.code, failure })
}
