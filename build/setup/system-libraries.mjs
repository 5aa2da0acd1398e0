/**
 * What the system itself has to bring: shared libraries for Electron, and programs for the tests (Linux only).
 * Owns: the list of packages. Does not: act without need; it looks for the libraries and programs, not for packages.
 * Where this is root and apt is there they are installed; else the one command that does it is named.
 */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { root, run, SetupFailure, say, tail } from './steps.mjs'

/** Debian's package for a shared library; newer Debian and Ubuntu releases know some by a second name. */
const LIBRARY_PACKAGES = [
  [/^libgtk-3/, ['libgtk-3-0', 'libgtk-3-0t64']],
  [/^(libnss3|libnssutil3|libsmime3)/, ['libnss3']],
  [/^libnspr4/, ['libnspr4']],
  [/^libasound/, ['libasound2', 'libasound2t64']],
  [/^libgbm/, ['libgbm1']],
  [/^libcups/, ['libcups2', 'libcups2t64']],
  [/^libsecret/, ['libsecret-1-0']],
  [/^libatspi/, ['libatspi2.0-0', 'libatspi2.0-0t64']],
  [/^libatk-bridge/, ['libatk-bridge2.0-0', 'libatk-bridge2.0-0t64']],
  [/^libatk-1/, ['libatk1.0-0', 'libatk1.0-0t64']],
  [/^libX(\w+)\.so/, []], // come with GTK
  [/^libxkbcommon/, ['libxkbcommon0']],
  [/^libdbus-1/, ['libdbus-1-3']],
  [/^libudev/, ['libudev1']],
]

const onPath = (...names) =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .concat('/usr/bin', '/usr/sbin')
    .flatMap((folder) => names.map((name) => join(folder, name)))
    .find((file) => existsSync(file))

/** The browser in which component tests run. */
export const findChromium = () =>
  process.env.CHROMIUM ?? onPath('chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome')

const hasPythonModule = (name) => existsSync(`/usr/lib/python3/dist-packages/${name}`)

const DISPLAY = { what: 'Xvfb (a display where there is none)', isHere: () => onPath('Xvfb'), packages: ['xvfb'] }
/** What the tests call, what it is for, and where it comes from. */
const TEST_TOOLS = [
  DISPLAY,
  { what: 'a session bus', isHere: () => onPath('dbus-run-session'), packages: ['dbus'] },
  { what: 'a keyring', isHere: () => onPath('gnome-keyring-daemon'), packages: ['gnome-keyring'] },
  { what: 'Chromium (component tests)', isHere: findChromium, packages: ['chromium', 'chromium-browser'] },
  {
    what: 'GDAL for /usr/bin/python3 (the reference that results are compared with)',
    isHere: () => hasPythonModule('osgeo') && hasPythonModule('osgeo_utils'),
    packages: ['python3-gdal'],
  },
  { what: 'NumPy for /usr/bin/python3', isHere: () => hasPythonModule('numpy'), packages: ['python3-numpy'] },
  { what: 'OpenSSL (certificates for the tests)', isHere: () => onPath('openssl'), packages: ['openssl'] },
  { what: "GDAL's programs", isHere: () => onPath('gdalinfo'), packages: ['gdal-bin'] },
]

/** What Electron's binary and keytar are linked with; asked for before the binary is there. */
const LIBRARIES = [
  'libglib-2.0.so.0',
  'libnspr4.so',
  'libnss3.so',
  'libatk-1.0.so.0',
  'libatk-bridge-2.0.so.0',
  'libcups.so.2',
  'libdbus-1.so.3',
  'libcairo.so.2',
  'libgtk-3.so.0',
  'libpango-1.0.so.0',
  'libX11.so.6',
  'libXcomposite.so.1',
  'libXdamage.so.1',
  'libXfixes.so.3',
  'libXrandr.so.2',
  'libgbm.so.1',
  'libexpat.so.1',
  'libxkbcommon.so.0',
  'libudev.so.1',
  'libasound.so.2',
  'libatspi.so.0',
  'libsecret-1.so.0',
]

/** Of the files that are there what the loader does not find; before they are there, what its cache lacks. */
async function missingLibraries() {
  const native = [
    join(root, 'node_modules', 'electron', 'dist', 'electron'),
    join(root, 'node_modules', 'keytar', 'build', 'Release', 'keytar.node'),
  ]
  if (native.every((file) => existsSync(file))) {
    const { output } = await run('ldd', native)
    return [...new Set([...output.matchAll(/^\s*(\S+) => not found/gm)].map((match) => match[1]))]
  }
  const ldconfig = onPath('ldconfig') ?? ['/sbin/ldconfig'].find((file) => existsSync(file))
  const cache = ldconfig ? await run(ldconfig, ['-p']) : { code: 1 }
  if (cache.code !== 0) return [] // no such loader (musl, Nix): the binary itself will say
  const known = new Set([...cache.output.matchAll(/^\s+(\S+) \(/gm)].map((match) => match[1]))
  return LIBRARIES.filter((library) => !known.has(library))
}

/** Lists of alternatives, one for each package that is needed. */
function packagesFor(libraries) {
  const lists = libraries.map((library) => LIBRARY_PACKAGES.find(([pattern]) => pattern.test(library))?.[1])
  // what is in no list, and the X libraries, are dependencies of GTK
  const known = lists.filter((list) => list?.length)
  if (known.length < libraries.length) known.push(LIBRARY_PACKAGES[0][1])
  return known
}

async function findMissing(purpose) {
  const libraries = await missingLibraries()
  const wanted = purpose === 'test' ? TEST_TOOLS : purpose === 'demo' ? [DISPLAY] : []
  const tools = wanted.filter((tool) => !tool.isHere())
  return {
    names: [...libraries, ...tools.map((tool) => tool.what)],
    alternatives: [...packagesFor(libraries), ...tools.map((tool) => tool.packages)],
  }
}

const isKnownToApt = async (name) => /Candidate: (?!\(none\))/.test((await run('apt-cache', ['policy', name])).output)

/** Of each list of alternatives the first that this release has. */
async function chooseNames(alternatives) {
  const names = new Set()
  for (const list of alternatives) {
    let chosen = list[0]
    for (const name of list.length > 1 ? list : []) {
      if (await isKnownToApt(name)) {
        chosen = name
        break
      }
    }
    names.add(chosen)
  }
  return [...names]
}

async function aptInstall(alternatives) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const lock = ['-o', 'DPkg::Lock::Timeout=300']
  const update = await run('apt-get', ['update', '-qq', ...lock], { env })
  if (update.code !== 0) say(`  apt-get update failed: ${tail(update.output, 2)}`)
  const names = await chooseNames(alternatives)
  say(`Installing system packages: ${names.join(' ')} …`)
  const began = performance.now()
  const install = await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...lock, ...names], { env })
  if (install.code !== 0)
    throw new SetupFailure(
      `apt-get could not install them:\n${tail(install.output)}\n\nRun it by hand, then this command again:\n` +
        `  apt-get update && apt-get install -y --no-install-recommends ${names.join(' ')}`,
    )
  say(`  system packages in place (${((performance.now() - began) / 1000).toFixed(0)} s)`)
}

const list = (names) => names.map((name) => `  - ${name}`).join('\n')

/**
 * Chromium's sandbox as an ordinary user needs user namespaces; some systems forbid them to programs that they do not
 * know. The helper beside Electron's binary does without, if it belongs to root and has the set-uid bit.
 */
export function checkSandbox() {
  if (process.platform !== 'linux' || process.getuid() === 0) return
  const setting = (file) => (existsSync(file) ? readFileSync(file, 'utf8').trim() : '')
  const isForbidden =
    setting('/proc/sys/kernel/apparmor_restrict_unprivileged_userns') === '1' ||
    setting('/proc/sys/kernel/unprivileged_userns_clone') === '0'
  const sandbox = join(root, 'node_modules', 'electron', 'dist', 'chrome-sandbox')
  const stat = statSync(sandbox)
  if (!isForbidden || (stat.uid === 0 && (stat.mode & 0o4755) === 0o4755)) return
  throw new SetupFailure(
    "This system does not let Electron's sandbox use user namespaces. This command gives it another way, once:\n" +
      `  sudo chown root:root '${sandbox}' && sudo chmod 4755 '${sandbox}'`,
  )
}

/** Makes sure that the system has what `purpose` needs, or stops with the command that brings it. */
export async function ensureSystem(purpose) {
  if (process.platform !== 'linux') return
  const missing = await findMissing(purpose)
  if (missing.names.length) {
    const hasApt = Boolean(onPath('apt-get'))
    if (hasApt && process.getuid() === 0) {
      await aptInstall(missing.alternatives)
      const still = (await findMissing(purpose)).names
      if (still.length) throw new SetupFailure(`Still missing on this system:\n${list(still)}`)
    } else {
      const names = hasApt ? await chooseNames(missing.alternatives) : missing.alternatives.map(([name]) => name)
      throw new SetupFailure(
        `This system lacks:\n${list(missing.names)}\n\n` +
          (hasApt
            ? `This command brings it; then run this one again:\n  sudo apt-get update && sudo apt-get install -y --no-install-recommends ${names.join(' ')}`
            : `Install it with the system's package manager (on Debian the packages are ${names.join(' ')}), then run this command again.`),
      )
    }
  }
}
