/** The stream is numbered without gaps, calms down bursts, and always delivers the last state. */
import { expect, test } from 'vitest'
import { createPublisher } from '../../../main/ipc/publish.ts'
import type { AppEvent, NumberedEvent } from '../../../preload/contract/index.ts'
import { createTestClock } from '../../fakes/clock.ts'

const changed = (id: string, revision: number) =>
  ({ feature: 'areas', name: 'changed', payload: { id, revision } }) as unknown as AppEvent
const removed = (id: string) => ({ feature: 'areas', name: 'removed', payload: { id } }) as unknown as AppEvent
const revisions = (sent: NumberedEvent[]) => sent.map((event) => (event.payload as { revision?: number }).revision)

function start() {
  const clock = createTestClock()
  const sent: NumberedEvent[] = []
  return { clock, sent, publisher: createPublisher(clock, (event) => sent.push(event)) }
}

test('a burst about one entity becomes the first and the last state', async () => {
  const { clock, sent, publisher } = start()
  for (let revision = 1; revision <= 50; revision++) publisher.publish(changed('a', revision))
  expect(revisions(sent)).toEqual([1])
  await clock.advance(250)
  expect(revisions(sent)).toEqual([1, 50])
  expect(sent.map((event) => event.seq)).toEqual([1, 2])
})

test('entities do not hold up one another', () => {
  const { sent, publisher } = start()
  publisher.publish(changed('a', 1))
  publisher.publish(changed('b', 1))
  expect(sent).toHaveLength(2)
})

test('a removal is sent at once and a change that waits for the same entity is dropped', async () => {
  const { clock, sent, publisher } = start()
  publisher.publish(changed('a', 1))
  publisher.publish(changed('a', 2))
  publisher.publish(removed('a'))
  await clock.advance(1000)
  expect(sent.map((event) => event.name)).toEqual(['changed', 'removed'])
})

test('after the gap the next change goes out at once', async () => {
  const { clock, sent, publisher } = start()
  publisher.publish(changed('a', 1))
  await clock.advance(251)
  publisher.publish(changed('a', 2))
  expect(revisions(sent)).toEqual([1, 2])
})

test('nothing is sent after closing', async () => {
  const { clock, sent, publisher } = start()
  publisher.publish(changed('a', 1))
  publisher.publish(changed('a', 2))
  publisher.close()
  await clock.advance(1000)
  expect(sent).toHaveLength(1)
})

test('catalogues of two connections do not stand for one another', async () => {
  const { clock, sent, publisher } = start()
  const read = (connectionId: string) =>
    ({ feature: 'catalogue', name: 'changed', payload: { connectionId, asOf: '' } }) as unknown as AppEvent
  for (const id of ['a', 'b', 'c', 'a']) publisher.publish(read(id))
  await clock.advance(1000)
  expect(sent.map(({ payload }) => (payload as { connectionId: string }).connectionId)).toEqual(['a', 'b', 'c', 'a'])
})

test('an entity that is back is not overtaken by its own late removal', async () => {
  const { clock, sent, publisher } = start()
  for (let n = 0; n < 3; n++) {
    publisher.publish(removed('a'))
    publisher.publish(changed('a', n))
  }
  await clock.advance(1000)
  expect(sent.at(-1)).toMatchObject({ name: 'changed', payload: { revision: 2 } })
})
