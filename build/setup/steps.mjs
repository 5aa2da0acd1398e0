/**
 * What the set-up steps share: where the project is, how a command is run, how a failure speaks.
 * Owns: the lock that keeps two set-ups in one clone apart. Does not: know any step.
 */
import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '')
export const say = (line) => console.log(line)

/** A set-up that cannot go on; the message is a sentence that says what to do. */
export class SetupFailure extends Error {
  name = 'SetupFailure'
}

export const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'))
export function readJsonOr(file, otherwise) {
  try {
    return readJson(file)
  } catch {
    return otherwise
  }
}

/**
 * Runs a program to its end, without a shell. Resolves with its exit code and output; never rejects for a failing program.
 * `show`: its output goes to this terminal as well.
 */
export function run(command, args, { cwd = root, env = process.env, show = false, timeoutMs = 20 * 60_000 } = {}) {
  return new Promise((resolve) => {
    const output = []
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: timeoutMs })
    for (const [stream, target] of [
      [child.stdout, process.stdout],
      [child.stderr, process.stderr],
    ]) {
      stream.on('data', (chunk) => {
        output.push(chunk)
        if (show) target.write(chunk)
      })
    }
    child.on('error', (error) => resolve({ code: 127, output: `${command}: ${error.message}` }))
    child.on('close', (code) => resolve({ code: code ?? 1, output: Buffer.concat(output).toString() }))
  })
}

/** The last lines of a program's output, for a message. */
export const tail = (output, lines = 12) => output.trimEnd().split('\n').slice(-lines).join('\n')

const isAlive = (pid) => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/** Only one set-up at a time works in a clone; a second one waits for it. A lock of a process that is gone is taken over. */
export async function withSetupLock(work) {
  const lock = join(root, 'out', 'setup.lock')
  mkdirSync(join(root, 'out'), { recursive: true })
  for (let said = false; ; ) {
    try {
      closeSync(openSync(lock, 'wx'))
      writeFileSync(lock, String(process.pid))
      break
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
      const holder = Number(readFileSync(lock, 'utf8'))
      if (holder && !isAlive(holder)) rmSync(lock, { force: true })
      else if (!said) {
        say('Another set-up is at work in this folder; waiting for it.')
        said = true
      }
      await wait(200)
    }
  }
  try {
    return await work()
  } finally {
    rmSync(lock, { force: true })
  }
}
