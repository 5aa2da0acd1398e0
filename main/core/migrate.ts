/**
 * Brings a database to the version of this program: numbered steps, forward only, one transaction each.
 * Owns: PRAGMA user_version (the number of the last step done) and the copy made before the first step.
 * Does not: open files (database.ts), hold the steps (main/migrations, and one list for every other database).
 * Why steps are modules with SQL in them and not .sql files: so that bundles and plain sources load them alike, in every
 * process, from inside the packed application too, and without reading a file.
 */
import { AppError } from './errors.ts'

export type Migration = {
  /** In steps of ten, so that one can be put between two others on a branch: 10, 20, 30 … */
  number: number
  /** The change in words, e.g. `job-costs`. */
  name: string
  sql: string
}

/** What migrating needs of a database; better-sqlite3 has it. */
export type Migratable = {
  pragma(source: string, options: { simple: true }): unknown
  exec(sql: string): unknown
  prepare(sql: string): { get(): unknown }
}

export type MigrationPlan = { from: number; to: number; steps: Migration[]; isNew: boolean }

/**
 * What has to be done.
 * @throws AppError newer-version where the database was written by a newer program; Error where the list is not in order
 */
export function planMigration(database: Migratable, migrations: readonly Migration[]): MigrationPlan {
  migrations.forEach((step, i) => {
    if (step.number <= (migrations[i - 1]?.number ?? 0)) throw new Error(`migration ${step.number} is out of order`)
  })
  const from = database.pragma('user_version', { simple: true }) as number
  const to = migrations.at(-1)?.number ?? 0
  if (from > to)
    throw new AppError(
      'newer-version',
      'The data were written by a newer version of Swath. Install that version to open them; nothing was changed.',
    )
  const isNew = from === 0 && database.prepare('SELECT 1 FROM sqlite_master LIMIT 1').get() === undefined
  return { from, to, steps: migrations.filter((step) => step.number > from), isNew }
}

/** Does the steps. One that fails leaves the database as it was before that step, and throws. */
export function migrate(database: Migratable, steps: readonly Migration[]): void {
  for (const step of steps) {
    database.exec('BEGIN IMMEDIATE')
    try {
      database.exec(step.sql)
      database.exec(`PRAGMA user_version = ${step.number}`)
      database.exec('COMMIT')
    } catch (failure) {
      database.exec('ROLLBACK')
      throw failure
    }
  }
}
