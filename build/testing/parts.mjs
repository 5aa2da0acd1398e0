/**
 * The parts of `npm test`: what each runs, how it is counted, how long it may take.
 */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../setup/steps.mjs'
import { findChromium } from '../setup/system-libraries.mjs'
import { countLeaks, countPlaywright, countVitest } from './counts.mjs'

const bin = (...path) => join(root, 'node_modules', ...path)
const onLinux = process.platform === 'linux'
const reportOf = (name) => join(root, 'out', 'test', `${name}.json`)

/** Runs in Node; `file` is a JavaScript program. */
const node = (file, ...args) => ({ command: process.execPath, args: [file, ...args] })
/** With a session bus and an unlocked, throw-away keyring of its own. */
const withKeyring = ({ command, args }) =>
  onLinux ? { command: 'sh', args: [join(root, 'test', 'with-keyring.sh'), command, ...args] } : { command, args }

const check = (name, program, limitMinutes = 5) => ({ name, kind: 'static', program: () => program, limitMinutes })

function vitest(name, limitMinutes) {
  const base = [bin('vitest', 'vitest.mjs'), 'run', '--project', name, '--reporter=default', '--reporter=json']
  return {
    name,
    kind: 'tests',
    folder: `test/${name}`,
    suffix: '.test.ts',
    limitMinutes,
    report: reportOf(name),
    count: countVitest,
    program: (filters) => {
      const args = [...base, `--outputFile.json=${reportOf(name)}`, ...filters]
      return withKeyring(node(join(root, 'build', 'run-electron.mjs'), ...args))
    },
    env: () => (name === 'component' ? { CHROMIUM: findChromium() ?? '' } : {}),
  }
}

const e2e = {
  name: 'e2e',
  kind: 'tests',
  folder: 'test/e2e',
  suffix: '.e2e.ts',
  limitMinutes: 20,
  needsBuild: true,
  needsDisplay: true,
  report: reportOf('e2e'),
  count: countPlaywright,
  program: (filters) => withKeyring(node(bin('@playwright', 'test', 'cli.js'), 'test', ...filters)),
  env: () => ({ E2E_REPORT: reportOf('e2e') }),
}

/** After the tests: where the secrets of the fake servers went. */
const leaks = {
  name: 'leaks',
  kind: 'leaks',
  limitMinutes: 5,
  report: reportOf('leaks'),
  count: countLeaks,
  program: () => node(join(root, 'build', 'testing', 'check-leaks.mjs')),
}

export const PARTS = [
  check(
    'svelte',
    node(bin('svelte-check', 'bin', 'svelte-check'), '--tsconfig', './tsconfig.web.json', '--fail-on-warnings'),
  ),
  check('types', node(bin('typescript', 'bin', 'tsc'), '-p', 'tsconfig.node.json')),
  check('types-e2e', node(bin('typescript', 'bin', 'tsc'), '-p', 'tsconfig.e2e.json')),
  { ...check('build', node(join(root, 'build', 'build-app.mjs'))), kind: 'build' },
  check('deadcode', node(bin('knip', 'bin', 'knip.js'), '--no-progress')),
  check(
    'layers',
    node(
      bin('dependency-cruiser', 'bin', 'dependency-cruise.mjs'),
      'main',
      'preload',
      'renderer',
      '--config',
      'build/dependency-rules.cjs',
    ),
  ),
  check(
    'lint',
    node(bin('@biomejs', 'biome', 'bin', 'biome'), 'check', '--error-on-warnings', '--max-diagnostics=50', '.'),
  ),
  check('docs', node(join(root, 'build', 'check-docs.mjs'))),
  vitest('unit', 10),
  vitest('integration', 15),
  vitest('security', 10),
  vitest('component', 10),
  e2e,
  leaks,
]

/** The test files of a part that match one of the words; all where there are none. */
export function testFiles({ folder, suffix }, words) {
  const place = join(root, folder)
  if (!existsSync(place)) return []
  return readdirSync(place, { recursive: true })
    .map((file) => `${folder}/${String(file).replaceAll('\\', '/')}`)
    .filter((file) => file.endsWith(suffix))
    .filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
}

/**
 * Which parts to run for the words of the command line, and which words narrow down the test files.
 * A word is the name of a part, `static`, `tests`, or a piece of a test file's path. Unknown words are named.
 * Tests are followed by `leaks`, which looks at what they recorded.
 */
export function choose(words) {
  if (words.length === 0) return { parts: PARTS, filters: [], unknown: [] }
  const isName = (word) => PARTS.some((part) => part.name === word || part.kind === word)
  const filters = words.filter((word) => !isName(word))
  const tests = PARTS.filter((part) => part.kind === 'tests')
  const unknown = filters.filter((word) => tests.every((part) => testFiles(part, [word]).length === 0))
  const named = PARTS.filter((part) => words.includes(part.name) || words.includes(part.kind))
  // a path alone means the tests that have it; beside the name of a test part it narrows that part down
  const isNarrowing = named.some((part) => part.kind === 'tests')
  const matching = filters.length && !isNarrowing ? tests.filter((part) => testFiles(part, filters).length > 0) : []
  const wanted = PARTS.filter((part) => named.includes(part) || matching.includes(part))
  const hasTests = wanted.some((part) => part.kind === 'tests')
  const chosen = PARTS.filter((part) => wanted.includes(part) || (hasTests && part.kind === 'leaks'))
  const build = chosen.some((part) => part.needsBuild) ? PARTS.filter((part) => part.kind === 'build') : []
  return { parts: PARTS.filter((part) => chosen.includes(part) || build.includes(part)), filters, unknown }
}
