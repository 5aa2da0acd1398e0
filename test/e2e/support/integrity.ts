/** What SQLite says of a file, asked in the application's own Node: its SQLite is not made for the one of the tests. */
import { execFileSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { projectRoot } from './launch.ts'

const SCRIPT = `
const Database = require('better-sqlite3')
const database = new Database(process.argv[1], { readonly: true })
process.stdout.write(database.pragma('integrity_check', { simple: true }))
`

/** `ok`, or what is wrong with it. */
export const integrityOf = (path: string): string =>
  execFileSync(createRequire(import.meta.url)('electron') as unknown as string, ['-e', SCRIPT, path], {
    cwd: projectRoot,
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
    encoding: 'utf8',
  })
