/**
 * npm start [-- SWITCH …]: sets up, builds what is out of date, and opens Swath. Switches go to the application,
 * e.g. `npm start -- --user-data-dir=/tmp/try`.
 */
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { buildApp } from './build-app.mjs'
import { electronFlags } from './electron-flags.mjs'
import { root, SetupFailure, say } from './setup/steps.mjs'
import { runCommand, setUp } from './setup.mjs'
import { hasDisplay } from './virtual-display.mjs'

/** Opens the application and lives as long as it does: Ctrl+C here ends it, as its own Quit does. */
function open(args) {
  const electron = createRequire(import.meta.url)('electron')
  const { ELECTRON_RUN_AS_NODE, ...env } = process.env
  const app = spawn(electron, [root, ...electronFlags(), ...args], { cwd: root, env, stdio: 'inherit' })
  // a terminal sends Ctrl+C to both; the application closes by itself and this process waits for it
  process.on('SIGINT', () => {})
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => app.kill(signal))
  return new Promise((resolve, reject) => {
    app.on('error', reject)
    app.on('exit', (code, signal) => resolve(code ?? (signal === 'SIGINT' || signal === 'SIGTERM' ? 0 : 1)))
  })
}

await runCommand(async () => {
  if (!hasDisplay())
    throw new SetupFailure(
      'There is no display here (DISPLAY and WAYLAND_DISPLAY are not set), so no window can be shown.\n' +
        'npm run demo does the main job without one and leaves pictures of it in out/demo.',
    )
  await setUp({ for: 'start' })
  if (await buildApp()) say('Built the application.')
  say('Swath is starting; Ctrl+C here ends it.')
  process.exitCode = await open(process.argv.slice(2))
})
