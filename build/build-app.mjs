/**
 * Builds the application into out/ where the sources are newer than what lies there.
 * Owns: out/built.json, the fingerprint of what out/ was built from.
 */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { readJsonOr, root, run, SetupFailure, say, tail } from './setup/steps.mjs'

const stampFile = join(root, 'out', 'built.json')
const SOURCES = ['main', 'preload', 'renderer']
const FILES = ['package.json', 'package-lock.json', 'electron.vite.config.ts', 'svelte.config.js', 'tsconfig.base.json']
const OUTPUT = ['out/main/index.js', 'out/preload/index.cjs', 'out/renderer/index.html']

function fingerprint() {
  const hash = createHash('sha256').update(process.platform)
  const folders = SOURCES.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath ?? entry.path, entry.name)),
  )
  for (const file of [...folders.sort(), ...FILES.map((name) => join(root, name))])
    hash.update(file.slice(root.length)).update(readFileSync(file))
  return hash.digest('hex')
}

/** True where out/ is what the sources make. */
export const isBuilt = () =>
  readJsonOr(stampFile, {}).sources === fingerprint() && OUTPUT.every((file) => existsSync(join(root, file)))

/** Builds if need be; answers whether it did. A build that fails stops with its output. */
export async function buildApp() {
  const sources = fingerprint()
  if (isBuilt()) return false
  const vite = join(root, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js')
  const env = { ...process.env, NODE_ENV: 'production', NO_COLOR: '1' }
  const { code, output } = await run(process.execPath, [vite, 'build', '--logLevel', 'warn'], { env })
  if (code !== 0)
    throw new SetupFailure(`The application could not be built:\n${tail(stripVTControlCharacters(output), 40)}`)
  writeFileSync(stampFile, JSON.stringify({ sources }))
  return true
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { runCommand } = await import('./setup.mjs')
  await runCommand(async () => say((await buildApp()) ? 'Built.' : 'Up to date.'))
}
