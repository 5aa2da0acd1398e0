/** Opens a web address in the system's browser; what is none, or cannot be opened, is said. */
import type { App } from '../app/app.ts'
import { wireErrorOf } from '../app/bridge.svelte.ts'

export async function openOutside({ client, toasts }: Pick<App, 'client' | 'toasts'>, url: string): Promise<void> {
  try {
    await client.diagnostics.openLink({ url })
  } catch (thrown) {
    toasts.say(wireErrorOf(thrown).message, { tone: 'bad' })
  }
}
