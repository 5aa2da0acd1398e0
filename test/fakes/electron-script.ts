/** Runs a script as the main process of the real Electron, without a display, and gives back what it reports. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const LONGEST_MS = 50_000
const MARK = 'REPORT '
/** In the script: what it was told. */
export const inputOfScript = <T>(): T => JSON.parse(process.env.SCRIPT_INPUT ?? 'null') as T
/** In the script: its work, and what it found; then it ends. Electron is ready only after the script was loaded. */
export function runWhenReady(app: { whenReady(): Promise<void> }, work: () => Promise<unknown>): void {
  const end = (code: number, text: string) => process.stdout.write(`${text}\n`, () => process.exit(code))
  const fail = (failure: unknown) => void end(1, failure instanceof Error ? `${failure.stack}` : String(failure))
  process.on('uncaughtException', fail)
  app
    .whenReady()
    .then(work)
    .then((found) => end(0, MARK + JSON.stringify(found)))
    .catch(fail)
}

/** `path` is absolute; the script calls `runWhenReady`. Rejects with its output where it does not. */
export async function runElectronScript<T>(path: string, input: unknown): Promise<T> {
  const electron = createRequire(import.meta.url)('electron') as string
  const folder = mkdtempSync(join(tmpdir(), 'swath-electron-'))
  const { ELECTRON_RUN_AS_NODE: _, ...env } = process.env
  const isRoot = process.getuid?.() === 0
  const child = spawn(
    electron,
    [
      ...(isRoot ? ['--no-sandbox'] : []),
      ...(process.platform === 'linux' ? ['--ozone-platform=headless'] : []),
      '--disable-gpu',
      `--user-data-dir=${folder}`,
      path,
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...env, SCRIPT_INPUT: JSON.stringify(input) } },
  )
  let output = ''
  let errors = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  const patience = setTimeout(() => child.kill('SIGKILL'), LONGEST_MS)
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  clearTimeout(patience)
  rmSync(folder, { recursive: true, force: true })
  const line = output.split('\n').find((text) => text.startsWith(MARK))
  if (line === undefined) throw new Error(`The script ended with ${code} and said nothing.\n${output}\n${errors}`)
  return JSON.parse(line.slice(MARK.length)) as T
}
