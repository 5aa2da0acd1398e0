/**
 * Resources that are made, not committed: each by a script of build/.
 * Owns: the list, and the record of what each was made from. A script runs only where its inputs or its output changed.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { readJsonOr, root, run, SetupFailure, say, tail } from './steps.mjs'

/** `inputs`: files or folders that the output depends on; `output`: a file or folder whose absence means "not made". */
const RESOURCES = [
  {
    what: 'the table of coordinate reference systems',
    script: 'build/make-epsg.mjs',
    inputs: ['node_modules/epsg-index/package.json'],
    output: 'resources/generated',
  },
  {
    what: 'the base map',
    script: 'build/make-base-map.mjs',
    inputs: ['node_modules/world-atlas/package.json'],
    output: 'resources/generated',
  },
  {
    what: 'the sample collection',
    script: 'build/make-sample-data.mjs',
    inputs: ['build/sample-data'],
    output: 'resources/generated/sample/collection.json',
  },
]
const recordFile = join(root, 'resources', 'generated', '.made-from.json')

function filesBelow(path) {
  if (!existsSync(path)) return []
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort()
}

function fingerprint({ script, inputs }) {
  const hash = createHash('sha256')
  for (const file of [script, ...inputs].flatMap((path) => filesBelow(join(root, path))))
    hash.update(readFileSync(file))
  return hash.digest('hex').slice(0, 16)
}

async function make(resource) {
  const began = performance.now()
  // in Electron's Node: the same arithmetic, zlib and TypeScript support on every machine
  const runElectron = join(root, 'build', 'run-electron.mjs')
  const { code, output } = await run(process.execPath, [runElectron, join(root, resource.script)])
  if (code !== 0) throw new SetupFailure(`${resource.script} could not make ${resource.what}:\n${tail(output, 30)}`)
  say(`  made ${resource.what} (${((performance.now() - began) / 1000).toFixed(1)} s)`)
}

/** Everything below resources/generated that `purpose` needs, up to date. */
export async function makeResources() {
  const record = readJsonOr(recordFile, {})
  for (const resource of RESOURCES) {
    if (!existsSync(join(root, resource.script))) continue
    const now = fingerprint(resource)
    if (record[resource.script] === now && existsSync(join(root, resource.output))) continue
    await make(resource)
    record[resource.script] = now
    mkdirSync(dirname(recordFile), { recursive: true })
    writeFileSync(recordFile, `${JSON.stringify(record, null, 2)}\n`)
  }
}
