/**
 * From the creation of the process to the first drawn frame of the map, against the minimal project of ../shared/starter,
 * built by the same tool and started with the same binary, switches and display. Ten starts each, alternating, after
 * one of each that is not counted; profiles are kept, as they are on a user's machine.
 */
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { electronFlags } from '../../build/electron-flags.mjs'
import { median } from '../../build/measuring.mjs'
import { root, SetupFailure } from '../../build/setup/steps.mjs'

export const title = 'process creation to the first frame of the map, alternating with the starter'
export const needsDisplay = true

const STARTS = 10
const LIMIT_MS = 60_000
const electron = createRequire(import.meta.url)('electron')
const starterSource = join(root, '..', 'shared', 'starter')

function runOrFail(command, args, options) {
  const { ELECTRON_RUN_AS_NODE, ...env } = process.env
  const result = spawnSync(command, args, { encoding: 'utf8', env, ...options })
  if (result.status !== 0)
    throw new SetupFailure(`${command} ${args.join(' ')} failed:\n${result.stderr ?? result.error}`)
}

/** A built copy of the starter in the cache of the user, with our Electron binary linked into it. */
function prepareStarter(say) {
  if (!existsSync(starterSource)) throw new SetupFailure(`The starter to compare with is missing: ../shared/starter.`)
  const lock = readFileSync(join(starterSource, 'package-lock.json'))
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache')
  const folder = join(cache, 'swath-bench', `starter-${createHash('sha256').update(lock).digest('hex').slice(0, 12)}`)
  if (existsSync(join(folder, 'ready'))) return folder
  say(`Preparing the starter in ${folder} …`)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  cpSync(starterSource, folder, { recursive: true, filter: (path) => !/[\\/](node_modules|out)$/.test(path) })
  runOrFail('chmod', ['-R', 'u+w', folder])
  runOrFail('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: folder })
  const [ours, theirs] = [root, folder].map((place) => join(place, 'node_modules', 'electron'))
  rmSync(join(theirs, 'dist'), { recursive: true, force: true })
  symlinkSync(join(ours, 'dist'), join(theirs, 'dist'))
  cpSync(join(ours, 'path.txt'), join(theirs, 'path.txt'))
  runOrFail('node', [join('node_modules', 'electron-vite', 'bin', 'electron-vite.js'), 'build'], { cwd: folder })
  writeFileSync(join(folder, 'ready'), '')
  return folder
}

/** One start: the milliseconds of the `interactive` mark, which the application measures from its process's creation. */
function startOnce(app, profile, env) {
  return new Promise((resolve, reject) => {
    // SwiftShader whatever the machine has: the starter draws its first frame under Xvfb with these switches only
    const args = [app, ...electronFlags({ softwareGl: true }), `--user-data-dir=${profile}`]
    const child = spawn(electron, args, {
      cwd: app,
      env: { ...env, SWATH_TIMINGS: 'quit' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    const marks = {}
    const fail = (reason) => {
      child.kill('SIGKILL')
      reject(new Error(`${app}: ${reason}\n${output.slice(-2000)}`))
    }
    const limit = setTimeout(() => fail(`no first frame within ${LIMIT_MS / 1000} s`), LIMIT_MS)
    const read = (chunk) => {
      output += chunk
      for (const [line] of output.matchAll(/\{"timing":.*\}/g)) {
        const mark = JSON.parse(line)
        marks[mark.timing] = mark.ms
      }
    }
    child.stdout.on('data', read)
    child.stderr.on('data', (chunk) => {
      output += chunk
    })
    child.on('error', (error) => fail(error.message))
    child.on('exit', () => {
      clearTimeout(limit)
      if (marks.interactive === undefined) fail('it ended before its first frame')
      else resolve(marks)
    })
  })
}

export async function run({ args, say, env }) {
  const starts = Number(args[0] ?? STARTS)
  const apps = { swath: root, starter: prepareStarter(say) }
  const profiles = Object.fromEntries(
    Object.keys(apps).map((name) => [name, mkdtempSync(join(tmpdir(), `bench-${name}-`))]),
  )
  const marks = { swath: [], starter: [] }
  try {
    for (let round = 0; round <= starts; round++)
      for (const [name, app] of Object.entries(apps)) {
        const seen = await startOnce(app, profiles[name], env)
        if (round > 0) marks[name].push(seen)
      }
  } finally {
    for (const profile of Object.values(profiles)) rmSync(profile, { recursive: true, force: true })
  }
  const ms = (name, mark) => marks[name].map((seen) => seen[mark]).filter((value) => value !== undefined)
  const steps = ['main-start', 'app-ready', 'window-created', 'did-finish-load', 'interactive']
  const rows = Object.keys(apps).map((name) => ({
    app: name,
    ...Object.fromEntries(
      steps.map((step) => [step, ms(name, step).length ? Math.round(median(ms(name, step))) : '-']),
    ),
    min: Math.min(...ms(name, 'interactive')),
    max: Math.max(...ms(name, 'interactive')),
  }))
  const [swathMs, starterMs] = ['swath', 'starter'].map((name) => median(ms(name, 'interactive')))
  return {
    rows,
    figures: {
      starts,
      swathMs,
      starterMs,
      swathAllMs: ms('swath', 'interactive'),
      starterAllMs: ms('starter', 'interactive'),
    },
    ratios: { startVsStarter: Math.round((swathMs / starterMs) * 1000) / 1000 },
  }
}
