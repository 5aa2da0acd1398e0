/**
 * Runs one part of the tests as a process group of its own: bounded in time, its output kept, ended as a whole.
 */
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { root } from '../setup/steps.mjs'

const KEPT_BYTES = 32 * 2 ** 20
const running = new Set()

/** Lines that session bus, keyring and Chromium print on any machine without a desktop. They say nothing of Swath. */
const NOISE = [
  /^dbus-daemon\[\d+\]: /,
  /^\*\* Message: .*(keyring|Gcr|control)/i,
  /gnome-keyring-daemon|discover_other_daemon|couldn't access control socket/,
  /SpiRegistry daemon is running|org\.a11y\.Bus/,
  /Failed to set fd limit/,
  /^\[\d+:[\d/.:]+:ERROR:.*(dbus|gpu|viz|vaapi|ozone|gl_|egl)/i,
  /DeprecationWarning: .*punycode|Use `electron --trace-deprecation/,
  /^npm warn (Unknown user config|EBADENGINE)/,
]
export const withoutNoise = (text) =>
  text
    .split('\n')
    .filter((line) => !NOISE.some((pattern) => pattern.test(line)))
    .join('\n')

/** Ends a process and all that it started; what does not end by itself within 5 s is killed. */
async function endGroup(child) {
  if (process.platform === 'win32') {
    spawnSync('taskkill', ['/pid', String(child.pid), '/T', '/F'])
    return
  }
  const signal = (name) => {
    try {
      process.kill(-child.pid, name)
      return true
    } catch {
      return false // nobody left
    }
  }
  if (!signal('SIGTERM')) return
  for (let tick = 0; tick < 50; tick++) {
    await wait(100)
    if (!signal(0)) return
  }
  signal('SIGKILL')
}

/** Ends every part that is still running. */
export const endAll = () => Promise.all([...running].map(endGroup))

/**
 * Resolves with `code` (null where the time was up), `output` without noise, and `seconds`. The output as it came is
 * in `log`.
 */
export async function runProgram({ command, args, env = {}, limitMinutes, log }) {
  const began = performance.now()
  const chunks = []
  let size = 0
  let isTimeUp = false
  const child = spawn(command, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
  })
  running.add(child)
  const keep = (chunk) => {
    size += chunk.length
    if (size <= KEPT_BYTES) chunks.push(chunk)
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  const limit = setTimeout(() => {
    isTimeUp = true
    void endGroup(child)
  }, limitMinutes * 60_000)
  const code = await new Promise((resolve) => {
    child.on('error', (error) => {
      keep(Buffer.from(`${command}: ${error.message}\n`))
      resolve(127)
    })
    // not 'close': a process left behind would hold the pipes open
    child.on('exit', (exitCode) => setTimeout(() => resolve(exitCode ?? 1), 50))
  })
  clearTimeout(limit)
  await endGroup(child)
  running.delete(child)
  const raw = Buffer.concat(chunks).toString()
  mkdirSync(dirname(log), { recursive: true })
  writeFileSync(log, raw)
  const note = isTimeUp ? `\nEnded after ${limitMinutes} minutes, the limit of this part.\n` : ''
  return { code: isTimeUp ? null : code, output: withoutNoise(raw) + note, seconds: (performance.now() - began) / 1000 }
}
