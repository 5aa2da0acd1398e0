/**
 * Looks for registered secrets in what a test leaves behind, and keeps what was looked at for the part `leaks`.
 * Use: `expectNoSecretsIn(folder)` before a folder is removed (tests of the Node projects do so by themselves, see
 * test/scan-removed-folders.ts); `expectNoSecrets('the log', sink.lines)` for what is in memory.
 */
import { existsSync, lstatSync, readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { inspect } from 'node:util'
import { createFinder, nameHit } from '../../build/testing/leaks.mjs'
import { registeredSecrets, type Secret, writeRecord } from './recorder.ts'

export type ScanKind = 'folder' | 'traffic' | 'heap'
export type Scan = { files: number; bytes: number; leaks: string[] }
/** Largest file that is read; sample rasters are larger than anything that could hold a token. */
const LARGEST_FILE = 256 * 2 ** 20

let finder = { count: -1, of: createFinder([]) }
/** Secrets are registered one after another; the table is made anew only where there are more. */
function currentFinder() {
  const secrets = registeredSecrets()
  if (finder.count !== secrets.length) finder = { count: secrets.length, of: createFinder(secrets) }
  return finder.of
}

/** What went, or may not be read, in the middle of it: not there for anybody else either. */
function unlessGone<T>(read: () => T, otherwise: T): T {
  try {
    return read()
  } catch (failure) {
    if (typeof (failure as NodeJS.ErrnoException).code === 'string') return otherwise
    throw failure
  }
}

function* filesIn(folder: string): Generator<string> {
  for (const entry of unlessGone(() => readdirSync(folder, { withFileTypes: true }), [])) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* filesIn(path)
    else if (entry.isFile()) yield path
  }
}

/** Every file of a folder, or one file: what of the secrets (the registered ones) is in it, or in its name. */
export function scanPath(path: string, secrets?: readonly Secret[]): Scan {
  const scan: Scan = { files: 0, bytes: 0, leaks: [] }
  const kind = lstatSync(path, { throwIfNoEntry: false })
  if (!kind?.isDirectory() && !kind?.isFile()) return scan
  const found = secrets ? createFinder(secrets) : currentFinder()
  for (const file of kind.isDirectory() ? filesIn(path) : [path]) {
    const name = relative(path, file) || 'the file'
    for (const hit of found.find(Buffer.from(name))) scan.leaks.push(`the name ${name}: ${nameHit(hit)}`)
    if ((lstatSync(file, { throwIfNoEntry: false })?.size ?? 0) > LARGEST_FILE) continue
    const { hits, byteCount } = unlessGone(() => found.findInFile(file), { hits: [], byteCount: 0 })
    scan.files++
    scan.bytes += byteCount
    for (const hit of hits) scan.leaks.push(`${name}, at ${hit.at}: ${nameHit(hit)}`)
  }
  return scan
}

/** Keeps what was looked at. @throws where a secret is there, with its name and place and never its value */
export function settleScan(kind: ScanKind, what: string, scan: Scan): void {
  writeRecord('scans', { kind, what, ...scan })
  if (scan.leaks.length > 0) throw new Error(`Secrets are in ${what}:\n${scan.leaks.join('\n')}`)
}

/** @throws where a registered secret is in a file of the folder */
export function expectNoSecretsIn(folder: string, what: string = folder): void {
  if (existsSync(folder) && registeredSecrets().length > 0) settleScan('folder', what, scanPath(folder))
}

/** Which of the secrets are in these bytes. */
export const secretsIn = (bytes: Buffer, secrets?: readonly Secret[]): string[] =>
  (secrets ? createFinder(secrets) : currentFinder()).find(bytes).map(nameHit)

/** @throws where a registered secret is in a text, or anywhere in a value (errors with causes, maps, lines of a log) */
export function expectNoSecrets(what: string, value: unknown): void {
  const text =
    typeof value === 'string'
      ? value
      : inspect(value, { depth: 100, maxStringLength: null, maxArrayLength: null, showHidden: false })
  const bytes = Buffer.from(text)
  settleScan('folder', what, { files: 1, bytes: bytes.length, leaks: secretsIn(bytes) })
}
