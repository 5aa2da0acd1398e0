/** What a running fake has and a test can change: its data, its users, its faults, what it was asked. */
import { randomSecret, registerBasic, registerSecret } from '../recorder.ts'
import type { Fault } from './faults.ts'
import type { FakeBackEnd, Profile, Seen, Verify } from './types.ts'

type Server = {
  verify?: Verify
  providers: Record<string, unknown>[] | null
  setDown(isDown: boolean): void
  close(): Promise<void>
}
type State = {
  backEnd: FakeBackEnd
  noteRequest(seen: Seen): void
  nextFault(line: string): Fault | undefined
}

export function createState(profile: Profile, origin: string, server: Server): State {
  const faults = new Map<string, Fault[]>()
  const always = new Map<string, Fault>()
  let waiting: { line: string; count: number; done: () => void }[] = []
  const best = bestVersion(profile)
  const count = (line: string) => backEnd.requests.filter((request) => request.line === line).length

  const backEnd: FakeBackEnd = {
    profile,
    origin,
    url: origin + (best?.path ?? ''),
    address: origin + (profile.home ?? best?.path ?? ''),
    ...emptyData(),
    apiVersion: best?.apiVersion ?? '1.2.0',
    requests: [],
    hold: null,
    user: 'analyst',
    password: '',
    token: '',
    verify: server.verify ?? (() => null),
    providers: server.providers,
    fail: (line, ...next) => void faults.set(line, [...(faults.get(line) ?? []), ...next]),
    failAlways: (line, fault) => void always.set(line, fault),
    mend(line) {
      for (const map of [faults, always]) line === undefined ? map.clear() : map.delete(line)
    },
    down: () => server.setDown(true),
    up: () => server.setDown(false),
    count,
    asked: (line, wanted = 1) =>
      new Promise((done) => {
        if (count(line) >= wanted) done()
        else waiting.push({ line, count: wanted, done })
      }),
    close: server.close,
  }
  watchSecrets(backEnd)

  return {
    backEnd,
    noteRequest(seen) {
      backEnd.requests.push(seen)
      const isDue = (one: { line: string; count: number }) => count(one.line) >= one.count
      for (const one of waiting.filter(isDue)) one.done()
      waiting = waiting.filter((one) => !isDue(one))
    },
    nextFault: (line) => faults.get(line)?.shift() ?? always.get(line) ?? always.get('*'),
  }
}

/** The highest version that is in production; else the highest. */
function bestVersion({ versions }: Profile) {
  const highestFirst = [...versions].sort((a, b) => b.apiVersion.localeCompare(a.apiVersion, 'en', { numeric: true }))
  return highestFirst.find(({ production }) => production !== false) ?? highestFirst[0]
}

const emptyData = () => ({
  jobs: new Map(),
  files: new Map(),
  documents: new Map(),
  namespaces: new Map(),
  queryables: new Map(),
  items: new Map(),
  collections: [] as unknown[],
  collectionSource: null,
  processes: [] as unknown[],
  processSource: null,
  userProcesses: [],
  fileFormats: { input: {}, output: {} },
  udfRuntimes: {},
  serviceTypes: {},
  processingParameters: {},
  validation: [] as unknown[],
  capabilities: {},
  missing: [],
  account: {},
  pageSize: 0,
  hasCyclicPages: false,
  hasSlimJobs: false,
  hasLogIds: true,
  hasUpdated: true,
  script: ['queued', 'running', 'finished'],
})

/** Token and password are new for each fake, and each value that a test gives them is known as a secret. */
function watchSecrets(backEnd: FakeBackEnd): void {
  const { profile, origin } = backEnd
  const values = { user: backEnd.user, password: randomSecret('password'), token: randomSecret('token') }
  const register = () => {
    registerBasic(profile.name, values.user, values.password, origin)
    registerSecret(`token of ${profile.name}`, values.token, origin)
  }
  for (const name of ['user', 'password', 'token'] as const)
    Object.defineProperty(backEnd, name, {
      enumerable: true,
      get: () => values[name],
      set(value: string) {
        values[name] = value
        register()
      },
    })
  register()
}
