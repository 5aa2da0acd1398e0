/**
 * What the window says for each error code: one sentence, and at most one thing to do.
 * Owns: the words. Does not: know where an error came from; a page may offer its own retry.
 */
import type { ErrorCode, WireError } from '../../preload/contract/errors.ts'

/** `retry` is offered only where the page can try again; the others every page can do. */
export type Remedy = 'retry' | 'open-connections' | 'open-settings' | 'open-diagnostics'
export type FailureWords = { says: string; remedy?: Remedy }

export const failures: Record<ErrorCode, FailureWords> = {
  'signed-out': { says: 'The session has ended.', remedy: 'open-connections' },
  'credentials-refused': { says: 'The user name, password or key was refused.', remedy: 'open-connections' },
  'not-enrolled': { says: 'The account is not enrolled for this service.', remedy: 'open-connections' },
  'provider-unavailable': { says: 'The sign-in service does not answer.', remedy: 'retry' },
  'sign-in-expired': { says: 'The sign-in was not finished in time.', remedy: 'retry' },
  'clock-skew': { says: 'The clock of this computer differs too much from the server’s.', remedy: 'retry' },
  'untrusted-certificate': { says: 'The certificate of the server is not trusted.', remedy: 'open-connections' },
  'consent-needed': { says: 'The terms of the service have to be agreed to first.', remedy: 'open-connections' },
  'not-offered': { says: 'The back-end does not offer this.' },
  forbidden: { says: 'This account may not do that.', remedy: 'open-connections' },
  offline: { says: 'There is no network, or the server cannot be reached.', remedy: 'retry' },
  'time-out': { says: 'The server did not answer in time.', remedy: 'retry' },
  'back-end': { says: 'The back-end reported an error.', remedy: 'retry' },
  'rate-limited': { says: 'The server asks for fewer requests for a while.', remedy: 'retry' },
  'not-found': { says: 'It is not there any more.' },
  conflict: { says: 'It was changed elsewhere in the meantime.', remedy: 'retry' },
  'invalid-input': { says: 'Something in the input is not valid.' },
  quota: { says: 'The account has no credits or space left.', remedy: 'open-connections' },
  'disk-full': { says: 'The disk is full.', remedy: 'retry' },
  'read-only': { says: 'The place cannot be written to.', remedy: 'retry' },
  'unreadable-data': { says: 'The data cannot be read.' },
  'secret-unreadable': { says: 'The stored sign-in cannot be read.', remedy: 'open-connections' },
  'newer-version': { says: 'A newer version of Swath has written this.' },
  canceled: { says: 'It was canceled.' },
  bug: { says: 'Something went wrong inside Swath.', remedy: 'open-diagnostics' },
}

export const remedyLabels: Record<Remedy, string> = {
  retry: 'Try again',
  'open-connections': 'Open connections',
  'open-settings': 'Open settings',
  'open-diagnostics': 'Open diagnostics',
}

/** What a user sends to whoever can help: codes and references, no data and no addresses. */
export function failureDetails(error: WireError, version: string): string {
  const lines = [
    `Swath ${version}`,
    `Code: ${error.code}`,
    error.serverCode && `Back-end's code: ${error.serverCode}`,
    error.serverRef && `Back-end's reference: ${error.serverRef}`,
    `Log reference: ${error.logRef}`,
  ]
  return lines.filter(Boolean).join('\n')
}
