/**
 * Preferences and what the window remembers.
 * Owns: the row `settings` of table setting. Emits: settings.changed.
 * A document of an older version is filled up with defaults; so is a field that cannot be read.
 */
import type { Handlers } from '../../preload/contract/index.ts'
import { Settings, WindowMemory } from '../../preload/contract/settings.ts'
import type { Database } from '../core/database.ts'
import { readFields } from '../core/documents.ts'
import type { Publish } from '../ipc/publish.ts'

export type SettingsFeature = {
  handlers: Handlers<'settings'>
  current(): Settings
  onChange(listener: (settings: Settings) => void): void
}
type Needs = {
  database: Database
  publish: Publish
  /** The layout of the window lies in a file of its own: the first frame needs it before the database is open. */
  windowState: { memory(): unknown; keepMemory(memory: object): void }
}

const DEFAULTS: Omit<Settings, 'revision'> = {
  theme: 'system',
  areaUnit: 'km2',
  proxy: { mode: 'system', url: '' },
  localThreads: 0,
}

export function createSettings({ database, publish, windowState }: Needs): SettingsFeature {
  const listeners: ((settings: Settings) => void)[] = []

  function write(key: string, value: object, revision: number): void {
    database.run(
      `INSERT INTO setting (key, value, revision) VALUES (?, ?, ?)
       ON CONFLICT (key) DO UPDATE SET value = excluded.value, revision = excluded.revision`,
      [key, JSON.stringify(value), revision],
    )
  }
  const current = (): Settings => {
    const row = database.get<{ value: string; revision: number }>(
      `SELECT value, revision FROM setting WHERE key = 'settings'`,
    )
    const revision = row?.revision ?? 0
    return { ...readFields(Settings, row ? JSON.parse(row.value) : null, { ...DEFAULTS, revision }), revision }
  }

  return {
    current,
    onChange: (listener) => listeners.push(listener),
    handlers: {
      get: async () => current(),
      async change(change) {
        const { revision, ...before } = current()
        const after = { ...before, ...JSON.parse(JSON.stringify(change)) } as Omit<Settings, 'revision'>
        write('settings', after, revision + 1)
        const changed = { ...after, revision: revision + 1 }
        publish({ feature: 'settings', name: 'changed', payload: changed })
        for (const listener of listeners) listener(changed)
        return changed
      },
      windowMemory: async () => WindowMemory.safeParse(windowState.memory()).data ?? null,
      async rememberWindow(memory) {
        windowState.keepMemory(memory)
      },
    },
  }
}
