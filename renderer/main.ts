/** Starts the window: the shell and the map's code load side by side, pages follow when they are asked for. */
import './app/theme.css'
import './ui/controls.css'
import { mount } from 'svelte'
import App from './App.svelte'
import { createApp } from './app/create-app.ts'
import { desk, isFeatureName } from './app/routes.ts'
import { setClipboard } from './ui/clipboard.ts'

async function start(bridge: NonNullable<Window['bridge']>, target: HTMLElement): Promise<void> {
  void desk?.()
  const app = createApp(bridge)
  setClipboard((text) => app.client.diagnostics.copyText({ text }))
  await app.memory.restore(isFeatureName)
  target.replaceChildren()
  mount(App, { target, props: { app } })
}

const target = document.getElementById('app')
if (target && window.bridge) void start(window.bridge, target)
