/**
 * npm run demo [-- --data DIR --collection ID --bbox W,S,E,N --from DAY --to DAY --recipe ndvi --out DIR]
 * Does the main job in the real application, in sight where there is a display, and leaves a picture of each step, the
 * result's files, and a last line of JSON. --size WIDTHxHEIGHT and --theme light|dark set the window.
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { buildApp } from './build-app.mjs'
import { root, say } from './setup/steps.mjs'
import { runCommand, setUp } from './setup.mjs'
import { hasDisplay, startVirtualDisplay } from './virtual-display.mjs'

function drive(env) {
  return new Promise((resolve, reject) => {
    const script = join(root, 'test', 'e2e', 'support', 'demo.ts')
    const args = [join(root, 'build', 'run-electron.mjs'), script, ...process.argv.slice(2)]
    const child = spawn(process.execPath, args, { env: { ...process.env, ...env }, stdio: 'inherit' })
    process.on('SIGINT', () => {})
    child.on('error', reject)
    child.on('exit', (code) => resolve(code ?? 1))
  })
}

await runCommand(async () => {
  await setUp({ for: hasDisplay() ? 'start' : 'demo' })
  if (await buildApp()) say('Built the application.')
  const display = hasDisplay() ? undefined : await startVirtualDisplay()
  try {
    process.exitCode = await drive(display?.env)
  } finally {
    display?.stop()
  }
})
