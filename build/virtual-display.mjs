/**
 * A display for programs with windows where there is none: an Xvfb of its own, with its own key.
 * Owns: the server and its authority file. Why not xvfb-run: it waits by sleeping, and two at once race for a number.
 */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SetupFailure } from './setup/steps.mjs'

/** True where a window could be shown to somebody. */
export const hasDisplay = () =>
  process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY)

/** One entry of an X authority file (see Xauthority in libXau): any host, any display, MIT-MAGIC-COOKIE-1. */
function authorityEntry(cookie) {
  const counted = (data) => {
    const length = Buffer.alloc(2)
    length.writeUInt16BE(data.length)
    return Buffer.concat([length, data])
  }
  const anyFamily = Buffer.from([0xff, 0xff])
  return Buffer.concat([
    anyFamily,
    counted(Buffer.alloc(0)),
    counted(Buffer.alloc(0)),
    counted(Buffer.from('MIT-MAGIC-COOKIE-1')),
    counted(cookie),
  ])
}

/** The number that the server writes to its descriptor 3 once it listens. */
function displayNumber(server) {
  return new Promise((resolve, reject) => {
    let text = ''
    const tooLate = setTimeout(() => reject(new SetupFailure('Xvfb did not start within 20 s.')), 20_000)
    const end = (settle) => {
      clearTimeout(tooLate)
      settle()
    }
    server.stdio[3].on('data', (chunk) => {
      text += chunk
      if (text.includes('\n')) end(() => resolve(text.trim()))
    })
    server.once('error', (error) => end(() => reject(new SetupFailure(`Xvfb could not be started: ${error.message}`))))
    server.once('exit', (code) => end(() => reject(new SetupFailure(`Xvfb ended at once (${code}).`))))
  })
}

/** Starts a virtual display; `env` is to be given to the programs, `stop` ends it. */
export async function startVirtualDisplay({ width = 1920, height = 1080 } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'swath-display-'))
  const authority = join(folder, 'authority')
  writeFileSync(authority, authorityEntry(randomBytes(16)), { mode: 0o600 })
  const args = [
    '-displayfd',
    '3',
    '-screen',
    '0',
    `${width}x${height}x24`,
    '-nolisten',
    'tcp',
    '-auth',
    authority,
    '-noreset',
  ]
  const server = spawn('Xvfb', args, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] })
  const stop = () => {
    process.off('exit', stop)
    server.kill('SIGTERM')
    rmSync(folder, { recursive: true, force: true })
  }
  process.once('exit', stop)
  try {
    const number = await displayNumber(server)
    server.unref()
    server.stdio[3].destroy()
    return { env: { DISPLAY: `:${number}`, XAUTHORITY: authority }, pid: server.pid, stop }
  } catch (error) {
    stop()
    throw error
  }
}
