/**
 * npm packages from the lock file, the one install script that is needed, and Electron's binary.
 * Owns: node_modules and its stamp. Why `--ignore-scripts`: npm 10 would compile better-sqlite3, which ships its
 * binaries; the script that is needed is run by name.
 */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readJson, readJsonOr, root, run, SetupFailure, say, tail } from './steps.mjs'

const modules = join(root, 'node_modules')
const stampFile = join(modules, '.swath-setup.json')

/** Install scripts that do something which is needed: package, what it leaves, how it is run. */
const NEEDED_SCRIPTS = [{ name: 'keytar', leaves: 'build/Release/keytar.node', script: 'script/install.js' }]

const wanted = () => ({
  lock: createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex'),
  nodeMajor: Number(process.versions.node.split('.')[0]),
  platform: process.platform,
  arch: process.arch,
})

const fits = (rule, value) =>
  !rule ||
  rule.length === 0 ||
  (rule.some((entry) => entry.startsWith('!')) ? !rule.includes(`!${value}`) : rule.includes(value))

/**
 * Whether what npm says it has installed is what the lock file asks for on this platform.
 * Lets a tree made by `npm ci` or `npm install` stand as it is.
 */
export function isTreeCurrent(lock, installed, { platform, arch }) {
  const have = installed?.packages
  if (!have) return false
  const same = (path, entry) => have[path]?.version === entry.version && have[path]?.integrity === entry.integrity
  // an optional package may be absent where it is for another platform, or only needed by one that is
  const mayBeAbsent = (entry) =>
    entry.optional && (!(entry.os || entry.cpu) || entry.libc || !fits(entry.os, platform) || !fits(entry.cpu, arch))
  return Object.entries(lock.packages).every(([path, entry]) => {
    if (path === '' || entry.link || same(path, entry)) return true
    return have[path] === undefined && Boolean(mayBeAbsent(entry))
  })
}

/** npm as it was called, so that the same version does the work; else the one on the PATH. */
function npm(args) {
  const path = process.env.npm_execpath
  if (path?.endsWith('.js') && existsSync(path)) return run(process.execPath, [path, ...args])
  if (process.platform === 'win32') return run(process.env.ComSpec ?? 'cmd.exe', ['/d', '/s', '/c', 'npm', ...args])
  return run('npm', args)
}

async function installTree() {
  say('Installing the packages of package-lock.json (some 600; half a minute on a quick line) …')
  const began = performance.now()
  const { code, output } = await npm(['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'])
  if (code !== 0)
    throw new SetupFailure(
      `npm could not install the packages:\n${tail(output)}\n\nCheck the network and npm's registry and proxy settings ` +
        `(npm config list), then run the command again.`,
    )
  say(`  packages in place (${((performance.now() - began) / 1000).toFixed(0)} s)`)
}

async function runNeededScripts() {
  for (const { name, leaves, script } of NEEDED_SCRIPTS) {
    const folder = join(modules, name)
    if (existsSync(join(folder, leaves))) continue
    const { code, output } = await run(process.execPath, [script], { cwd: folder })
    if (code !== 0) throw new SetupFailure(`The install script of ${name} failed:\n${tail(output)}`)
  }
}

/** A glance at what ensure-electron.mjs checks in full; it costs no process. */
function isElectronInPlace() {
  const folder = join(modules, 'electron')
  const { version } = readJson(join(folder, 'package.json'))
  const origin = readJsonOr(join(folder, 'dist-origin.json'), {})
  if (origin.version !== version || !existsSync(join(folder, 'path.txt'))) return false
  return existsSync(join(folder, 'dist', readFileSync(join(folder, 'path.txt'), 'utf8')))
}

async function ensureElectron() {
  if (isElectronInPlace()) return
  say("Getting Electron's binary (about 120 MB) …")
  const { code, output } = await run(process.execPath, [join(root, 'build', 'ensure-electron.mjs')])
  const said = output.split('\n').filter((line) => /^(electron:|(\w*Error:))/.test(line))
  if (code !== 0)
    throw new SetupFailure(
      `Electron's binary could not be had:\n${said.length ? said.join('\n') : tail(output, 6)}\n\nIt comes from GitHub; behind a proxy set HTTPS_PROXY, ` +
        `or name a mirror in ELECTRON_MIRROR, then run the command again.`,
    )
  for (const line of output.trim().split('\n')) say(`  ${line}`)
}

/** node_modules as the lock file says, with Electron's binary in it. */
export async function installPackages() {
  const want = wanted()
  const stamp = readJsonOr(stampFile, null)
  if (JSON.stringify(stamp) !== JSON.stringify(want)) {
    const isSamePlatform = !stamp || (stamp.platform === want.platform && stamp.arch === want.arch)
    const installed = readJsonOr(join(modules, '.package-lock.json'), null)
    if (!isSamePlatform || !isTreeCurrent(readJson(join(root, 'package-lock.json')), installed, want))
      await installTree()
  }
  await runNeededScripts()
  await ensureElectron()
  if (JSON.stringify(stamp) !== JSON.stringify(want)) writeFileSync(stampFile, JSON.stringify(want))
}
