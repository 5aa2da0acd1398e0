/**
 * The composition root: builds every feature and hands each what it needs, by hand and in one place.
 * Owns: the order in which they come to life and go. Does not: decide anything for them.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Reply } from '../preload/contract/errors.ts'
import type { AllHandlers } from '../preload/contract/index.ts'
import type { Settings } from '../preload/contract/settings.ts'
import { createAreas } from './areas/index.ts'
import { createCatalogue } from './catalogue/index.ts'
import { createConnections, EMBEDDED_ID } from './connections/index.ts'
import { systemClock } from './core/clock.ts'
import { openDatabase } from './core/database.ts'
import { createControlHttp, createRequestLog, netTransport } from './core/http/index.ts'
import type { Log } from './core/log.ts'
import type { LogFile } from './core/log-file.ts'
import type { Redactor } from './core/redact.ts'
import { createSchedule } from './core/schedule.ts'
import { createSecrets } from './core/secrets.ts'
import { createDiagnostics } from './diagnostics/index.ts'
import { createGraphs } from './graphs/index.ts'
import { answer } from './ipc/answer.ts'
import { createPublisher } from './ipc/publish.ts'
import { createJobs } from './jobs/index.ts'
import { createEngine } from './layers/engine.ts'
import { createLayers } from './layers/index.ts'
import { createLibrary } from './library/index.ts'
import { createLocal } from './local/index.ts'
import { cacheMigrations } from './migrations/cache/index.ts'
import { applicationMigrations } from './migrations/index.ts'
import { createSettings } from './settings/index.ts'
import { chooseFolder, chooseSaveFile, copyText } from './shell/dialogs.ts'
import { moveToTrash, openLink, revealFile } from './shell/links.ts'
import { watchNetwork } from './shell/network.ts'
import { type ProcessName, startProcess } from './shell/processes.ts'
import { servePictures } from './shell/protocol.ts'
import { resourcePath } from './shell/resources.ts'
import { chromiumNet, resolveProxy, setProxy, watchCertificates } from './shell/sessions.ts'
import {
  applicationVersion,
  dataFolder,
  isPackaged,
  onSleepAndWake,
  onWindowSeen,
  portToWindow,
} from './shell/system.ts'
import type { Timings } from './shell/timings.ts'
import { sendEvent } from './shell/window.ts'
import type { WindowState } from './shell/window-state.ts'
import { createTransfers } from './transfers/index.ts'

type Needs = { log: Log; logFile: LogFile; redactor: Redactor; timings: Timings; windowState: WindowState }
export type Features = {
  answer(feature: unknown, name: unknown, input: unknown): Promise<Reply<unknown>>
  close(): Promise<void>
}

const LOG_LINES_IN_BUNDLE = 2000
const FIRST_FRAME_PATIENCE_MS = 3000

export async function createFeatures({ log, logFile, redactor, timings, windowState }: Needs): Promise<Features> {
  const clock = systemClock
  const userData = dataFolder()
  const version = applicationVersion()
  const databasePath = join(userData, 'swath.sqlite')
  const opened = await openDatabase({
    path: databasePath,
    migrations: applicationMigrations,
    log: log.child('database'),
  })
  const { database } = opened
  timings.mark('database-open')

  const { publish, close: closePublisher } = createPublisher(clock, sendEvent)
  const schedule = createSchedule({ clock, log: log.child('schedule') })
  const requestLog = createRequestLog({
    clock,
    redactor,
    onRecord: (record) => publish({ feature: 'diagnostics', name: 'request', payload: record }),
  })
  watchCertificates()
  const http = createControlHttp({
    requestLog,
    redactor,
    userAgent: `Swath/${version}`,
    transport: netTransport(chromiumNet),
  })
  const secrets = createSecrets({ database, clock, log: log.child('secrets'), redactor })
  const child = (name: ProcessName) => startProcess(name, (line) => log.child(name).info(line))

  // the first picture goes before everything that can wait: other processes, the keychain
  const { promise: firstFrame, resolve: tellFirstFrame } = Promise.withResolvers<void>()
  clock.setTimer(FIRST_FRAME_PATIENCE_MS, tellFirstFrame)

  const settings = createSettings({ database, publish, windowState })
  windowState.applyTheme(settings.current().theme)
  const useProxy = ({ mode, url }: Settings['proxy']) =>
    setProxy(mode, url).catch((failure) => log.warn('The proxy could not be set', { failure }))
  let proxy = settings.current().proxy
  if (proxy.mode !== 'system') void useProxy(proxy)
  settings.onChange((changed) => {
    windowState.applyTheme(changed.theme)
    const isSame = changed.proxy.mode === proxy.mode && changed.proxy.url === proxy.url
    proxy = changed.proxy
    if (!isSame) void useProxy(proxy)
  })
  const diagnostics = createDiagnostics({
    database,
    publish,
    clock,
    log,
    about: {
      version,
      electron: process.versions.electron,
      chrome: process.versions.chrome ?? '',
      node: process.versions.node,
      sqlite: database.get<{ version: string }>('SELECT sqlite_version() AS version')?.version ?? '',
      platform: `${process.platform} ${process.arch} ${process.getSystemVersion()}`,
    },
    requests: () => requestLog.list(),
    secretStore: async () => {
      await firstFrame
      return secrets.status()
    },
    readLog: async () => {
      await log.flush()
      const text = await readFile(logFile.path, 'utf8').catch(() => '')
      return text.trimEnd().split('\n').slice(-LOG_LINES_IN_BUNDLE)
    },
    settings: () => settings.current(),
    redact: (value) => redactor.value(value),
    interactive: tellFirstFrame,
    dialogs: { chooseSaveFile, openLink, copyText, revealLog: () => revealFile(logFile.path) },
  })
  if (opened.state === 'set-aside') {
    diagnostics.notify(
      'warning',
      'The data of Swath were damaged',
      'A new, empty database was begun. The damaged one was kept beside it, and the files of the library were not touched.',
    )
  }

  const connections = createConnections({
    database,
    publish,
    clock,
    log: log.child('connections'),
    addSecret: (value) => redactor.addSecret(value),
    schedule,
    http,
    secrets,
    openLink,
    // asset links that are not signed need it; it goes to the back-end's own origin only
    authorizationChanged: (id, rootUrl, authorization, trust) =>
      void transfers
        .setCredential(id, rootUrl, authorization === null ? null : { authorization }, trust)
        .catch((failure) => log.warn('The transfers process did not take a credential', { failure })),
    async countBelongings(id) {
      const ofConnection = <T extends { connectionId: string | null }>(rows: readonly T[]) =>
        rows.filter(({ connectionId }) => connectionId === id)
      const known = ofConnection(await jobs.handlers.list())
      return {
        jobCount: known.length,
        openJobCount: known.filter(({ endedAt }) => !endedAt).length,
        resultCount: ofConnection(await library.handlers.list()).length,
        catalogueEntryCount: catalogue.entryCount(id),
      }
    },
  })
  const catalogue = createCatalogue({
    path: join(userData, 'catalogue.sqlite'),
    migrations: cacheMigrations,
    connections,
    publish,
    clock,
    schedule,
    log: log.child('catalogue'),
    startProcess: () => child('catalogue'),
    http,
  })
  servePictures(catalogue.pictures)
  const areas = createAreas({ database, publish, clock })
  const graphs = createGraphs({ database, clock, connections, catalogue, areas })
  const jobs = createJobs({ database, connections, publish, clock, schedule, log: log.child('jobs') })
  const transfers = createTransfers({
    database,
    publish,
    clock,
    log: log.child('transfers'),
    requestLog,
    userAgent: `Swath/${version}`,
    startProcess: () => child('transfers'),
    resolveProxy,
    renewLink: (resultId, assetKey) => library.renewLink(resultId, assetKey),
  })
  const library = createLibrary({
    database,
    connections,
    jobs,
    downloads: transfers,
    publish,
    clock,
    log: log.child('library'),
    folder: join(userData, 'library'),
    version,
    shell: { revealFile, moveToTrash, chooseFolder },
  })
  const layers = createLayers({
    database,
    publish,
    clock,
    log: log.child('layers'),
    engine: createEngine({
      clock,
      log: log.child('engine'),
      start: () => child('engine'),
      portToWindow: () => portToWindow('engine-port'),
    }),
    assetSource: library.assetSource,
    onResultRemoved: library.onRemoved,
  })
  const local = createLocal({
    database,
    publish,
    clock,
    log: log.child('local'),
    startProcess: () => child('local-back-end'),
    dataDir: join(userData, 'local-back-end'),
    sampleDir: resourcePath('generated/sample'),
    threads: () => settings.current().localThreads,
    access: connections.embeddedChanged,
    offerChanged: () =>
      catalogue.handlers
        .refresh({ connectionId: EMBEDDED_ID as never })
        .catch((failure) => log.warn('The catalogue could not be read', { failure })),
    notify: diagnostics.notify,
    chooseFolder,
    copyText,
  })

  // back-ends are not awaited: the window is usable before the first of them answers
  void firstFrame.then(() => {
    if (isClosed) return
    connections.start()
    local.start()
    transfers.resumeOpen().catch((failure) => log.warn('Downloads could not go on', { failure }))
  })
  connections.onConnected(({ id, signIn }) => {
    library.resume()
    const goOn = signIn === 'signed-in' ? transfers.signedIn(id) : Promise.resolve()
    goOn.then(() => transfers.networkIsBack()).catch((failure) => log.warn('Downloads could not go on', { failure }))
  })
  onSleepAndWake(
    () => schedule.pause('suspended'),
    () => {
      schedule.resume('suspended')
      connections.resume()
      jobs.resume()
    },
  )
  onWindowSeen(connections.windowSeen)
  const unwatchNetwork = watchNetwork((isOnline) => {
    if (!isOnline) return schedule.pause('offline')
    schedule.resume('offline')
    connections.resume()
    jobs.resume()
    transfers.networkIsBack().catch((failure) => log.warn('Downloads could not go on', { failure }))
  })
  timings.mark('features-built')

  let isClosed = false
  const handlers: AllHandlers = {
    connections: connections.handlers,
    catalogue: catalogue.handlers,
    areas: areas.handlers,
    graphs: graphs.handlers,
    jobs: jobs.handlers,
    library: library.handlers,
    layers: layers.handlers,
    transfers: transfers.handlers,
    local: local.handlers,
    settings: settings.handlers,
    diagnostics: diagnostics.handlers,
  }

  return {
    answer: (feature, name, input) =>
      answer(handlers, feature, name, input, { log: log.child('door'), checkOutput: !isPackaged() }),
    async close() {
      isClosed = true
      unwatchNetwork()
      const sessionsKept = connections.close()
      jobs.close()
      library.close()
      layers.close()
      schedule.close()
      await Promise.all([sessionsKept, local.close(), transfers.close(), catalogue.close()])
      closePublisher()
      database.close()
    },
  }
}
