/**
 * The one door from the window into main: who may call, then answer.ts.
 * Owns: the channel `app:call`. Does not: publish events (publish.ts).
 * Why answering is loaded with the features: the contract's schemas would hold up the first picture.
 */
import { ipcMain } from 'electron'
import type { Reply } from '../../preload/contract/errors.ts'
import { toWireError } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import { refusal } from './sender.ts'

type Answer = (feature: unknown, name: unknown, input: unknown) => Promise<Reply<unknown>>
type Door = {
  allowedOrigins: readonly string[]
  log: Log
  /** Told before the features are there, which then hear of it as well. */
  firstFrame(layerCount: number): void
  /** Asked at the first call: builds the features. Rejects where they cannot be built. */
  open(): Promise<Answer>
}

/** Registers the door. */
export function serve({ allowedOrigins, log, firstFrame, open }: Door): void {
  ipcMain.handle('app:call', async (event, feature: unknown, name: unknown, input: unknown) => {
    const wrong = refusal(event.senderFrame, allowedOrigins)
    if (wrong) {
      const logRef = log.error('A call was refused', { wrong, origin: event.senderFrame?.origin ?? null })
      return { ok: false, error: toWireError(new Error(wrong), logRef) } satisfies Reply<unknown>
    }
    if (feature === 'diagnostics' && name === 'markInteractive') {
      const { layerCount } = (input ?? {}) as { layerCount?: unknown }
      firstFrame(typeof layerCount === 'number' ? layerCount : 0)
    }
    try {
      const answer = await open()
      return await answer(feature, name, input)
    } catch (failure) {
      // the features could not be built: the database is of a newer version, the folder is read-only …
      return { ok: false, error: toWireError(failure, log.error('The features are not there', { failure })) }
    }
  })
}
