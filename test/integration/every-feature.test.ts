/**
 * Every call of the contract on an empty profile: it has a handler, and answers something that the contract takes or an
 * expected failure. A call without a case here does not compile and fails.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createAreas } from '../../main/areas/index.ts'
import { createCatalogue } from '../../main/catalogue/index.ts'
import { createConnections } from '../../main/connections/index.ts'
import { systemClock as clock } from '../../main/core/clock.ts'
import { type Database, openDatabase } from '../../main/core/database.ts'
import { createControlHttp, createRequestLog } from '../../main/core/http/index.ts'
import { createLog, memorySink } from '../../main/core/log.ts'
import { createRedactor } from '../../main/core/redact.ts'
import { createSchedule } from '../../main/core/schedule.ts'
import { createDiagnostics } from '../../main/diagnostics/index.ts'
import { createGraphs } from '../../main/graphs/index.ts'
import { answer } from '../../main/ipc/answer.ts'
import { createJobs } from '../../main/jobs/index.ts'
import { createLayers } from '../../main/layers/index.ts'
import { createLibrary } from '../../main/library/index.ts'
import { createLocal } from '../../main/local/index.ts'
import { cacheMigrations } from '../../main/migrations/cache/index.ts'
import { applicationMigrations } from '../../main/migrations/index.ts'
import { createSettings } from '../../main/settings/index.ts'
import { createTransfers } from '../../main/transfers/index.ts'
import { type AllHandlers, type Contract, contract } from '../../preload/contract/index.ts'
import { startCatalogueProcess } from '../fakes/catalogue-process.ts'
import { memorySecrets } from '../fakes/connections.ts'
import { startTransfersProcess } from '../fakes/transfers-process.ts'

const sink = memorySink()
const redactor = createRedactor()
const log = createLog({ sink, redactor })
let folder: string
let database: Database
let handlers: AllHandlers
const closing: (() => unknown)[] = []

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'swath-every-feature-'))
  database = (await openDatabase({ path: join(folder, 'swath.db'), migrations: applicationMigrations, log })).database
  handlers = build()
})
afterAll(async () => {
  for (const close of closing.reverse()) await close()
  database.close()
  rmSync(folder, { recursive: true, force: true })
})

function build(): AllHandlers {
  const publish = () => {}
  const away = async () => {
    throw new Error('no call of this test goes over a network')
  }
  const schedule = createSchedule({ clock, log })
  const requestLog = createRequestLog({ clock, redactor })
  const http = createControlHttp({ requestLog, redactor, userAgent: 'Swath/test', transport: away })
  const connections = createConnections({
    database,
    publish,
    clock,
    log,
    schedule,
    http,
    secrets: memorySecrets(redactor),
    addSecret: () => {},
    openLink: async () => {},
    countBelongings: () => ({ jobCount: 0, openJobCount: 0, resultCount: 0, catalogueEntryCount: 0 }),
    authorizationChanged: () => {},
  })
  const areas = createAreas({ database, publish, clock })
  const catalogue = createCatalogue({
    path: join(folder, 'catalogue.sqlite'),
    migrations: cacheMigrations,
    connections,
    publish,
    clock,
    schedule,
    log,
    startProcess: startCatalogueProcess,
    http: { ask: away, send: away },
  })
  const jobs = createJobs({ database, connections, publish, clock, schedule, log })
  const transfers = createTransfers({
    database,
    publish,
    clock,
    log,
    requestLog: createRequestLog({ clock, redactor }),
    userAgent: 'Swath/test',
    startProcess: startTransfersProcess,
    renewLink: away,
    resolveProxy: async () => 'DIRECT',
  })
  const library = createLibrary({
    database,
    connections,
    jobs,
    downloads: transfers,
    publish,
    clock,
    log,
    folder: join(folder, 'library'),
    version: '1.0.0',
    shell: { revealFile: () => {}, moveToTrash: away, chooseFolder: async () => null },
  })
  const layers = createLayers({
    database,
    publish,
    clock,
    log,
    engine: { open: away, close: () => {}, statistics: away, connectWindow: async () => {}, onRestart: () => {} },
    assetSource: library.assetSource,
    onResultRemoved: library.onRemoved,
  })
  const ends: ((code: number) => void)[] = []
  const local = createLocal({
    database,
    publish,
    clock,
    log,
    startProcess: () => ({
      postMessage: ({ type }) => /^(stop|state)/.test(type) && queueMicrotask(() => ends.at(-1)?.(0)),
      onMessage: () => {},
      onExit: (listener) => void ends.push(listener),
      kill: () => {},
    }),
    dataDir: folder,
    sampleDir: folder,
    threads: () => 0,
    access: () => {},
    offerChanged: () => {},
    notify: () => {},
    chooseFolder: async () => null,
    copyText: () => {},
  })
  const windowState = { memory: () => null, keepMemory: () => {} }
  closing.push(() => schedule.close(), jobs.close, library.close, layers.close, connections.close)
  closing.push(
    () => transfers.close(),
    local.close,
    () => catalogue.close(),
  )
  return {
    connections: connections.handlers,
    catalogue: catalogue.handlers,
    areas: areas.handlers,
    graphs: createGraphs({ database, clock, connections, catalogue, areas }).handlers,
    jobs: jobs.handlers,
    library: library.handlers,
    layers: layers.handlers,
    transfers: transfers.handlers,
    local: local.handlers,
    settings: createSettings({ database, publish, windowState }).handlers,
    diagnostics: createDiagnostics({
      database,
      publish,
      clock,
      log,
      about: { version: '1', electron: '1', chrome: '1', node: '1', sqlite: '1', platform: 'x' },
      requests: () => [],
      secretStore: async () => ({ active: 'memory', reason: 'A test.' }),
      readLog: async () => [],
      settings: () => ({}),
      redact: (value) => redactor.value(value),
      interactive: () => {},
      dialogs: { chooseSaveFile: async () => null, openLink: async () => {}, copyText: () => {}, revealLog: () => {} },
    }).handlers,
  }
}

const OK = 'ok'
const id = 'nobody'
const polygon = {
  type: 'Polygon',
  coordinates: [
    [
      [11, 46],
      [12, 46],
      [12, 47],
      [11, 46],
    ],
  ],
}
const draft = {
  connectionId: null,
  collectionId: null,
  areaId: null,
  temporalExtent: [null, null],
  recipeId: null,
  parameters: {},
  title: '',
  format: 'GTiff',
}
const style = {
  mode: 'colour-map',
  bands: [0],
  colourMap: 'viridis',
  stretch: [[0, 1]],
  reversed: false,
  gamma: 1,
  opacity: 1,
}
const memory = {
  feature: 'jobs',
  listWidthPx: 1,
  inspectorWidthPx: 1,
  drawerHeightPx: 1,
  isListOpen: true,
  isInspectorOpen: true,
  isDrawerOpen: true,
  drawerTab: 'time',
  view: { longitude: 0, latitude: 0, zoom: 1 },
}
const newJob = { connectionId: id, title: 'x', graph: {}, collectionId: null, recipeId: null, areaId: null }

const entryKey = { connectionId: id, kind: 'collection', namespace: '', id: 'a' }
const everything = {
  text: 'a',
  kinds: [],
  connectionIds: [],
  bbox: null,
  interval: null,
  bands: [],
  platforms: [],
  maximumResolutionM: null,
  members: [],
  hasDeprecated: true,
  hasExperimental: true,
  sort: 'relevance',
  offset: 0,
  limit: 10,
}

/** Input, and `ok` or the code of the failure that an empty profile gives. */
const CASES: { [F in keyof Contract]: { [C in keyof Contract[F]['calls']]: [input: unknown, outcome: string] } } = {
  connections: {
    list: [undefined, OK],
    reconnect: [{ id }, 'not-found'],
    known: [undefined, OK],
    saveKnown: [{ kind: 'openeo', title: 'Mine', url: 'https://example.org', description: '' }, OK],
    removeKnown: [{ id }, 'not-found'],
    restoreKnown: [undefined, OK],
    discover: [{ address: 'ftp://example.org' }, 'invalid-input'],
    cancelDiscovery: [undefined, OK],
    add: [{ url: 'nowhere', agreed: [] }, 'invalid-input'],
    addAccount: [{ id }, 'not-found'],
    agree: [{ id, agreed: [] }, 'not-found'],
    addService: [
      { url: 'example.org', settings: { kind: 's3', region: '', isPathStyle: true, isAnonymous: false } },
      'invalid-input',
    ],
    service: [{ id }, 'not-found'],
    changeService: [{ id, url: '', settings: { kind: 'stac', dialect: 'unknown', auth: 'none' } }, 'not-found'],
    update: [{ id, title: 'x' }, 'not-found'],
    trustCertificate: [{ id, sha256: 'a' }, 'not-found'],
    distrustCertificate: [{ id }, 'not-found'],
    removalConsequences: [{ id }, 'not-found'],
    remove: [{ id }, 'not-found'],
    details: [{ id: 'embedded' }, OK],
    account: [{ id: 'embedded' }, OK],
    refreshAccount: [{ id: 'embedded' }, 'offline'],
    signInMethods: [{ id: 'embedded' }, 'offline'],
    startSignIn: [{ id, method: { way: 'basic', user: 'x', password: 'y' } }, 'not-found'],
    cancelSignIn: [{ id }, 'not-found'],
    openSignInPage: [{ id: 'embedded' }, 'sign-in-expired'],
    signOut: [{ id }, 'not-found'],
  },
  catalogue: {
    search: [everything, OK],
    facets: [{ connectionIds: [], kinds: [] }, OK],
    entry: [entryKey, 'not-found'],
    twins: [entryKey, 'not-found'],
    lists: [{ connectionId: null }, OK],
    refresh: [{ connectionId: id }, 'not-found'],
    cancelRefresh: [{ connectionId: id }, OK],
    queryables: [entryKey, 'not-found'],
    items: [{ key: entryKey, bbox: null, interval: null, limit: 10, page: null }, 'not-found'],
    previews: [entryKey, 'not-found'],
    allowPicture: [{ key: entryKey, href: 'https://example.org/a.png' }, 'not-found'],
  },
  areas: {
    list: [undefined, OK],
    add: [{ geometry: polygon }, OK],
    update: [{ id, name: 'x' }, 'not-found'],
    importGeoJson: [{ text: 'no json', fileName: 'x' }, 'invalid-input'],
    remove: [{ id }, 'not-found'],
    restore: [{ id }, 'not-found'],
  },
  graphs: {
    recipes: [undefined, OK],
    draft: [undefined, OK],
    saveDraft: [draft, OK],
    build: [draft, OK],
    validate: [{ connectionId: id, graph: {} }, OK],
    federation: [{ connectionId: id, graph: {} }, 'not-found'],
  },
  jobs: {
    list: [undefined, OK],
    submit: [newJob, 'not-found'],
    restart: [{ id }, 'not-found'],
    cancel: [{ id }, 'not-found'],
    remove: [{ id }, 'not-found'],
    logs: [{ id, after: null }, 'not-found'],
    refresh: [{ id }, 'not-found'],
    fetchResults: [{ id }, 'not-found'],
    findAtBackEnd: [{ connectionId: id }, 'not-found'],
    lists: [undefined, OK],
  },
  library: {
    list: [undefined, OK],
    provenance: [{ id }, 'not-found'],
    metadata: [{ id }, 'not-found'],
    rename: [{ id, title: 'x' }, 'not-found'],
    retry: [{ id }, 'not-found'],
    remove: [{ id }, 'not-found'],
    reveal: [{ id }, 'not-found'],
    exportTo: [{ id }, 'not-found'],
  },
  layers: {
    list: [undefined, OK],
    add: [{ resultId: id, assetKey: 'a' }, 'not-found'],
    open: [{ id }, 'not-found'],
    style: [{ id, style }, 'not-found'],
    show: [{ id, isVisible: true }, 'not-found'],
    move: [{ id, position: 0 }, 'not-found'],
    remove: [{ id }, 'not-found'],
    statistics: [{ id, band: 0, exact: false }, 'not-found'],
    connect: [undefined, OK],
  },
  transfers: {
    list: [undefined, OK],
    pause: [{ id }, 'not-found'],
    resume: [{ id }, 'not-found'],
    cancel: [{ id }, 'not-found'],
    clearEnded: [undefined, OK],
  },
  local: {
    status: [undefined, OK],
    chooseFolder: [undefined, OK],
    addFolder: [{ path: '/no/such/folder' }, 'not-found'],
    removeFolder: [{ id: 'sample' }, 'conflict'],
    rescan: [undefined, OK],
    restart: [undefined, OK],
    stateDate: [{ collectionId: id, sceneId: id, datetime: null }, 'back-end'],
    stateNodata: [{ collectionId: id, value: null }, 'back-end'],
    copy: [{ what: 'url' }, 'offline'],
  },
  settings: {
    get: [undefined, OK],
    change: [{ theme: 'dark' }, OK],
    windowMemory: [undefined, OK],
    rememberWindow: [memory, OK],
  },
  diagnostics: {
    about: [undefined, OK],
    secretStore: [undefined, OK],
    requests: [undefined, OK],
    notices: [undefined, OK],
    dismissNotice: [{ id }, OK],
    exportBundle: [undefined, OK],
    revealLog: [undefined, OK],
    markInteractive: [{ layerCount: 1 }, OK],
    reportProblem: [{ message: 'x' }, OK],
    openLink: [{ url: 'https://example.org' }, OK],
    copyText: [{ text: 'x' }, OK],
  },
}

const calls = Object.entries(contract).flatMap(([feature, { calls: all }]) =>
  Object.keys(all).map((name) => [feature, name] as const),
)
test.each(calls)('%s.%s', async (feature, name) => {
  const found = (CASES as Record<string, Record<string, [unknown, string]>>)[feature]?.[name]
  if (!found) throw new Error('no case for this call')
  sink.lines.length = 0
  const reply = await answer(handlers, feature, name, found[0], { log, checkOutput: true })
  const bugs = sink.lines
    .filter(({ level }) => level === 'error' && name !== 'reportProblem')
    .map(({ fields }) => JSON.stringify(fields))
  expect([reply.ok ? OK : reply.error.code, bugs]).toEqual([found[1], []])
  if (!reply.ok) expect(reply.error.message).toMatch(/^[A-Z].*\.$/s)
})

test('two restarts of the local back-end at once are one, and both are answered', async () => {
  const [first, second] = await Promise.all([handlers.local.restart(undefined), handlers.local.restart(undefined)])
  expect(first).toEqual(second)
})
