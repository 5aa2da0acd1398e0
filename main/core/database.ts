/**
 * SQLite: opened with care, four verbs, statements kept ready. The only importer of better-sqlite3, in any process.
 * Owns: the connection, what is done with a damaged file, and the warning about slow statements.
 * Does not: know any table (stores do) or run in the window.
 * Why callers load it with import(): the native part costs time that the first picture should not wait for.
 */
import { existsSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { basename, dirname, extname } from 'node:path'
import SQLite from 'better-sqlite3'
import { type Clock, instant, systemClock } from './clock.ts'
import { AppError, fromFileError } from './errors.ts'
import type { Log } from './log.ts'
import { type Migration, migrate, planMigration } from './migrate.ts'

/** Booleans are kept as 0 and 1. `undefined` is refused: say null. */
export type SqlValue = string | number | bigint | boolean | null | Uint8Array
/** For `?` in order, or for `:name` by name. */
export type SqlParameters = readonly SqlValue[] | Readonly<Record<string, SqlValue>>
export type Row = Record<string, string | number | null | Uint8Array>

export type Database = {
  readonly path: string
  all<T = Row>(sql: string, parameters?: SqlParameters): T[]
  get<T = Row>(sql: string, parameters?: SqlParameters): T | undefined
  /** The first column alone: for many rows of one number each, a quarter of the cost. */
  column<T extends string | number>(sql: string, parameters?: SqlParameters): T[]
  run(sql: string, parameters?: SqlParameters): { changes: number; lastId: number }
  /** All or nothing; may be nested. `work` must not wait for anything. */
  tx<T>(work: () => T): T
  /** As `tx`, and forced to the disk before it returns: for a row that must outlive a power cut (an order, a job). */
  durable<T>(work: () => T): T
  /** Writes a consistent copy, in slices between which others get their turn. */
  backup(path: string): Promise<void>
  close(): void
}

export type Opened =
  | { state: 'ok'; database: Database }
  /** The file was damaged: it lies at `keptAs` now, and a new one was begun. */
  | { state: 'set-aside'; database: Database; keptAs: string }
  /** A cache that was damaged or of another version: it was thrown away, and a new one was begun. */
  | { state: 'discarded'; database: Database }

export type OpenOptions = {
  /** A file, made where it is missing with the folders above it; `:memory:` in tests. */
  path: string
  migrations: readonly Migration[]
  log: Log
  /**
   * `owner` migrates and sets damaged files aside; `guest` (a second process) takes the file as the owner left it;
   * `reader` as well, and cannot write: in WAL mode it never waits for the one who does, and where the file is held by
   * somebody all the same, it fails with `conflict` at once.
   */
  role?: 'owner' | 'guest' | 'reader'
  /**
   * For the owner of a cache: a file that is damaged or of another version is thrown away instead of kept, after this
   * has resolved (others close it then: Windows removes no open file).
   */
  beforeDiscard?: () => Promise<void>
  onSlow?: (sql: string, durationMs: number) => void
  /** From when a statement is told as slow: 15 ms, for processes that wait for nobody more. */
  slowMs?: number
  clock?: Clock
}

const SLOW_MS = 15
const BUSY_WAIT_MS = 2_000
/** Up to this size the whole file is checked at opening (some 10 ms); beyond, when it was found damaged before. */
const CHECKED_BYTES = 16_000_000
const MOST_STATEMENTS = 500

const codeOf = (failure: unknown) => (failure instanceof SQLite.SqliteError ? failure.code : '')
const isDamage = (failure: unknown) => /^SQLITE_(CORRUPT|NOTADB)/.test(codeOf(failure))
/** The file itself is of no use: damaged, or of another version. Not so where it is in use, or the disk did not answer. */
export const isBeyondUse = (failure: unknown): boolean =>
  failure instanceof AppError &&
  (failure.code === 'newer-version' ||
    (failure.code === 'unreadable-data' && !codeOf(failure.cause).startsWith('SQLITE_IOERR')))
/** Beside a database in which damage was met while it was open: have it checked whole at the next opening. */
const suspectMark = (path: string) => `${path}.suspect`

/** SQLite's result codes (sqlite.org/rescode.html) in the application's; what is not expected stays as it is. */
function asAppError(failure: unknown): unknown {
  const code = codeOf(failure)
  const because = { cause: failure }
  if (code === 'SQLITE_FULL') return new AppError('disk-full', 'The disk is full: the change was not saved.', because)
  if (/^SQLITE_(READONLY|CANTOPEN|PERM|AUTH)/.test(code))
    return new AppError('read-only', 'The data folder does not allow writing: nothing was saved.', because)
  if (/^SQLITE_(BUSY|LOCKED)/.test(code))
    return new AppError('conflict', 'The database is in use by another program.', { ...because, retry: 'now' })
  if (/^SQLITE_CONSTRAINT_(UNIQUE|PRIMARYKEY)$/.test(code))
    return new AppError('conflict', 'An entry with the same key exists already.', because)
  if (isDamage(failure))
    return new AppError('unreadable-data', 'The database is damaged. Restart Swath to have it checked.', because)
  if (code.startsWith('SQLITE_IOERR'))
    return new AppError('unreadable-data', 'The disk did not answer: the database could not be read.', because)
  return failure
}

/**
 * Opens, checks and migrates. A damaged file is kept aside, with its date in its name, and a new one is begun.
 * @throws AppError newer-version (file untouched), read-only, disk-full, conflict (in use); Error where a migration fails
 */
export async function openDatabase(options: OpenOptions): Promise<Opened> {
  try {
    if (options.path !== ':memory:') await mkdir(dirname(options.path), { recursive: true })
    return await openOrReplace(options)
  } catch (failure) {
    if (failure instanceof AppError) throw failure
    throw fromFileError(failure, 'the database') ?? asAppError(failure)
  }
}

async function openOrReplace(options: OpenOptions): Promise<Opened> {
  try {
    return { state: 'ok', database: wrap(await openRaw(options), options) }
  } catch (failure) {
    if (options.beforeDiscard && (isDamage(failure) || failure instanceof AppError)) {
      options.log.warn('A cache cannot be used and is begun anew', { cache: basename(options.path), failure })
      await options.beforeDiscard()
      removeDatabase(options.path)
      return { state: 'discarded', database: wrap(await openRaw(options), options) }
    }
    const isOwner = (options.role ?? 'owner') === 'owner'
    if (!isDamage(failure) || !isOwner || options.path === ':memory:') throw failure
    const keptAs = setAside(options.path, (options.clock ?? systemClock).now())
    options.log.error('The database was damaged and is kept aside', { keptAs: basename(keptAs), failure })
    return { state: 'set-aside', database: wrap(await openRaw(options), options), keptAs }
  }
}

/** Renames the file and the two that may belong to it; the changes in -wal are part of what can be rescued. */
function setAside(path: string, atMs: number): string {
  const extension = extname(path)
  const stem = path.slice(0, path.length - extension.length)
  const stamp = instant(atMs).replaceAll(':', '-')
  let keptAs = `${stem}.damaged-${stamp}${extension}`
  for (let n = 2; existsSync(keptAs); n++) keptAs = `${stem}.damaged-${stamp}-${n}${extension}`
  renameSync(path, keptAs)
  for (const tail of ['-wal', '-shm']) if (existsSync(path + tail)) renameSync(path + tail, keptAs + tail)
  rmSync(suspectMark(path), { force: true })
  return keptAs
}

/** Removes the file and all that belongs to it. Nobody may have it open. */
export function removeDatabase(path: string): void {
  for (const tail of ['', '-wal', '-shm', '.suspect']) rmSync(path + tail, { force: true })
}

async function openRaw({ path, migrations, role = 'owner', log, beforeDiscard }: OpenOptions) {
  const isFile = path !== ':memory:'
  const isReader = role === 'reader'
  const raw = new SQLite(path, {
    timeout: isReader ? 0 : BUSY_WAIT_MS,
    fileMustExist: role !== 'owner',
    readonly: isReader,
  })
  try {
    const plan = planMigration(raw, migrations)
    if (isReader) {
      if (plan.steps.length > 0) throw new AppError('unreadable-data', 'The file is of an older version.')
      raw.pragma('trusted_schema = OFF')
      return raw
    }
    if (beforeDiscard && plan.steps.length > 0 && !plan.isNew)
      throw new AppError('unreadable-data', 'The cache is of an older version.')
    raw.pragma('journal_mode = WAL')
    raw.pragma('synchronous = NORMAL')
    raw.pragma('foreign_keys = ON')
    raw.pragma('trusted_schema = OFF')
    if (role === 'guest') {
      if (plan.steps.length > 0) throw new Error('a guest found the database older than itself')
      return raw
    }
    if (isFile) checkPages(raw, path)
    if (plan.steps.length > 0) {
      if (isFile && !plan.isNew) await raw.backup(`${path}.before-${plan.to}`)
      migrate(raw, plan.steps)
      log.info('Database migrated', { database: basename(path), from: plan.from, to: plan.to })
    }
    return raw
  } catch (failure) {
    raw.close()
    throw failure
  }
}

/** @throws SqliteError SQLITE_CORRUPT where a page does not hold what it should */
function checkPages(raw: SQLite.Database, path: string): void {
  const isSuspect = existsSync(suspectMark(path))
  if (!isSuspect && statSync(path).size > CHECKED_BYTES) return
  const [finding] = raw.pragma(isSuspect ? 'integrity_check(1)' : 'quick_check(1)') as Record<string, string>[]
  const answer = Object.values(finding ?? {})[0]
  if (answer !== 'ok') throw new SQLite.SqliteError(answer ?? 'damaged', 'SQLITE_CORRUPT')
  rmSync(suspectMark(path), { force: true })
}

const bindable = (value: SqlValue) => (typeof value === 'boolean' ? Number(value) : value)
function bound(parameters: SqlParameters | undefined): unknown[] {
  if (parameters === undefined) return []
  if (Array.isArray(parameters)) return parameters.map(bindable)
  return [Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, bindable(value)]))]
}

function wrap(raw: SQLite.Database, options: OpenOptions): Database {
  const { path, log, onSlow, clock = systemClock, slowMs = SLOW_MS } = options
  const statements = new Map<string, SQLite.Statement>()
  function prepared(sql: string, isColumn = false): SQLite.Statement {
    const key = isColumn ? `column ${sql}` : sql
    const known = statements.get(key)
    if (known) return known
    if (statements.size >= MOST_STATEMENTS) statements.clear()
    const statement = isColumn ? raw.prepare(sql).pluck() : raw.prepare(sql)
    statements.set(key, statement)
    return statement
  }
  function timed<T>(what: string, work: () => T): T {
    const startMs = clock.monotonicMs()
    try {
      return work()
    } catch (failure) {
      if (isDamage(failure) && path !== ':memory:') writeFileSync(suspectMark(path), '')
      throw asAppError(failure)
    } finally {
      const durationMs = clock.monotonicMs() - startMs
      if (durationMs > slowMs) {
        log.warn('Slow database statement', { sql: what, durationMs: Math.round(durationMs) })
        onSlow?.(what, durationMs)
      }
    }
  }
  function transaction<T>(work: () => T): T {
    const whole = raw.transaction(() => {
      const value = work()
      if (value instanceof Promise) throw new Error('a transaction must not wait for anything')
      return value
    })
    try {
      return raw.inTransaction ? whole() : whole.immediate()
    } catch (failure) {
      throw asAppError(failure)
    }
  }
  return {
    path,
    all: <T>(sql: string, parameters?: SqlParameters) =>
      timed(sql, () => prepared(sql).all(...bound(parameters)) as T[]),
    get: <T>(sql: string, parameters?: SqlParameters) =>
      timed(sql, () => prepared(sql).get(...bound(parameters)) as T | undefined),
    column: <T extends string | number>(sql: string, parameters?: SqlParameters) =>
      timed(sql, () => prepared(sql, true).all(...bound(parameters)) as T[]),
    run: (sql, parameters) =>
      timed(sql, () => {
        const { changes, lastInsertRowid } = prepared(sql).run(...bound(parameters))
        return { changes, lastId: Number(lastInsertRowid) }
      }),
    tx: transaction,
    durable(work) {
      if (raw.inTransaction) throw new Error('a durable transaction is an outermost one')
      raw.pragma('synchronous = FULL')
      try {
        return transaction(work)
      } finally {
        raw.pragma('synchronous = NORMAL')
      }
    },
    async backup(to) {
      try {
        await raw.backup(to)
      } catch (failure) {
        throw fromFileError(failure, 'the copy of the database') ?? asAppError(failure)
      }
    },
    close() {
      statements.clear()
      raw.close()
    },
  }
}
