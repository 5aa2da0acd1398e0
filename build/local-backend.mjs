/**
 * The embedded back-end alone, without a window: npm run local-backend -- --port N --data DIR [--state DIR]
 * Owns: set-up of a fresh clone, and starting the back-end in Electron's Node from the sources.
 * Standard output carries the back-end's one line of JSON only; set-up and log go to the standard error stream.
 */
import { spawn, spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const setUp = join(root, 'build', 'setup.mjs')
const { status } = spawnSync(process.execPath, [setUp, 'backend'], { stdio: ['ignore', 2, 2] })
if (status !== 0) process.exit(1)

const electron = createRequire(import.meta.url)('electron')
const child = spawn(electron, [join(root, 'main', 'worker', 'local-back-end.ts'), ...process.argv.slice(2)], {
  stdio: ['inherit', 'inherit', 'inherit', 'ipc'], // the channel tells the back-end when this script is gone
  env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
// npm runs scripts through a shell that does not pass signals on: when it is gone, this is nobody's child any more
const parent = process.ppid
setInterval(() => {
  if (process.ppid !== parent) child.kill('SIGTERM')
}, 300).unref()
child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)))
