/** The door: what is not in the contract does not exist, what goes in and out is checked, failures cross as values. */
import { expect, test } from 'vitest'
import { AppError } from '../../../main/core/errors.ts'
import { createLog, memorySink } from '../../../main/core/log.ts'
import { answer } from '../../../main/ipc/answer.ts'

const handlersWith = (run: (input: unknown) => Promise<unknown>) =>
  ({ settings: { get: run, change: run }, areas: { add: run } }) as never
function ask(
  feature: unknown,
  name: unknown,
  input: unknown,
  run: (input: unknown) => Promise<unknown> = async () => null,
) {
  const sink = memorySink()
  const reply = answer(handlersWith(run), feature, name, input, { log: createLog({ sink }), checkOutput: true })
  return reply.then((value) => ({ reply: value, lines: sink.lines }))
}

test.each([
  ['settings', 'nothing'],
  ['nobody', 'get'],
  ['__proto__', 'toString'],
  ['constructor', 'name'],
  ['settings', '__proto__'],
  ['settings', 'hasOwnProperty'],
  ['areas', 'list'], // in the contract, without a handler here
  [null, undefined],
  [{ toString: 1, valueOf: 1 }, Object.create(null)],
  [['settings'], ['get']],
])('%j.%j is no call', async (feature, name) => {
  let isRun = false
  const { reply } = await ask(feature, name, undefined, async () => {
    isRun = true
  })
  expect(reply).toMatchObject({ ok: false, error: { code: 'bug' } })
  expect(isRun).toBe(false)
})

test('input that breaks the schema names the fields and runs nothing', async () => {
  let isRun = false
  const { reply } = await ask('settings', 'change', { theme: 'sepia', proxy: { mode: 'x' } }, async () => {
    isRun = true
  })
  expect(reply).toMatchObject({ ok: false, error: { code: 'invalid-input', retry: 'never' } })
  expect(Object.keys((!reply.ok && reply.error.fields) || {}).sort()).toEqual(['proxy.mode', 'proxy.url', 'theme'])
  expect(isRun).toBe(false)
})

test('what the schema does not know never reaches the feature', async () => {
  let got: unknown
  await ask('settings', 'change', { theme: 'dark', extra: 1 }, async (input) => {
    got = input
    return null
  })
  expect(got).toEqual({ theme: 'dark' })
})

test('an answer that breaks the contract is a bug', async () => {
  const { reply, lines } = await ask('settings', 'get', undefined, async () => ({ theme: 'sepia' }))
  expect(reply).toMatchObject({ ok: false, error: { code: 'bug' } })
  expect(JSON.stringify(lines)).toContain('breaks the contract')
})

test('an expected failure crosses with its code and sentence; any other says nothing but its place in the log', async () => {
  const known = await ask('settings', 'get', undefined, async () => {
    throw new AppError('disk-full', 'The disk is full.', { serverCode: 'X', fields: { a: 'b' } })
  })
  expect(known.reply).toMatchObject({
    ok: false,
    error: { code: 'disk-full', message: 'The disk is full.', serverCode: 'X', fields: { a: 'b' }, retry: 'now' },
  })
  const unknown = await ask('settings', 'get', undefined, () => {
    throw new Error('/home/somebody/secret')
  })
  expect(JSON.stringify(unknown.reply)).not.toContain('somebody')
  const logRef = unknown.reply.ok ? '' : unknown.reply.error.logRef
  expect(unknown.lines.map(({ ref }) => ref)).toContain(logRef)
})

test('a call that holds up the main process is noted', async () => {
  const { lines } = await ask('settings', 'get', undefined, async () => {
    const beganMs = performance.now()
    while (performance.now() - beganMs < 60);
    return null
  })
  expect(lines.map(({ message }) => message)).toContain('A call held up the main process')
})
