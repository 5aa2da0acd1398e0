/**
 * Makes a fresh clone ready: npm packages, Electron's binary, system libraries, generated resources.
 * Owns: the order of the steps and what is said about them. Does not: start, build or test anything.
 * Why plain Node without packages: it runs before there are any. Every step looks first and acts only where something
 * is missing, so a second call costs a fraction of a second.
 *
 *   node build/setup.mjs [start|demo|test|backend]
 */
import { fileURLToPath } from 'node:url'
import { makeResources } from './setup/generated-resources.mjs'
import { installPackages } from './setup/npm-packages.mjs'
import { root, SetupFailure, say, withSetupLock } from './setup/steps.mjs'
import { checkSandbox, ensureSystem } from './setup/system-libraries.mjs'

const PURPOSES = ['start', 'demo', 'test', 'backend']

/**
 * Brings the clone into the state that `for` needs.
 * `start`: the application with its sample data; `demo`: that, without a display; `test`: that and the tools of the tests; `backend`: Electron's Node
 * without a window. Throws SetupFailure with a sentence that says what to do.
 */
export async function setUp({ for: purpose }) {
  const began = performance.now()
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < 20 || (major === 20 && minor < 19))
    throw new SetupFailure(`Node ${process.versions.node} is too old: Swath needs Node 20.19 or newer.`)
  await withSetupLock(async () => {
    // before the packages: Electron's binary is tried once it is there, and that needs its libraries
    await ensureSystem(purpose)
    await installPackages()
    await ensureSystem(purpose)
    if (purpose !== 'backend') checkSandbox()
    await makeResources(purpose)
  })
  const seconds = (performance.now() - began) / 1000
  if (seconds > 2) say(`Set up in ${seconds.toFixed(0)} s.`)
}

/** Runs the main function of a command; a SetupFailure ends it with its sentence alone, anything else with its stack. */
export async function runCommand(main) {
  try {
    await main()
  } catch (failure) {
    console.error(failure instanceof SetupFailure ? `\n${failure.message}` : failure)
    process.exitCode = 1
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await runCommand(async () => {
    const purpose = process.argv[2] ?? 'start'
    if (!PURPOSES.includes(purpose)) throw new SetupFailure(`Set up for what? Known: ${PURPOSES.join(', ')}.`)
    await setUp({ for: purpose })
    say(`Ready (${root}).`)
  })
}
