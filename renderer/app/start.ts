/** Mounts the window over the bridge, laid out as it was left. */
import { mount } from 'svelte'
import App from '../App.svelte'
import { setClipboard } from '../ui/clipboard.ts'
import type { Bridge } from './bridge.svelte.ts'
import { createApp } from './create-app.ts'
import { reportProblems } from './problems.ts'
import { isFeatureName } from './routes.ts'

/** Resolves when the shell stands; pages and stores load after it. */
export async function startWindow(bridge: Bridge, target: HTMLElement): Promise<void> {
  const app = createApp(bridge)
  reportProblems(app.client)
  setClipboard((text) => app.client.diagnostics.copyText({ text }))
  await app.memory.restore(isFeatureName)
  target.replaceChildren()
  mount(App, { target, props: { app } })
}
