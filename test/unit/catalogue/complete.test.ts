/** A document that cannot be read is not asked for by each look at its entry. */
import { expect, test } from 'vitest'
import { createCompleter } from '../../../main/catalogue/complete.ts'
import { AppError } from '../../../main/core/errors.ts'
import { createLog, memorySink } from '../../../main/core/log.ts'
import { createRedactor } from '../../../main/core/redact.ts'
import { createTestClock } from '../../fakes/clock.ts'

test.each([
  ['old', 1, 1],
  ['of the list', 0, 0],
])('the failure of a document that is %s is told once, and tried again after a moment', async (_, has, stale) => {
  const clock = createTestClock()
  const key = { connectionId: 'c' as never, kind: 'collection', namespace: '', id: 'X' } as const
  let row: object = { has_whole: has, is_stale: stale, whole_at: '2025-01-01T00:00:00.000Z', whole_failure: null }
  let [requests, told, kept] = [0, 0, 0]
  const completer = createCompleter({
    connections: {
      session: () =>
        ({
          async read() {
            requests++
            throw new AppError('offline', 'no')
          },
        }) as never,
    },
    reader: { entry: () => row } as never,
    ask: (async (_: string, { at, failure }: { at: string; failure: unknown }) => {
      kept++
      row = { ...row, whole_at: at, whole_failure: JSON.stringify(failure) }
      return { isKept: false }
    }) as never,
    clock,
    log: createLog({ sink: memorySink(), redactor: createRedactor() }),
    entryChanged() {
      told++
      completer.want(key)
    },
  })
  const settle = async () => {
    for (let n = 0; n < 20; n++) await new Promise((resolve) => setImmediate(resolve))
  }
  completer.want(key)
  await settle()
  expect([requests, told, kept]).toEqual([1, 1, 1])
  await clock.advance(31_000)
  completer.want(key)
  await settle()
  expect([requests, told, kept]).toEqual([2, 1, 2])
})
