/** Promises of the log: one JSON object a line, references that sort, rotation, nothing lost at exit, never throws. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { createLog, forwardTo, type LogLine, memorySink } from '../../../main/core/log.ts'
import { createLogFile } from '../../../main/core/log-file.ts'
import { createRedactor } from '../../../main/core/redact.ts'
import { createTestClock } from '../../fakes/clock.ts'

const root = mkdtempSync(join(tmpdir(), 'swath-log-'))
afterAll(() => rmSync(root, { recursive: true }))
const linesOf = (path: string) =>
  readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

test('a line has its time, level, speaker, reference and fields', async () => {
  const file = createLogFile({ folder: join(root, 'a') })
  const log = createLog({ sink: file, clock: createTestClock(Date.UTC(2026, 0, 2)) })
  const ref = log
    .child('jobs')
    .child('follow')
    .error('The poll failed', { jobId: 'j1', failure: new Error('no') })
  log.debug('not kept')
  await log.flush()
  const [line, ...rest] = linesOf(file.path)
  expect(rest).toEqual([])
  expect(line).toMatchObject({
    at: '2026-01-02T00:00:00.000Z',
    level: 'error',
    from: 'jobs/follow',
    ref,
    message: 'The poll failed',
    fields: { jobId: 'j1', failure: { name: 'Error', message: 'no' } },
  })
  expect(line.fields.failure.stack).toContain('log.test')
})

test('references are unique and sort in the order of writing, even where the clock goes back', () => {
  const clock = createTestClock()
  const log = createLog({ sink: memorySink(), clock })
  const refs: string[] = []
  for (let i = 0; i < 100; i++) {
    if (i === 50) clock.setWall(clock.now() - 60_000)
    refs.push(log.info('x'))
  }
  expect([...refs].sort()).toEqual(refs)
  expect(new Set(refs).size).toBe(100)
})

test('files turn over at their size and the oldest goes', async () => {
  const folder = join(root, 'b')
  const file = createLogFile({ folder, mostBytes: 2_000, fileCount: 3 })
  const log = createLog({ sink: file })
  for (let i = 0; i < 60; i++) {
    log.info(`line ${i} ${'x'.repeat(100)}`)
    await log.flush()
  }
  expect(readdirSync(folder).sort()).toEqual(['swath.1.log', 'swath.2.log', 'swath.log'])
  for (const path of file.paths()) expect(statSync(path).size).toBeLessThanOrEqual(2_000)
  const all = [...file.paths()].reverse().flatMap(linesOf)
  expect(all.at(-1).message).toContain('line 59')
  const numbers = all.map((line) => Number(line.message.split(' ')[1]))
  expect(numbers).toEqual(numbers.map((_, i) => 60 - numbers.length + i))
})

test('a folder that cannot be made costs lines, never the caller', async () => {
  writeFileSync(join(root, 'plain-file'), '')
  const log = createLog({ sink: createLogFile({ folder: join(root, 'plain-file', 'log') }) })
  expect(log.info('lost')).toMatch(/-/)
  await log.flush()
  const broken = createLog({
    sink: {
      write() {
        throw new Error('no')
      },
      flush: async () => {
        throw new Error('no')
      },
      flushNow() {},
    },
  })
  expect(broken.error('lost')).toMatch(/-/)
  await broken.flush()
})

test('what was logged right before the process ends is in the file', () => {
  const folder = join(root, 'c')
  const program = `
    import { createLog } from ${JSON.stringify(join(import.meta.dirname, '../../../main/core/log.ts'))}
    import { createLogFile } from ${JSON.stringify(join(import.meta.dirname, '../../../main/core/log-file.ts'))}
    const log = createLog({ sink: createLogFile({ folder: ${JSON.stringify(folder)} }) })
    log.info('first')
    log.info('last')
    process.exit(3)`
  const ended = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' })
  expect(ended.stderr).toBe('')
  expect(ended.status).toBe(3)
  expect(linesOf(join(folder, 'swath.log')).map((line) => line.message)).toEqual(['first', 'last'])
})

test('lines of another process are redacted again with what main knows', () => {
  const sink = memorySink()
  const redactor = createRedactor()
  redactor.addSecret('s3cr3t-of-main')
  const main = createLog({ sink, redactor })
  const worker = createLog({ sink: forwardTo((line) => main.accept(structuredClone(line))), from: 'transfers' })
  worker.warn('got s3cr3t-of-main', { header: 's3cr3t-of-main' })
  expect(sink.lines).toMatchObject([{ from: 'transfers', message: 'got [redacted]', fields: { header: '[redacted]' } }])
  main.accept({ message: 5 } as unknown as LogLine)
})
