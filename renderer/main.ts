/**
 * Starts the window. The entry holds nothing itself, so that the shell's code and the map's, by far the largest part
 * and the first to be seen, load side by side; pages follow when they are asked for.
 */
import './app/theme.css'
import './ui/controls.css'
import './map/base-map-bytes.ts'

/** What index.html holds says how to find the log; it waits a while before it shows, here there is nothing to wait for. */
const sayNotStarted = () => document.querySelector('.not-started')?.classList.add('now')

async function start(): Promise<void> {
  const target = document.getElementById('app')
  if (!target || !window.bridge) return sayNotStarted()
  const shell = import('./app/start.ts')
  // routes.ts asks for the same and says so where it fails
  import('./layers/MapDesk.svelte').catch(() => undefined)
  await (await shell).startWindow(window.bridge, target)
}

start().catch(sayNotStarted)
