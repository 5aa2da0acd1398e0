/**
 * The embedded back-end's own process: of the application (messages over process.parentPort), or alone on a command line.
 * Owns: the life of the process. Imports no Electron: Electron's plain Node runs it as well.
 *
 *   local-back-end --data DIR [--port N] [--state DIR] [--threads N]
 * prints one line of JSON with `url`, `user` and `password`; everything else goes to the standard error stream.
 */
import { createHash } from 'node:crypto'
import { constants, homedir, setPriority } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { AppError } from '../core/errors.ts'
import { createLog, forwardTo, type Log } from '../core/log.ts'
import type { DataIndex } from '../local/data/index.ts'
import { statementStatus } from '../local/data/statement-status.ts'
import { createStatements, type Statements } from '../local/data/statements.ts'
import { type FromBackEnd, ToBackEnd } from '../local/process-messages.ts'
import { evaluator } from '../local/server/evaluator.ts'
import { type RunningBackEnd, startBackEnd } from '../local/server/index.ts'
import { nodataWord } from '../local/server/stac-terms.ts'

type ParentPort = {
  on(event: 'message', listener: (event: { data: unknown }) => void): void
  postMessage(message: FromBackEnd): void
}

const parentPort = (process as NodeJS.Process & { parentPort?: ParentPort }).parentPort
if (parentPort) serveApplication(parentPort)
else void serveCommandLine()

type Failure = { code: AppError['code']; message: string }
/** Failures in the words of messages. */
function failureOf(failure: unknown, bug = 'The local back-end could not start.'): Failure {
  if (failure instanceof AppError) return { code: failure.code, message: failure.message }
  return { code: 'bug', message: bug }
}

/* In the application */

function serveApplication(port: ParentPort): void {
  yieldToWindow()
  const log = createLog({ sink: forwardTo((line) => port.postMessage({ type: 'log', line })), from: 'local-back-end' })
  process.on('unhandledRejection', (failure) =>
    log.error('A failure that nobody waited for', { failure: failure as Error }),
  )
  let starting: Promise<RunningBackEnd | null> | null = null
  let backEnd: RunningBackEnd | null = null
  let statements: Statements | null = null
  let isToldOfDamage = false
  const tell = (data: DataIndex) => {
    // once, in the first status after the start: the application shows it when it comes
    const setAside = isToldOfDamage ? null : (backEnd?.setAside ?? null)
    isToldOfDamage ||= setAside !== null
    port.postMessage(statusOf(data, setAside))
  }
  const start = async (message: Extract<ToBackEnd, { type: 'start' }>): Promise<RunningBackEnd | null> => {
    const { dataDir, folders, type: _, ...rest } = message
    try {
      backEnd = await startBackEnd({
        ...given(rest),
        stateDir: dataDir,
        folders,
        engine: evaluator,
        log,
        onStatus: tell,
      })
      const { url, user, password, data } = backEnd
      statements = createStatements(data)
      port.postMessage({ type: 'ready', url, user, password })
      tell(data)
      return backEnd
    } catch (failure) {
      log.error('The back-end did not start', { failure })
      port.postMessage({ type: 'failed', ...failureOf(failure) })
      return null
    }
  }
  const answer = async (number: number, act: (to: Statements) => Promise<void>) => {
    try {
      await starting
      if (!statements) throw new AppError('offline', 'The back-end on this computer is not running yet.')
      await act(statements)
      port.postMessage({ type: 'answer', number, failure: null })
    } catch (failure) {
      if (!(failure instanceof AppError)) log.error('A statement could not be kept', { failure: failure as Error })
      port.postMessage({ type: 'answer', number, failure: failureOf(failure, 'The statement could not be kept.') })
    }
  }
  const stop = async () => {
    await (await starting)?.stop()
    port.postMessage({ type: 'stopped' })
    process.exit(0)
  }
  port.on('message', (event) => {
    const message = ToBackEnd.safeParse(event.data)
    if (!message.success) return void log.warn('A message that is not known was left unread')
    if (message.data.type === 'start') starting ??= start(message.data)
    else if (message.data.type === 'setFolders') {
      const { folders } = message.data
      // what is asked while it starts is done when it has started
      void starting?.then((started) => started?.data.setFolders(folders))
    } else if (message.data.type === 'rescan') void starting?.then((started) => started?.data.rescan())
    else if (message.data.type === 'stateDate') {
      const { number, datetime, ...scene } = message.data
      void answer(number, (to) => to.stateDate(scene, datetime))
    } else if (message.data.type === 'stateNodata') {
      const { number, type: _, ...statement } = message.data
      void answer(number, (to) => to.stateNodata(statement))
    } else void stop()
  })
}

/** What the user looks at comes first. Threads that are started later inherit this. */
function yieldToWindow(): void {
  try {
    setPriority(constants.priority.PRIORITY_BELOW_NORMAL)
  } catch {
    // a system that does not allow it runs the back-end like everything else
  }
}

/** Leaves out what is undefined, as exact optional properties want it. */
const given = <T extends object>(values: T) =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>
  }

function statusOf(data: DataIndex, setAside: string | null): FromBackEnd {
  const stated = statementStatus(data)
  return {
    type: 'status',
    isScanning: data.isScanning,
    problems: data.problems,
    ...stated,
    collections: stated.collections.map(({ bands, ...collection }) => ({
      ...collection,
      bands: bands.map((band) => ({ ...band, nodata: nodataWord(band.nodata).nodata ?? null })),
    })),
    setAside:
      setAside === null
        ? null
        : `The list of jobs could not be read. It is kept as '${setAside}', and a new one was begun.`,
  }
}

/* Alone */

async function serveCommandLine(): Promise<void> {
  const log = createLog({
    sink: forwardTo((line) => void process.stderr.write(`${JSON.stringify(line)}\n`)),
    from: 'local-back-end',
  })
  process.on('unhandledRejection', (failure) =>
    log.error('A failure that nobody waited for', { failure: failure as Error }),
  )
  try {
    const backEnd = await startBackEnd({ ...readArguments(), engine: evaluator, log })
    endOnSignals(backEnd, log)
    await Promise.race([backEnd.data.whenIdle(), pause(LONGEST_WAIT_MS)])
    const { url, user, password } = backEnd
    process.stdout.write(`${JSON.stringify({ url, user, password })}\n`)
  } catch (failure) {
    if (!(failure instanceof AppError)) log.error('The back-end did not start', { failure: failure as Error })
    process.stderr.write(`${failureOf(failure).message}\n`)
    process.exitCode = 1
  }
}

/** Whoever starts the back-end finds the collections there; a huge folder goes on being scanned. */
const LONGEST_WAIT_MS = 10_000

/** Every data folder has a state folder of its own, unless one is named. */
function defaultStateDir(dataDirs: readonly string[]): string {
  const home = process.env.XDG_DATA_HOME ?? join(homedir(), '.local', 'share')
  const digest = createHash('sha256').update(dataDirs.join('\n')).digest('hex').slice(0, 12)
  return join(home, 'swath-local-backend', `${basename(dataDirs[0] ?? 'data')}-${digest}`)
}

function readArguments() {
  const usage = 'Usage: npm run local-backend -- --data DIR [--data DIR …] [--port N] [--state DIR] [--threads N]'
  try {
    const { values } = parseArgs({
      options: {
        data: { type: 'string', multiple: true },
        port: { type: 'string', default: '0' },
        state: { type: 'string' },
        threads: { type: 'string' },
      },
    })
    const dataDirs = (values.data ?? []).map((path) => resolve(path))
    const port = wholeNumber(values.port, 65_535)
    const threads = values.threads === undefined ? undefined : wholeNumber(values.threads, 64)
    if (dataDirs.length === 0) throw new AppError('invalid-input', `No data folder is named.\n${usage}`)
    return {
      stateDir: resolve(values.state ?? defaultStateDir(dataDirs)),
      folders: dataDirs.map((path, i) => ({ id: `folder-${i + 1}`, path, isSample: false })),
      port,
      ...(threads === undefined ? {} : { threads }),
    }
  } catch (failure) {
    if (failure instanceof AppError) throw failure
    throw new AppError('invalid-input', `The command has an option that is not known or has no value.\n${usage}`)
  }
}

function wholeNumber(text: string, most: number): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && value <= most) return value
  throw new AppError('invalid-input', `'${text}' is not a whole number from 0 to ${most}.`)
}

function endOnSignals(backEnd: RunningBackEnd, log: Log): void {
  let isEnding = false
  const end = () => {
    if (isEnding) return
    isEnding = true
    void backEnd
      .stop()
      .catch((failure) => log.error('The back-end did not stop cleanly', { failure }))
      .finally(() => process.exit(0))
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end)
  // the script that started it is gone, however it ended
  process.once('disconnect', end)
}
