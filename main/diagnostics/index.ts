/**
 * What Swath says about itself.
 * Owns: table notice, and the bundle for support. Emits: diagnostics.request, diagnostics.notice.
 * Does not: keep the log or the request log (core does).
 */
import type { z } from 'zod'
import type { About, Notice, RequestRecord, SECRET_STORES } from '../../preload/contract/diagnostics.ts'
import type { Handlers } from '../../preload/contract/index.ts'
import { type Clock, instant } from '../core/clock.ts'
import type { Database } from '../core/database.ts'
import { writeAtomically } from '../core/files.ts'
import { newId } from '../core/ids.ts'
import type { Log } from '../core/log.ts'
import type { Publish } from '../ipc/publish.ts'

export type DiagnosticsFeature = {
  handlers: Handlers<'diagnostics'>
  /** Tells the user once, and until it is dismissed. */
  notify(level: Notice['level'], title: string, message: string): void
}
type Needs = {
  database: Database
  publish: Publish
  clock: Clock
  log: Log
  about: z.infer<typeof About>
  requests(): RequestRecord[]
  secretStore(): Promise<{ active: (typeof SECRET_STORES)[number]; reason: string }>
  /** The last lines of the log, redacted, newest last. */
  readLog(): Promise<string[]>
  settings(): object
  redact(value: unknown): unknown
  interactive(): void
  dialogs: {
    chooseSaveFile(title: string, defaultName: string): Promise<string | null>
    openLink(url: string): Promise<void>
    copyText(text: string): void
    revealLog(): void
  }
}
type NoticeRow = { id: string; level: string; title: string; message: string; at: string }

export function createDiagnostics(needs: Needs): DiagnosticsFeature {
  const { database, publish, clock, log, dialogs } = needs
  const toNotice = (row: NoticeRow): Notice => ({ ...row, level: row.level === 'warning' ? 'warning' : 'info' })

  async function exportBundle(): Promise<{ fileName: string } | null> {
    const day = instant(clock.now()).slice(0, 10)
    const path = await dialogs.chooseSaveFile('Save diagnostics', `swath-diagnostics-${day}.json`)
    if (path === null) return null
    const bundle = {
      about: needs.about,
      secretStore: await needs.secretStore(),
      settings: needs.settings(),
      notices: database.all<NoticeRow>('SELECT id, level, title, message, at FROM notice ORDER BY at'),
      requests: needs.requests(),
      log: await needs.readLog(),
    }
    // entry by entry: a long list as one value would be cut short
    const entries = Object.entries(bundle).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.map((entry: unknown) => needs.redact(entry)) : needs.redact(value),
    ])
    await writeAtomically(path, `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`)
    return { fileName: path.split(/[\\/]/).at(-1) ?? path }
  }

  return {
    notify(level, title, message) {
      const same = database.get('SELECT 1 FROM notice WHERE title = ? AND message = ? AND dismissed_at IS NULL', [
        title,
        message,
      ])
      if (same) return
      const notice = { id: newId('notice', clock.now()), level, title, message, at: instant(clock.now()) }
      database.run('INSERT INTO notice (id, level, title, message, at) VALUES (?, ?, ?, ?, ?)', [
        notice.id,
        level,
        title,
        message,
        notice.at,
      ])
      publish({ feature: 'diagnostics', name: 'notice', payload: notice })
    },
    handlers: {
      about: async () => needs.about,
      secretStore: async () => needs.secretStore(),
      requests: async () => needs.requests(),
      notices: async () =>
        database
          .all<NoticeRow>('SELECT id, level, title, message, at FROM notice WHERE dismissed_at IS NULL ORDER BY at')
          .map(toNotice),
      async dismissNotice({ id }) {
        database.run('UPDATE notice SET dismissed_at = ? WHERE id = ?', [instant(clock.now()), id])
      },
      exportBundle,
      async revealLog() {
        await log.flush()
        dialogs.revealLog()
      },
      async markInteractive() {
        needs.interactive()
      },
      async reportProblem({ message, stack }) {
        return { logRef: log.error('The window met an error that it could not handle', { message, stack }) }
      },
      openLink: async ({ url }) => dialogs.openLink(url),
      async copyText({ text }) {
        dialogs.copyText(text)
      },
    },
  }
}
