/**
 * What the commands decide: when packages have to be installed, which parts a word of `npm test` means, and that no
 * failure is counted away.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { median } from '../../../build/measuring.mjs'
import { isTreeCurrent } from '../../../build/setup/npm-packages.mjs'
import { addCounts, countPart, countPlaywright, countVitest } from '../../../build/testing/counts.mjs'
import { choose, PARTS } from '../../../build/testing/parts.mjs'
import { runProgram, withoutNoise } from '../../../build/testing/run-program.mjs'

const linux = { platform: 'linux', arch: 'x64' } as NodeJS.Process
const entry = (version: string, more = {}) => ({ version, integrity: `sha512-${version}`, ...more })
const lock = {
  packages: {
    '': {},
    'node_modules/a': entry('1.0.0'),
    'node_modules/native-linux': entry('2.0.0', { optional: true, os: ['linux'], cpu: ['x64'] }),
    'node_modules/native-win': entry('2.0.0', { optional: true, os: ['win32'] }),
    'node_modules/for-native-wasm': entry('3.0.0', { optional: true }),
  },
}
const installed = (change: Record<string, unknown> = {}) => ({
  packages: { 'node_modules/a': entry('1.0.0'), 'node_modules/native-linux': entry('2.0.0'), ...change },
})

test('a tree that npm made from this lock file is not made again', () => {
  expect(isTreeCurrent(lock, installed(), linux)).toBe(true)
})

test('a tree is made again when a package is missing, another version, or for another platform', () => {
  expect(isTreeCurrent(lock, null, linux)).toBe(false)
  expect(isTreeCurrent(lock, installed({ 'node_modules/a': undefined }), linux)).toBe(false)
  expect(isTreeCurrent(lock, installed({ 'node_modules/a': entry('1.0.1') }), linux)).toBe(false)
  expect(isTreeCurrent(lock, installed({ 'node_modules/native-linux': undefined }), linux)).toBe(false)
  expect(isTreeCurrent(lock, installed(), { platform: 'win32', arch: 'x64' } as NodeJS.Process)).toBe(false)
})

const namesOf = (words: string[]) => choose(words).parts.map(({ name }) => name)

test('without words everything runs; words choose parts and narrow test files down', () => {
  expect(namesOf([])).toEqual(PARTS.map(({ name }) => name))
  expect(namesOf(['static'])).toEqual(['svelte', 'types', 'types-e2e', 'deadcode', 'layers', 'lint', 'docs'])
  expect(namesOf(['unit'])).toEqual(['unit', 'leaks'])
  expect(choose(['unit', 'build/commands'])).toMatchObject({ filters: ['build/commands'], unknown: [] })
  expect(namesOf(['unit', 'build/commands'])).toEqual(['unit', 'leaks'])
  expect(namesOf(['build/commands.test'])).toEqual(['unit', 'leaks'])
  expect(namesOf(['e2e'])).toEqual(['build', 'e2e', 'leaks'])
  expect(namesOf(['leaks'])).toEqual(['leaks'])
  expect(choose(['unit', 'no-such-thing']).unknown).toEqual(['no-such-thing'])
})

const vitestReport = (more = {}) => ({
  numPassedTests: 3,
  numFailedTests: 1,
  numPendingTests: 2,
  numTodoTests: 1,
  testResults: [{ status: 'passed', assertionResults: [{}] }],
  ...more,
})

test('counts come from the reports; a file that could not be run is a failure', () => {
  expect(countVitest(vitestReport())).toEqual({ passed: 3, failed: 1, skipped: 3 })
  const broken = vitestReport({ testResults: [{ status: 'failed', assertionResults: [] }] })
  expect(countVitest(broken)).toEqual({ passed: 3, failed: 2, skipped: 3 })
  const stats = { expected: 4, unexpected: 1, flaky: 1, skipped: 2 }
  expect(countPlaywright({ stats })).toEqual({ passed: 4, failed: 2, skipped: 2 })
  expect(addCounts({ passed: 1, failed: 2, skipped: 3 }, { passed: 4, failed: 5, skipped: 6 })).toEqual({
    passed: 5,
    failed: 7,
    skipped: 9,
  })
})

test('a runner that fails, leaves no report or runs nothing is never counted as a success', () => {
  const allPassed = vitestReport({ numFailedTests: 0 })
  const nothing = vitestReport({
    numPassedTests: 0,
    numFailedTests: 0,
    numPendingTests: 0,
    numTodoTests: 0,
    testResults: [],
  })
  expect(countPart({ code: 0, report: allPassed, count: countVitest }).failed).toBe(0)
  expect(countPart({ code: 1, report: allPassed, count: countVitest }).failed).toBe(1)
  expect(countPart({ code: null, report: allPassed, count: countVitest }).failed).toBe(1)
  expect(countPart({ code: 0, report: undefined, count: countVitest }).failed).toBe(1)
  expect(countPart({ code: 0, report: nothing, count: countVitest }).failed).toBe(1)
  expect(countPart({ code: 0, report: undefined, count: undefined })).toEqual({ passed: 1, failed: 0, skipped: 0 })
  expect(countPart({ code: 2, report: undefined, count: undefined })).toEqual({ passed: 0, failed: 1, skipped: 0 })
})

test('what the session bus says is left out, what a test says is kept', () => {
  const output = [
    'dbus-daemon[12]: [session uid=0 pid=1] Activating service',
    ' FAIL  x > y',
    'Error: keyring locked',
  ].join('\n')
  expect(withoutNoise(output)).toBe(' FAIL  x > y\nError: keyring locked')
})

test.runIf(process.platform !== 'win32')(
  'a part that takes too long is ended with all that it started',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'group-'))
    const pidFile = join(folder, 'pid')
    try {
      const args = ['-c', `sleep 300 & echo $! > ${pidFile}; echo begun; wait`]
      const result = await runProgram({ command: 'sh', args, limitMinutes: 0.02, log: join(folder, 'log') })
      expect(result).toMatchObject({ code: null })
      expect(result.output).toContain('begun')
      expect(result.output).toContain('the limit of this part')
      const pid = execFileSync('cat', [pidFile], { encoding: 'utf8' }).trim()
      const state = existsSync(`/proc/${pid}/stat`)
        ? execFileSync('cat', [`/proc/${pid}/stat`], { encoding: 'utf8' })
        : ') Z'
      expect(state).toMatch(/\) Z/)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
  20_000,
)

test('the median of an even number of values is the mean of the middle two', () => {
  expect(median([5, 1, 9])).toBe(5)
  expect(median([4, 1, 9, 6])).toBe(5)
})
