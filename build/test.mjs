/**
 * npm test [-- PART | PATH …]: sets up, runs every check, and ends with `N passed, N failed, N skipped`.
 * PART: lint, types, svelte, layers, deadcode, docs, build, unit, integration, security, component, e2e, leaks, or
 * `static`, `tests` for the groups; PATH: a piece of a test file's path, e.g. `raster`. `leaks` follows whatever tests
 * ran: their fake servers record what they are asked in out/test/records.
 */
import { existsSync, rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { readJsonOr, root, SetupFailure, say } from './setup/steps.mjs'
import { runCommand, setUp } from './setup.mjs'
import { addCounts, countPart } from './testing/counts.mjs'
import { choose, PARTS, testFiles } from './testing/parts.mjs'
import { endAll, runProgram } from './testing/run-program.mjs'
import { hasDisplay, startVirtualDisplay } from './virtual-display.mjs'

const records = join(root, 'out', 'test', 'records')
const plural = ({ passed, failed, skipped }) => `${passed} passed, ${failed} failed, ${skipped} skipped`

function tell(part, counts, { output, seconds, code }) {
  const failedText = counts.failed ? `, ${counts.failed} failed` : ''
  const skippedText = counts.skipped ? `, ${counts.skipped} skipped` : ''
  const mark = counts.failed ? '✗' : '✓'
  const figures = part.count
    ? `${counts.passed} passed${failedText}${skippedText}`
    : counts.failed
      ? 'failed'
      : 'passed'
  say(`${mark} ${part.name.padEnd(12)} ${figures.padEnd(32)} ${seconds.toFixed(1).padStart(6)} s`)
  if (part.kind === 'leaks') say(`  ${output.split('\n')[0]}`)
  if (counts.failed)
    say(`\n${output.trimEnd()}\n\n${part.name} ended with ${code ?? 'a time-out'}; log: out/test/${part.name}.log\n`)
}

async function runPart(part, filters, display) {
  const narrowed = part.kind === 'tests' ? filters : []
  if (part.report) rmSync(part.report, { force: true })
  const env = {
    ...(process.stdout.isTTY ? { FORCE_COLOR: '1' } : { NO_COLOR: '1' }),
    SWATH_TEST_RECORDS: records,
    ...part.env?.(),
    ...(part.needsDisplay ? display : {}),
  }
  const log = join(root, 'out', 'test', `${part.name}.log`)
  const result = await runProgram({ ...part.program(narrowed), env, limitMinutes: part.limitMinutes, log })
  const report = part.report && existsSync(part.report) ? readJsonOr(part.report, undefined) : undefined
  const counts = countPart({ ...part, code: result.code, report })
  tell(part, counts, result)
  return { part, counts }
}

/** Side by side, as many at once as there are cores (at least two: they wait for files as well). */
async function runTogether(parts, filters) {
  const waiting = [...parts]
  const results = []
  const lane = async () => {
    for (let part = waiting.shift(); part; part = waiting.shift()) results.push(await runPart(part, filters))
  }
  await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, lane))
  return results
}

async function runTests(parts, filters, isBuildBroken) {
  const results = []
  const needsDisplay = parts.some((part) => part.needsDisplay) && !hasDisplay()
  const display = needsDisplay ? await startVirtualDisplay() : undefined
  try {
    for (const part of parts) {
      if (part.needsBuild && isBuildBroken) {
        say(`✗ ${part.name.padEnd(12)} not run: the build failed`)
        results.push({ part, counts: { passed: 0, failed: 1, skipped: 0 } })
      } else if (filters.length && testFiles(part, filters).length === 0) {
        say(`  ${part.name.padEnd(12)} no test file matches ${filters.join(' ')}`)
      } else results.push(await runPart(part, filters, display?.env))
    }
  } finally {
    display?.stop()
  }
  return results
}

function endOnSignals() {
  for (const signal of ['SIGINT', 'SIGTERM'])
    process.once(signal, () => {
      say(`\nStopped by ${signal}.`)
      void endAll().then(() => process.exit(130))
    })
}

await runCommand(async () => {
  const began = performance.now()
  const { parts, filters, unknown } = choose(process.argv.slice(2))
  if (unknown.length || parts.length === 0)
    throw new SetupFailure(
      `Nothing is called ${unknown.join(', ')}. Parts: ${PARTS.map((part) => part.name).join(', ')}, static, tests; ` +
        'or a piece of a test file’s path.',
    )
  await setUp({ for: 'test' })
  endOnSignals()
  const quick = await runTogether(
    parts.filter(({ kind }) => kind !== 'tests' && kind !== 'leaks'),
    filters,
  )
  const isBuildBroken = quick.some(({ part, counts }) => part.kind === 'build' && counts.failed > 0)
  const tests = parts.filter((part) => part.kind === 'tests')
  if (tests.length) rmSync(records, { recursive: true, force: true })
  const slow = await runTests(tests, filters, isBuildBroken)
  if (process.argv.length === 2) process.env.SWATH_LEAKS_WHOLE = '1'
  const last = []
  for (const part of parts.filter(({ kind }) => kind === 'leaks')) last.push(await runPart(part, []))
  const results = [...quick, ...slow, ...last]
  const total = results.map((result) => result.counts).reduce(addCounts, { passed: 0, failed: 0, skipped: 0 })
  const broken = results.filter((result) => result.counts.failed).map((result) => result.part.name)
  say(`\n${((performance.now() - began) / 1000).toFixed(0)} s${broken.length ? `; failed: ${broken.join(', ')}` : ''}`)
  if (total.failed) process.exitCode = 1
  say(plural(total))
})
