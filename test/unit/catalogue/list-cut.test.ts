/** Promise: a list that is not whole because of how it is written says what was left out, below what presses more. */
import { expect, test } from 'vitest'
import type { ListState } from '../../../preload/contract/catalogue.ts'
import { listNotice } from '../../../renderer/catalogue/list-words.ts'

const connection = { id: 'c', title: 'EODC', federation: [], state: 'connected' } as never
const list = (more: Partial<ListState>): ListState =>
  ({
    connectionId: 'c',
    list: 'collections',
    isOffered: true,
    count: 3,
    asOf: '2026-01-01T00:00:00Z',
    missing: [],
    isReading: false,
    readCount: 0,
    failure: null,
    ...more,
  }) as ListState
const notice = (...states: ListState[]) => listNotice(connection, states, Date.now())

test('nothing left out: nothing said', () => {
  expect(notice(list({}), list({ skipped: { noId: 0, double: 0, refused: 0 }, isPartial: false }))).toBeUndefined()
})
test('what was left out is added up over the lists and named by its reason', () => {
  expect(
    notice(
      list({ skipped: { noId: 1, double: 0, refused: 0 } }),
      list({ list: 'processes', skipped: { noId: 2, double: 1, refused: 1 } }),
    ),
  ).toMatchObject({
    kind: 'cut',
    brief: 'EODC: 5 entries left out',
    says: 'EODC: 3 entries without an id, 1 entry with the id of another one and 1 entry too large to read were left out.',
  })
  expect(notice(list({ skipped: { noId: 0, double: 1, refused: 0 } }))?.says).toBe(
    'EODC: 1 entry with the id of another one was left out.',
  )
})
test('pages in a circle', () => {
  expect(notice(list({ isPartial: true }))).toMatchObject({
    brief: 'EODC may have more',
    says: 'The pages of the collections of EODC lead in a circle: there may be more.',
  })
})
test('what presses more comes first', () => {
  expect(notice(list({ skipped: { noId: 1, double: 0, refused: 0 }, missing: ['x'] }))?.kind).toBe('missing')
})
