/** As whom lists are read, and whose entries are shown. */
import { expect, test } from 'vitest'
import { accountOf, createAccounts, ownerOf } from '../../../main/catalogue/accounts.ts'
import { createLog, memorySink } from '../../../main/core/log.ts'
import { createRedactor } from '../../../main/core/redact.ts'
import type { Connection } from '../../../preload/contract/connections.ts'

test.each([
  ['signed-in', 'a', 'connected', 'user a', 'user a'],
  ['signed-in', undefined, 'connected', 'user ', 'user '],
  ['expired', 'a', 'connected', null, 'user a'],
  ['expired', undefined, 'connected', null, 'user '],
  ['signing-in', 'a', 'connected', null, 'user a'],
  ['signing-in', undefined, 'connected', '', ''],
  ['signed-out', undefined, 'connected', '', ''],
  ['signed-out', undefined, 'failed', '', ''],
  // before the keychain was asked
  ['signed-out', 'a', 'connecting', null, 'user a'],
  ['signed-out', 'a', 'connected', '', 'user a'],
  ['not-needed', undefined, 'connected', '', ''],
] as const)('%s, user %s, %s: read as %j, shown to %j', (signIn, userId, state, account, owner) => {
  const person = { kind: 'openeo', signIn, state, ...(userId ? { userId } : {}) } as const
  expect([accountOf(person), ownerOf(person)]).toEqual([account, owner])
  expect([accountOf({ ...person, kind: 'embedded' }), ownerOf({ ...person, kind: 'embedded' })]).toEqual(['', ''])
})

test('who signed out shows nothing, also without a network, and what they saw is dropped once', async () => {
  let connection = { id: 'c', kind: 'openeo', state: 'failed', signIn: 'signed-in' } as Connection
  const asked: unknown[] = []
  const { promise, resolve } = Promise.withResolvers<void>()
  const accounts = createAccounts({
    find: () => connection,
    kept: () => new Map([['c', ['user ']]]),
    ask: (async (what: string, input: unknown) => {
      asked.push([what, input])
      await promise
    }) as never,
    log: createLog({ sink: memorySink(), redactor: createRedactor() }),
    dropped() {},
  })
  connection = { ...connection, signIn: 'signed-out' }
  expect(accounts.isHidden('c')).toBe(false) // the keychain was not asked yet
  connection = { ...connection, signIn: 'signed-in' }
  expect(accounts.isHidden('c')).toBe(false)
  connection = { ...connection, signIn: 'expired' }
  expect(accounts.isHidden('c')).toBe(false)
  connection = { ...connection, signIn: 'signed-out' }
  expect(accounts.isHidden('c')).toBe(true)
  expect(accounts.isHidden('c')).toBe(true)
  expect(asked).toEqual([['dropOthers', { connectionId: 'c', account: '' }]])
  resolve()
})
