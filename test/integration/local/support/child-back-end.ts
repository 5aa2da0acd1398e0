/** The back-end as `npm run local-backend` starts it, a process of its own in Electron's Node, without the set-up. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'
import { type Client, signIn } from './back-end.ts'

const entry = resolve(import.meta.dirname, '../../../../main/worker/local-back-end.ts')

export type ChildBackEnd = {
  child: ChildProcess
  client: Client
  /** Every line of the standard output so far. */
  lines: string[]
  /** Ends it with the signal; the code it ended with. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null>
}

export function spawnBackEnd(args: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, [entry, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

/** Resolves when the line with the address has come. */
export async function startChild(args: readonly string[]): Promise<ChildBackEnd> {
  const child = spawnBackEnd(args)
  const lines: string[] = []
  let complaints = ''
  child.stderr?.on('data', (chunk) => (complaints += chunk))
  const said = createInterface({ input: child.stdout as NodeJS.ReadableStream })
  said.on('line', (line) => lines.push(line))
  const first = await Promise.race([once(said, 'line'), once(child, 'exit')])
  if (child.exitCode !== null) throw new Error(`the back-end ended: ${complaints}`)
  const client = await signIn(JSON.parse(String(first[0])))
  return {
    child,
    client,
    lines,
    async end(signal) {
      const ended = once(child, 'exit')
      child.kill(signal)
      return (await ended)[0] as number | null
    },
  }
}
