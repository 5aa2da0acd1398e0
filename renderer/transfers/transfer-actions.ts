/** What can be done with transfers: one selected or several. */
import Pause from '@lucide/svelte/icons/pause'
import Play from '@lucide/svelte/icons/play'
import X from '@lucide/svelte/icons/x'
import type { Transfer } from '../../preload/contract/transfers.ts'
import type { Action } from '../app/actions.svelte.ts'
import type { App } from '../app/app.ts'
import { wireErrorOf } from '../app/bridge.svelte.ts'
import { failures } from '../app/failures.ts'
import { canCancel, canPause, canResume } from './transfer-words.ts'

type Verb = 'pause' | 'resume' | 'cancel'

async function all(app: App, verb: Verb, transfers: readonly Transfer[]): Promise<void> {
  const answers = await Promise.allSettled(transfers.map(({ id }) => app.client.transfers[verb]({ id })))
  for (const answer of answers) {
    if (answer.status === 'fulfilled') app.stores.transfers.keep(answer.value)
    else {
      const error = wireErrorOf(answer.reason)
      app.toasts.say(error.message || failures[error.code].says, { tone: 'bad' })
    }
  }
}

/** The actions of these transfers; each acts on those that allow it. */
export function transferActions(app: App, ids: readonly string[]): Action[] {
  const chosen = ids.flatMap((id) => app.stores.transfers.get(id) ?? [])
  const action = (verb: Verb, title: string, icon: Action['icon'], allows: (transfer: Transfer) => boolean): Action => {
    const fit = chosen.filter(allows)
    return {
      id: `transfers.${verb}`,
      title,
      ...(icon ? { icon } : {}),
      group: 'Transfers',
      isEnabled: fit.length > 0,
      isDangerous: verb === 'cancel',
      run: () => all(app, verb, fit),
    }
  }
  return [
    action('pause', 'Pause', Pause, canPause),
    action('resume', 'Resume', Play, canResume),
    action('cancel', 'Cancel', X, canCancel),
  ]
}

/** Registers them for the inspector, the menus and the palette. */
export function provideTransferActions(app: App): void {
  app.actions.provideFor('transfer', (_id, ids) => transferActions(app, ids))
}
