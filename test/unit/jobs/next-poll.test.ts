/** When a job is looked at again: soon at first, seldom later, patiently where the back-end is away, never after the end. */
import { expect, test } from 'vitest'
import { progressFrom, stateFrom } from '../../../main/jobs/job-status.ts'
import { isFinal, nextPoll } from '../../../main/jobs/next-poll.ts'
import { JOB_STATES } from '../../../preload/contract/jobs.ts'

const base = { state: 'running', isEmbedded: false, polls: 0, softErrors: 0 } as const
const waits = (decision: ReturnType<typeof nextPoll>) => (decision.do === 'wait' ? decision.waitMs : null)

test('5 s at first, longer by a quarter each time, at most a minute', () => {
  expect([0, 1, 2, 100].map((polls) => waits(nextPoll({ ...base, polls })))).toEqual([5000, 6250, 7812.5, 60_000])
})
test('the embedded back-end is asked sooner', () => {
  expect(waits(nextPoll({ ...base, isEmbedded: true }))).toBe(500)
  expect(waits(nextPoll({ ...base, isEmbedded: true, polls: 100 }))).toBe(5000)
})
test('failures double the wait up to a minute', () => {
  expect([1, 2, 3, 4, 5, 50].map((softErrors) => waits(nextPoll({ ...base, softErrors })))).toEqual([
    5000, 10_000, 20_000, 40_000, 60_000, 60_000,
  ])
})
test.each(JOB_STATES.filter((state) => isFinal(state) || state === 'created' || state === 'waiting'))(
  '%s is not polled',
  (state) => expect(nextPoll({ ...base, state })).toEqual({ do: 'stop' }),
)
test('states of servers are read tolerantly, unknown ones are followed on', () => {
  expect(['finished', 'FINISHED', ' error ', 'postprocessing', null, 3].map(stateFrom)).toEqual([
    'finished',
    'finished',
    'error',
    'running',
    'running',
    'running',
  ])
})
test('progress is 0 to 100 or not known', () => {
  expect([progressFrom(120, 'running'), progressFrom(null, 'running'), progressFrom('50', 'running')]).toEqual([
    100,
    null,
    null,
  ])
  expect(progressFrom(undefined, 'finished')).toBe(100)
})
