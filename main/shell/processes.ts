/**
 * Starts the application's other processes (engine, transfers, local back-end, catalogue) and speaks with them.
 * Owns: their lives: each ends with the application. Does not: know their messages.
 */
import { join } from 'node:path'
import { MessageChannelMain, type MessagePortMain, type UtilityProcess, utilityProcess } from 'electron'

/** A process as its feature sees it: messages in, messages out, an end. */
export type ChildProcess = {
  postMessage(message: unknown, ports?: MessagePortMain[]): void
  onMessage(listener: (message: unknown) => void): () => void
  onExit(listener: (code: number) => void): void
  kill(): void
  readonly pid: number | undefined
}

export type ProcessName = 'engine' | 'transfers' | 'local-back-end' | 'catalogue'

const alive = new Set<UtilityProcess>()

/** `onOutput` gets what the process writes to its standard streams, line by line. */
export function startProcess(name: ProcessName, onOutput: (line: string) => void): ChildProcess {
  const child = utilityProcess.fork(join(import.meta.dirname, `${name}.js`), [], {
    serviceName: `swath ${name}`,
    stdio: 'pipe',
    // nothing of the environment is needed but what locates the user's folders and the temporary one
    env: inheritedEnvironment(process.env),
  })
  alive.add(child)
  child.on('exit', () => alive.delete(child))
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8')
    stream?.on('data', (text: string) => {
      for (const line of text.split('\n')) if (line.trim()) onOutput(line)
    })
  }
  return {
    postMessage: (message, ports) => child.postMessage(message, ports),
    onMessage: (listener) => {
      child.on('message', listener)
      return () => child.off('message', listener)
    },
    onExit: (listener) => child.on('exit', listener),
    kill: () => child.kill(),
    get pid() {
      return child.pid
    },
  }
}

/** Ends what still runs; the work is in rows and goes on at the next start. */
export function endProcesses(): void {
  for (const child of alive) child.kill()
}

export const newChannel = (): MessageChannelMain => new MessageChannelMain()

const INHERITED = /^(HOME|USER|LANG|LC_.*|PATH|TMPDIR|TEMP|TMP|APPDATA|LOCALAPPDATA|SYSTEMROOT|USERPROFILE|SWATH_.*)$/i
function inheritedEnvironment(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter(
      (entry): entry is [string, string] => INHERITED.test(entry[0]) && entry[1] !== undefined,
    ),
  )
}
