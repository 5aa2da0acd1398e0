/**
 * Starts the window: shell, map and graphics device in one file and put up in one go, so that the first picture is the
 * window with its map. Pages follow when they are asked for.
 */
import './app/theme.css'
import './ui/controls.css'
import './map/early-device.ts'
import { startWindow } from './app/start.ts'
import { coarseBytes } from './map/base-map-bytes.ts'
import { deviceTried } from './map/early-device.ts'
import './layers/MapDesk.svelte'

/** What index.html holds says how to find the log; it waits a while before it shows, here there is nothing to wait for. */
const sayNotStarted = () => document.querySelector('.not-started')?.classList.add('now')

async function start(): Promise<void> {
  const target = document.getElementById('app')
  if (!target || !window.bridge) return sayNotStarted()
  await Promise.all([deviceTried, coarseBytes().catch(() => undefined)])
  await startWindow(window.bridge, target)
}

start().catch(sayNotStarted)
