/**
 * A bridge without main: a table of answers by `feature.call`, and events to send by hand.
 * What no test has answered is answered as an empty list or with a failure that says so.
 */
import type { Reply, WireError } from '../../../preload/contract/errors.ts'
import type { AppEvent, NumberedEvent } from '../../../preload/contract/index.ts'
import type { Bridge } from '../../../renderer/app/bridge.svelte.ts'

type Answer = (input: never) => unknown
export type FakeBridge = Bridge & {
  /** Every call that was made: `jobs.list`, with its input. */
  calls: { name: string; input: unknown }[]
  /** Changes the answer of a call from now on. */
  answer(name: string, answer: Answer): void
  /** Sends an event with the next number; `skip` leaves numbers out, as if events were lost. */
  send(event: AppEvent, skip?: number): void
  inputsOf(name: string): unknown[]
}

/** Thrown by an answer, it becomes the reply's error. */
export class FakeFailure extends Error {
  readonly error: WireError
  constructor(error: Partial<WireError> & Pick<WireError, 'code'>) {
    super(error.code)
    this.error = { message: '', retry: 'now', logRef: 'log-1', ...error }
  }
}

export const defaultSettings = {
  revision: 1,
  theme: 'system',
  areaUnit: 'km2',
  proxy: { mode: 'system', url: '' },
  localThreads: 0,
}

const defaults: Record<string, Answer> = {
  'connections.list': () => [],
  'areas.list': () => [],
  'jobs.list': () => [],
  'library.list': () => [],
  'layers.list': () => [],
  'transfers.list': () => [],
  'graphs.recipes': () => [],
  'local.status': () => ({
    revision: 1,
    state: 'running',
    url: null,
    isScanning: false,
    folders: [],
    problems: [],
    undated: [],
    undatedCount: 0,
    dated: [],
    collections: [],
  }),
  'settings.get': () => defaultSettings,
  'settings.change': (change: object) => ({ ...defaultSettings, ...change, revision: 2 }),
  'settings.windowMemory': () => null,
  'settings.rememberWindow': () => undefined,
  'diagnostics.about': () => ({
    version: '0.1.0',
    electron: '42.0.0',
    chrome: '148.0.7778.96',
    node: '24.15.0',
    sqlite: '3.54.1',
    platform: 'Linux 6.12 (x64)',
  }),
  'diagnostics.secretStore': () => ({ active: 'keytar', reason: 'It could be written, read and deleted.' }),
  'diagnostics.notices': () => [],
  'diagnostics.requests': () => [],
}

export function fakeBridge(answers: Record<string, Answer> = {}): FakeBridge {
  const table: Record<string, Answer> = { ...defaults, ...answers }
  const listeners = new Set<(event: NumberedEvent) => void>()
  let seq = 0
  const bridge: FakeBridge = {
    calls: [],
    async call(feature, name, input): Promise<Reply<unknown>> {
      const full = `${feature}.${name}`
      // what cannot cross to main must not cross here either
      const crossed = structuredClone(input)
      bridge.calls.push({ name: full, input: crossed })
      try {
        const answer = table[full]
        if (!answer) throw new FakeFailure({ code: 'bug', message: `No answer for ${full}.` })
        return { ok: true, value: structuredClone(await answer(crossed as never)) }
      } catch (thrown) {
        if (thrown instanceof FakeFailure) return { ok: false, error: thrown.error }
        throw thrown
      }
    },
    onEvent(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    droppedPath: (file) => `/dropped/${file.name}`,
    answer(name, answer) {
      table[name] = answer
    },
    send(event, skip = 0) {
      seq += 1 + skip
      for (const listener of listeners) listener({ ...event, seq } as NumberedEvent)
    },
    inputsOf: (name) => bridge.calls.filter((call) => call.name === name).map(({ input }) => input),
  }
  return bridge
}
