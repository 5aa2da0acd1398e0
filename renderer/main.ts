/** Starts the window: the shell and the map's code load side by side, pages follow when they are asked for. */
import './app/theme.css'
import './ui/controls.css'
import { mount } from 'svelte'
import App from './App.svelte'
import type { Bridge } from './app/bridge.svelte.ts'
import { createApp } from './app/create-app.ts'
import { reportProblems } from './app/problems.ts'
import { desk, isFeatureName } from './app/routes.ts'
import { setClipboard } from './ui/clipboard.ts'

async function start(bridge: Bridge, target: HTMLElement): Promise<void> {
  // the map's code is the largest part and the first to be seen: it loads while main tells the layout
  void desk?.().catch(() => undefined)
  const app = createApp(bridge)
  reportProblems(app.client)
  setClipboard((text) => app.client.diagnostics.copyText({ text }))
  await app.memory.restore(isFeatureName)
  target.replaceChildren()
  mount(App, { target, props: { app } })
}

/** What index.html holds says how to find the log; it waits a while before it shows, here there is nothing to wait for. */
const sayNotStarted = () => document.querySelector('.not-started')?.classList.add('now')

const target = document.getElementById('app')
if (target && window.bridge) start(window.bridge, target).catch(sayNotStarted)
else sayNotStarted()
