/**
 * The keyring of the test's own session (test/with-keyring.sh), looked at beside the application.
 * Does not: work without one; a sign-in that is kept in memory would make the tests say less than they promise.
 */
import keytar from 'keytar'
import { expect } from './expect.ts'

/** The entries of Swath: what they are of, and what they hold. */
export async function keyringEntries(): Promise<Map<string, string>> {
  expect(process.env.E2E_KEYRING, 'run this under: sh test/with-keyring.sh').toBe('1')
  return new Map((await keytar.findCredentials('Swath')).map(({ account, password }) => [account, password]))
}

/** The kept session of a connection; null where there is none. */
export async function keptSession(connectionId: string): Promise<Record<string, unknown> | null> {
  const text = (await keyringEntries()).get(`sign-in/${connectionId}`)
  if (text === undefined) return null
  // `v:` marks a value that lies in the keyring itself; longer ones have their key there
  expect(text.slice(0, 2)).toBe('v:')
  return JSON.parse(text.slice(2)) as Record<string, unknown>
}
