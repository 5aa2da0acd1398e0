/**
 * The embedded back-end as the application sees it: its process, and the folders whose rasters it offers.
 * Owns: starting it, starting it again where it ended by itself, the list of folders. Emits: local.changed.
 * Does not: serve (server/, in its own process) or speak openEO with it (connections does, as with any back-end).
 */
import { stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { ERROR_CODES } from '../../preload/contract/errors.ts'
import type { Handlers } from '../../preload/contract/index.ts'
import type { DataFolder, LocalStatus } from '../../preload/contract/local.ts'
import { type Clock, instant } from '../core/clock.ts'
import type { Database } from '../core/database.ts'
import { AppError, toWireError } from '../core/errors.ts'
import { newId } from '../core/ids.ts'
import type { Log, LogLine } from '../core/log.ts'
import type { Publish } from '../ipc/publish.ts'
import { FromBackEnd, type ToBackEnd } from './process-messages.ts'
import { createQuestions } from './questions.ts'

export type LocalAccess = { url: string; user: string; password: string }
export type BackEndProcess = {
  postMessage(message: ToBackEnd): void
  onMessage(listener: (message: unknown) => void): void
  onExit(listener: (code: number) => void): void
  kill(): void
}
export type LocalFeature = {
  handlers: Handlers<'local'>
  start(): void
  /** Asks the process to end and waits until it has put its things away. */
  close(): Promise<void>
}
type Needs = {
  database: Database
  publish: Publish
  clock: Clock
  log: Log
  startProcess(): BackEndProcess
  /** For the back-end's own database and the files of its jobs. */
  dataDir: string
  sampleDir: string
  threads(): number
  access(access: LocalAccess | null, failure?: LocalStatus['failure']): void
  /** What the folders offer may have changed. */
  offerChanged(): void
  notify(level: 'info' | 'warning', title: string, message: string): void
  chooseFolder(title: string): Promise<string | null>
  copyText(text: string): void
}

const SAMPLE_ID = 'sample'
const NOTHING_STATED = { undated: [], undatedCount: 0, dated: [], collections: [] }
/** A process that ends by itself is started again, but not in a circle. */
const MOST_RESTARTS = 3
const RESTART_WINDOW_MS = 60_000
/** For putting its things away; then it is killed, and finds them at the next start. */
const STOP_MS = 2500

export function createLocal(needs: Needs): LocalFeature {
  const { database, publish, clock, log, dataDir, sampleDir } = needs
  let child: BackEndProcess | null = null
  let access: LocalAccess | null = null
  const questions = createQuestions()
  let isClosing = false
  let isStopping = false
  let restarting: Promise<LocalStatus> | null = null
  let ended: (() => void) | null = null
  let restartsAtMs: number[] = []
  let live: Omit<LocalStatus, 'folders'> = {
    revision: 0,
    state: 'stopped',
    url: null,
    isScanning: false,
    problems: [],
    ...NOTHING_STATED,
  }

  const folders = (): DataFolder[] => {
    const row = database.get<{ value: string }>(`SELECT value FROM setting WHERE key = 'data-folders'`)
    const added = row ? (JSON.parse(row.value) as DataFolder[]) : []
    return [{ id: SAMPLE_ID, path: sampleDir, isSample: true, addedAt: '2026-01-01T00:00:00.000Z' }, ...added]
  }
  const status = (): LocalStatus => ({ ...live, folders: folders() })
  function change(part: Partial<typeof live>): LocalStatus {
    const { failure: _, ...rest } = live
    live = { ...rest, ...part, revision: live.revision + 1 }
    publish({ feature: 'local', name: 'changed', payload: status() })
    return status()
  }
  function writeFolders(list: DataFolder[]): LocalStatus {
    const added = list.filter((folder) => !folder.isSample)
    database.run(
      `INSERT INTO setting (key, value) VALUES ('data-folders', ?)
       ON CONFLICT (key) DO UPDATE SET value = excluded.value, revision = revision + 1`,
      [JSON.stringify(added)],
    )
    child?.postMessage({ type: 'setFolders', folders: folders() })
    return change({})
  }
  async function addFolder(path: string): Promise<LocalStatus> {
    const found = await stat(path).catch((cause) => {
      throw new AppError('not-found', 'The folder is not there, or cannot be read.', { cause })
    })
    const folder = resolve(found.isDirectory() ? path : dirname(path))
    if (folders().some((known) => known.path === folder))
      throw new AppError('conflict', 'The folder is in the list already.')
    const added = { id: newId('folder', clock.now()), path: folder, isSample: false, addedAt: instant(clock.now()) }
    return writeFolders([...folders(), added])
  }

  function start(): void {
    const process = needs.startProcess()
    child = process
    change({ state: 'starting', url: null })
    process.onMessage((message) => receive(process, message))
    process.onExit((code) => exited(process, code))
    const threads = needs.threads()
    process.postMessage({ type: 'start', dataDir, folders: folders(), ...(threads > 0 ? { threads } : {}) })
  }
  function receive(from: BackEndProcess, raw: unknown): void {
    const parsed = FromBackEnd.safeParse(raw)
    if (from !== child || !parsed.success) return
    const message = parsed.data
    if (message.type === 'log') log.accept(message.line as LogLine)
    else if (message.type === 'answer') questions.accept(message)
    else if (message.type === 'ready') {
      access = { url: message.url, user: message.user, password: message.password }
      change({ state: 'running', url: message.url })
      needs.access(access)
    } else if (message.type === 'failed') fail(message.code, message.message)
    else if (message.type === 'status') {
      const wasScanning = live.isScanning
      const { undated, undatedCount, dated, collections } = message
      const problems = message.problems.slice(0, 1000)
      change({ isScanning: message.isScanning, problems, undated, undatedCount, dated, collections })
      if (message.setAside !== null)
        needs.notify('warning', 'The list of jobs on this computer was damaged', message.setAside)
      if (wasScanning && !message.isScanning && access) needs.offerChanged()
    }
  }
  function fail(code: string, message: string): void {
    const known = ERROR_CODES.find((one) => one === code && one !== 'bug') ?? 'back-end'
    const error = new AppError(known, message)
    const failure = toWireError(error, log.warn('The local back-end failed', { code, message }))
    access = null
    change({ state: 'failed', url: null, isScanning: false, failure })
    needs.access(null, failure)
  }
  function exited(from: BackEndProcess, code: number): void {
    if (from !== child) return
    child = null
    questions.drop()
    ended?.()
    if (isClosing || isStopping || live.state === 'failed') return
    access = null
    log.warn('The local back-end ended by itself', { code })
    restartsAtMs = [...restartsAtMs.filter((at) => clock.now() - at < RESTART_WINDOW_MS), clock.now()]
    if (restartsAtMs.length > MOST_RESTARTS) fail('back-end', 'The back-end on this computer ends again and again.')
    else {
      needs.access(null)
      start()
    }
  }
  const ask = (question: ToBackEnd) => {
    if (!child) throw new AppError('offline', 'The back-end on this computer is not running yet.')
    child.postMessage(question)
  }
  function stop(): Promise<void> {
    const running = child
    if (!running) return Promise.resolve()
    return new Promise((done) => {
      const giveUp = clock.setTimer(STOP_MS, () => running.kill())
      const before = ended
      ended = () => {
        giveUp()
        ended = null
        before?.()
        done()
      }
      running.postMessage({ type: 'stop' })
    })
  }
  /** Whoever asks while one is under way gets the same. */
  function restart(): Promise<LocalStatus> {
    restarting ??= stopAndStart().finally(() => {
      restarting = null
    })
    return restarting
  }
  async function stopAndStart(): Promise<LocalStatus> {
    isStopping = true
    await stop()
    isStopping = false
    restartsAtMs = []
    access = null
    needs.access(null)
    if (!isClosing) start()
    return status()
  }

  return {
    start,
    async close() {
      isClosing = true
      await stop()
    },
    handlers: {
      status: async () => status(),
      async chooseFolder() {
        const path = await needs.chooseFolder('Add a folder of rasters')
        return path === null ? null : addFolder(path)
      },
      addFolder: async ({ path }) => addFolder(path),
      async removeFolder({ id }) {
        if (id === SAMPLE_ID) throw new AppError('conflict', 'The sample data come with Swath and stay in the list.')
        return writeFolders(folders().filter((folder) => folder.id !== id))
      },
      async rescan() {
        child?.postMessage({ type: 'rescan' })
        return status()
      },
      async stateDate(scene) {
        await questions.ask({ type: 'stateDate', ...scene }, ask)
        return status()
      },
      async stateNodata({ value, ...rest }) {
        const asked = { ...rest, value: value === 'nan' ? Number.NaN : value }
        await questions.ask({ type: 'stateNodata', ...asked }, ask)
        return status()
      },
      restart,
      async copy({ what }) {
        if (!access) throw new AppError('offline', 'The back-end on this computer is not running yet.')
        needs.copyText(access[what])
      },
    },
  }
}
