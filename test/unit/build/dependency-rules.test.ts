/**
 * The import rules catch what they promise: forbidden imports are planted in a small copy of the layout, one for each
 * rule, and dependency-cruiser has to name each by its rule; the imports that the layout needs pass.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

type Violation = { rule: { name: string }; from: string; to: string }
const root = resolve(import.meta.dirname, '../../..')
const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** Files of an application in small: every kind of module once, with the imports that it may have. */
const LAYOUT: Record<string, string> = {
  'preload/contract/define.ts': "import { z } from 'zod'\nexport const one = z.string()\nexport type One = string",
  'preload/contract/geodesy.ts':
    "import type { One } from './define.ts'\nexport const radius = (one: One) => one.length",
  'preload/index.ts':
    "import { contextBridge } from 'electron'\nimport type { One } from './contract/define.ts'\nexport const a: One = String(contextBridge)",
  'main/index.ts':
    "import { app } from 'electron'\nimport { features } from './features.ts'\nexport const a = [app, features]",
  'main/features.ts':
    "import { jobs } from './jobs/index.ts'\nimport { areas } from './areas/index.ts'\nimport { answer } from './ipc/serve.ts'\nimport { openWindow } from './shell/window.ts'\nexport const features = [jobs, areas, answer, openWindow]",
  'main/core/errors.ts': 'export const error = 1',
  'main/core/log.ts': "import { error } from './errors.ts'\nexport const log = error",
  'main/core/http.ts': "import { error } from './errors.ts'\nexport const http = error",
  'main/core/database.ts':
    "import Database from 'better-sqlite3'\nimport { first } from '../migrations/first.ts'\nexport const database = [Database, first]",
  'main/core/secrets.ts': "export const secrets = () => Promise.all([import('electron'), import('keytar')])",
  'main/migrations/first.ts': 'export const first = 1',
  'main/ipc/serve.ts':
    "import { ipcMain } from 'electron'\nimport { one } from '../../preload/contract/define.ts'\nexport const answer = [ipcMain, one]",
  'main/ipc/publish.ts': 'export type Publish = () => void',
  'main/shell/window.ts': "import { BrowserWindow } from 'electron'\nexport const openWindow = BrowserWindow",
  'main/protocols/openeo.ts': "import { http } from '../core/http.ts'\nexport const openeo = http",
  'main/raster/index.ts':
    "import { error } from '../core/errors.ts'\nexport const open = error\nexport type Grid = number",
  'main/jobs/index.ts':
    "import { openeo } from '../protocols/openeo.ts'\nimport type { Publish } from '../ipc/publish.ts'\nimport { areas } from '../areas/index.ts'\nimport { store } from './store.ts'\nexport const jobs = [openeo, areas, store]\nexport type P = Publish",
  'main/jobs/store.ts': "import { log } from '../core/log.ts'\nexport const store = log",
  'main/areas/index.ts': "import type { Grid } from '../raster/index.ts'\nexport const areas = 1\nexport type G = Grid",
  'main/areas/inside.ts': 'export const inside = 1',
  'main/raster/engine-client.ts': "import type { Grid } from './index.ts'\nexport const client = (grid: Grid) => grid",
  'main/layers/index.ts': "import { client } from '../raster/engine-client.ts'\nexport const layers = client",
  'renderer/ui/Tree.svelte': '<script lang="ts">\nimport Self from \'./Tree.svelte\'\n</script>\n<Self />',
  'main/local/server.ts': "import { open } from '../raster/index.ts'\nexport const server = open",
  'main/worker/engine.ts':
    "import { open } from '../raster/index.ts'\nexport const engine = open\nexport type Message = 1",
  'main/worker/local-back-end.ts': "import { server } from '../local/server.ts'\nexport const a = server",
  'renderer/main.ts':
    "import { page } from './jobs/page.ts'\nimport Tree from './ui/Tree.svelte'\nexport const a = [page, Tree]",
  'renderer/ui/button.ts': 'export const button = 1',
  'renderer/map/map.ts':
    "import { button } from '../ui/button.ts'\nimport type { One } from '../../preload/contract/define.ts'\nexport const map: [number, One] = [button, '']",
  'renderer/jobs/page.ts':
    "import { map } from '../map/map.ts'\nimport { radius } from '../../preload/contract/geodesy.ts'\nexport const page = [map, radius]",
  'test/fake.ts': 'export const fake = 1',
}

/** rule, file, import that must be caught. `x` files are new ones, as a new feature would bring. */
const PLANTED: [rule: string, file: string, code: string][] = [
  [
    'no-cycles',
    'main/core/errors.ts',
    "import { log } from './log.ts'\nexport const error = 1\nexport const b = () => log",
  ],
  ['not-resolvable', 'main/jobs/x.ts', "import './nothing.ts'"],
  ['product-without-tests', 'main/jobs/x.ts', "import '../../test/fake.ts'"],
  ['electron-only-at-the-shell', 'main/jobs/x.ts', "import { app } from 'electron'\nexport const a = app"],
  ['electron-only-at-the-shell', 'main/core/x.ts', "import type { App } from 'electron'\nexport type A = App"],
  ['electron-only-at-the-shell', 'main/newfeature/index.ts', "import { app } from 'electron'\nexport const a = app"],
  [
    'sqlite-only-in-database',
    'main/jobs/store.ts',
    "import Database from 'better-sqlite3'\nexport const store = Database",
  ],
  ['keytar-only-in-secrets', 'main/connections/index.ts', "import keytar from 'keytar'\nexport const a = keytar"],
  [
    'contract-is-pure',
    'preload/contract/x.ts',
    "import { error } from '../../main/core/errors.ts'\nexport const a = error",
  ],
  [
    'contract-is-pure',
    'preload/contract/x.ts',
    "import { readFileSync } from 'node:fs'\nexport const a = readFileSync",
  ],
  [
    'zod-free-contract-stays-so',
    'preload/contract/geodesy.ts',
    "import { one } from './define.ts'\nexport const radius = one",
  ],
  ['preload-is-thin', 'preload/index.ts', "import { z } from 'zod'\nexport const a = z"],
  ['preload-takes-types', 'preload/index.ts', "import { one } from './contract/define.ts'\nexport const a = one"],
  [
    'renderer-knows-the-contract-only',
    'renderer/jobs/page.ts',
    "import type { Grid } from '../../main/raster/index.ts'\nexport type G = Grid\nexport const page = 1",
  ],
  [
    'renderer-takes-types',
    'renderer/newfeature/page.ts',
    "import { one } from '../../preload/contract/define.ts'\nexport const a = one",
  ],
  ['renderer-is-a-web-page', 'renderer/jobs/x.ts', "import keytar from 'keytar'\nexport const a = keytar"],
  ['renderer-without-zod', 'renderer/jobs/x.ts', "import { z } from 'zod'\nexport const a = z"],
  [
    'engine-client-only-asks',
    'main/raster/engine-client.ts',
    "import { open } from './index.ts'\nexport const a = open",
  ],
  ['renderer-has-no-builtin', 'renderer/jobs/x.ts', "import { readFile } from 'node:fs'\nexport const a = readFile"],
  [
    'ui-knows-nothing',
    'renderer/ui/button.ts',
    "import type { One } from '../../preload/contract/define.ts'\nexport const button = 1\nexport type A = One",
  ],
  ['ui-knows-nothing', 'renderer/ui/x.ts', "import { page } from '../jobs/page.ts'\nexport const a = page"],
  ['map-and-viewer-show', 'renderer/viewer/x.ts', "import { page } from '../jobs/page.ts'\nexport const a = page"],
  [
    'main-knows-no-window',
    'main/jobs/x.ts',
    "import { button } from '../../renderer/ui/button.ts'\nexport const a = button",
  ],
  ['feature-front-door', 'main/jobs/x.ts', "import { inside } from '../areas/inside.ts'\nexport const a = inside"],
  [
    'feature-front-door',
    'main/newfeature/index.ts',
    "import type { inside } from '../areas/inside.ts'\nexport type A = typeof inside",
  ],
  [
    'feature-is-handed-the-shell',
    'main/newfeature/index.ts',
    "import { openWindow } from '../shell/window.ts'\nexport const a = openWindow",
  ],
  ['main-does-not-decode', 'main/areas/x.ts', "import { open } from '../raster/index.ts'\nexport const a = open"],
  ['core-knows-no-feature', 'main/core/x.ts', "import { jobs } from '../jobs/index.ts'\nexport const a = jobs"],
  [
    'protocols-know-core',
    'main/protocols/x.ts',
    "import { database } from '../core/database.ts'\nexport const a = database",
  ],
  ['door-and-shell-know-core', 'main/ipc/x.ts', "import { jobs } from '../jobs/index.ts'\nexport const a = jobs"],
  [
    'migrations-stand-alone',
    'main/migrations/first.ts',
    "import { jobs } from '../jobs/index.ts'\nexport const first = jobs",
  ],
  ['raster-stands-alone', 'main/raster/x.ts', "import { log } from '../core/log.ts'\nexport const a = log"],
  [
    'composition-root-is-the-top',
    'main/jobs/x.ts',
    "import { features } from '../features.ts'\nexport const a = features",
  ],
  ['no-file-without-a-place', 'main/x.ts', "import { error } from './core/errors.ts'\nexport const a = error"],
  [
    'worker-engine',
    'main/worker/engine.ts',
    "import { server } from '../local/server.ts'\nexport const engine = server",
  ],
  [
    'worker-local-back-end',
    'main/worker/local-back-end.ts',
    "import { openeo } from '../protocols/openeo.ts'\nexport const a = openeo",
  ],
  ['worker-transfers', 'main/worker/transfers.ts', "import { open } from '../raster/index.ts'\nexport const a = open"],
  [
    'worker-is-not-imported',
    'main/shell/x.ts',
    "import { engine } from '../worker/engine.ts'\nexport const a = engine",
  ],
  [
    'processes-without-electron',
    'main/local/server.ts',
    "import { secrets } from '../core/secrets.ts'\nexport const server = secrets",
  ],
]

function layout(changes: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'rules-'))
  folders.push(folder)
  for (const [file, code] of Object.entries({ ...LAYOUT, ...changes })) {
    mkdirSync(join(folder, dirname(file)), { recursive: true })
    writeFileSync(join(folder, file), `${code}\n`)
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  cpSync(join(root, 'tsconfig.base.json'), join(folder, 'tsconfig.base.json'))
  cpSync(join(root, 'build/dependency-rules.cjs'), join(folder, 'rules.cjs'))
  return folder
}

function violations(folder: string): Violation[] {
  const cruise = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs')
  const args = [cruise, 'main', 'preload', 'renderer', '--config', 'rules.cjs', '--output-type', 'json']
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8', maxBuffer: 2 ** 26 })
  expect(stdout, stderr).toMatch(/^\{/)
  return (JSON.parse(stdout) as { summary: { violations: Violation[] } }).summary.violations
}

let planted: Violation[][]
/** One cruise costs a second, so plants that touch different files share a copy. */
function planCopies(): (typeof PLANTED)[] {
  const copies: (typeof PLANTED)[] = []
  for (const plant of PLANTED) {
    const copy = copies.find((plants) => plants.every(([, file]) => file !== plant[1]))
    if (copy) copy.push(plant)
    else copies.push([plant])
  }
  return copies
}
const copies = planCopies()
beforeAll(() => {
  planted = copies.map((plants) => violations(layout(Object.fromEntries(plants.map(([, file, code]) => [file, code])))))
}, 120_000)

test('the imports that the layout needs pass', () => {
  expect(violations(layout({})).map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`)).toEqual([])
}, 60_000)

test.for(PLANTED)('%s catches an import planted in %s', (plant) => {
  const [rule, file] = plant
  const at = copies.findIndex((plants) => plants.includes(plant))
  const found = planted[at]?.filter(({ from }) => from === file).map((violation) => violation.rule.name)
  expect(found).toContain(rule)
})

test('every rule has an import that it catches', async () => {
  const { default: config } = (await import(join(root, 'build/dependency-rules.cjs'))) as {
    default: { forbidden: { name: string; severity: string }[] }
  }
  expect(config.forbidden.every(({ severity }) => severity === 'error')).toBe(true)
  expect(config.forbidden.map(({ name }) => name).sort()).toEqual([...new Set(PLANTED.map(([rule]) => rule))].sort())
})
