/** Promises of the schedule: once, in time, also over sleep and clock changes; nothing piles up. */
import { expect, test } from 'vitest'
import { createLog, memorySink } from '../../../main/core/log.ts'
import { createSchedule } from '../../../main/core/schedule.ts'
import { createTestClock } from '../../fakes/clock.ts'

function start() {
  const clock = createTestClock()
  const sink = memorySink()
  const schedule = createSchedule({ clock, log: createLog({ sink }), random: () => 1 })
  const ran: string[] = []
  return { clock, sink, schedule, ran, note: (what: string) => () => void ran.push(what) }
}

test('work runs once when due; a key holds one piece of work; cancel takes it back', async () => {
  const { clock, schedule, ran, note } = start()
  schedule.after('a', 1_000, note('first'))
  schedule.after('a', 2_000, note('second'))
  schedule.after('b', 2_000, note('never'))
  schedule.at('c', clock.now() + 1_500, note('at'))
  schedule.cancel('b')
  await clock.advance(1_999)
  expect(ran).toEqual(['at'])
  await clock.advance(100_000)
  expect(ran).toEqual(['at', 'second'])
  expect(clock.timerCount).toBe(0)
})

test('sleep counts as waiting: work runs soon after waking, without any event of waking', async () => {
  const { clock, schedule, ran, note } = start()
  schedule.after('a', 3_600_000, note('a'))
  clock.sleep(7_200_000)
  await clock.advance(29_999)
  expect(ran).toEqual([])
  await clock.advance(1)
  expect(ran).toEqual(['a'])
})

test('with the event of waking it runs at once, and once', async () => {
  const { clock, schedule, ran, note } = start()
  schedule.after('a', 3_600_000, note('a'))
  schedule.pause('suspended')
  clock.sleep(7_200_000)
  await clock.advance(60_000)
  expect(ran).toEqual([])
  schedule.resume('suspended')
  schedule.resume('suspended')
  await clock.advance(60_000)
  expect(ran).toEqual(['a'])
})

test('a clock that is set back does not delay work', async () => {
  const { clock, schedule, ran, note } = start()
  schedule.after('a', 60_000, note('a'))
  clock.setWall(clock.now() - 86_400_000)
  await clock.advance(60_000)
  expect(ran).toEqual(['a'])
})

test('offline holds what needs the network and nothing else', async () => {
  const { clock, schedule, ran, note } = start()
  schedule.pause('offline')
  schedule.after('poll', 1_000, note('poll'), { needsNetwork: true })
  schedule.after('tidy', 1_000, note('tidy'))
  await clock.advance(5_000)
  expect(ran).toEqual(['tidy'])
  schedule.resume('offline')
  expect(ran).toEqual(['tidy', 'poll'])
})

test('rounds that last longer than their period do not pile up, and failing ones go on', async () => {
  const { clock, schedule, sink, ran } = start()
  let finish = () => {}
  schedule.every('a', 1_000, () => {
    ran.push('round')
    if (ran.length === 2) throw new Error('once')
    return new Promise<void>((resolve) => {
      finish = resolve
    })
  })
  await clock.advance(10_000)
  expect(ran.length).toBe(1)
  clock.sleep(86_400_000)
  finish()
  await clock.advance(1_000)
  expect(ran.length).toBe(2)
  expect(sink.lines).toMatchObject([{ level: 'error', fields: { key: 'a' } }])
  await clock.advance(1_000)
  expect(ran.length).toBe(3)
  schedule.cancel('a')
  finish()
  await clock.advance(10_000)
  expect(ran.length).toBe(3)
  expect(clock.timerCount).toBe(0)
})

test('jitter spreads, and closing ends everything', async () => {
  const { clock, schedule, ran, note } = start()
  schedule.after('a', 1_000, note('a'), { jitter: 0.5 })
  await clock.advance(1_499)
  expect(ran).toEqual([])
  await clock.advance(1)
  expect(ran).toEqual(['a'])
  schedule.after('b', 1_000, note('b'))
  schedule.close()
  await clock.advance(10_000)
  expect(ran).toEqual(['a'])
})
