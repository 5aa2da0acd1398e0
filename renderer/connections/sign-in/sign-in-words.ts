/** Signing in, in words: ways, failures with their next step, codes read aloud. Pure. */
import type { OidcProvider, PendingSignIn, SignInMethod } from '../../../preload/contract/connections.ts'
import type { ErrorCode } from '../../../preload/contract/errors.ts'

/** What to do about a sign-in that failed, beside what the failure itself says. */
export const SIGN_IN_ADVICE: Partial<Record<ErrorCode, string>> = {
  'credentials-refused': 'Check what was typed, and try again.',
  'not-enrolled': 'The sign-in itself has worked. Once the account has access to the service, sign in again.',
  'provider-unavailable': 'Try again later, or take another provider or way.',
  'sign-in-expired': 'Nothing was approved before the time ran out. Begin again when you are ready.',
  'clock-skew': 'Set the clock of this computer, best from the network, then sign in again.',
  'secret-unreadable': 'Unlock the keychain of this computer, then connect again; or sign in again.',
  'not-offered': 'Take another way below.',
  forbidden: 'Take another account, or ask the operator of the back-end for access.',
}

export type OtherWay = 'browser' | 'device' | 'own-device' | 'own-browser' | 'service-account'
const WAY_LABELS: Record<OtherWay, string> = {
  device: 'With a code',
  browser: 'In the browser, without a code',
  'own-device': 'With a code, through a client of your own',
  'own-browser': 'In the browser, through a client of your own',
  'service-account': 'Service account (client id and secret)',
}
/** The ways that are not the provider's first one. */
export function otherWays(provider: OidcProvider): { value: OtherWay; label: string }[] {
  const ways: OtherWay[] = [...provider.ways.slice(1), 'own-device', 'own-browser', 'service-account']
  return ways.map((value) => ({ value, label: WAY_LABELS[value] }))
}

export type OwnClient = { clientId: string; clientSecret: string }
export function methodOf(way: OtherWay, providerId: string, { clientId, clientSecret }: OwnClient): SignInMethod {
  const client = clientId.trim()
  switch (way) {
    case 'device':
      return { way: 'device', providerId }
    case 'browser':
      return { way: 'browser', providerId }
    case 'own-device':
      return { way: 'device', providerId, clientId: client }
    case 'own-browser':
      return { way: 'browser', providerId, clientId: client, ...(clientSecret ? { clientSecret } : {}) }
    case 'service-account':
      return { way: 'client-credentials', providerId, clientId: client, clientSecret }
  }
}

/** Letter by letter, as a screen reader should say it: `W D J B, M J H T`. */
export const spelled = (code: string): string =>
  code
    .split(/[\s-]+/)
    .map((part) => [...part].join(' '))
    .join(', ')

/** `9:41`; `0:00` when it is over. */
export function countdown(expiresAt: string, now: number): string {
  const seconds = Math.max(0, Math.ceil((Date.parse(expiresAt) - now) / 1000))
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}
/** The share of the time that is left, 0 to 1; null where nobody knows. */
export function timeLeft({ startedAt, expiresAt }: PendingSignIn, now: number): number | null {
  if (!expiresAt) return null
  const whole = Date.parse(expiresAt) - Date.parse(startedAt)
  return whole > 0 ? Math.min(1, Math.max(0, (Date.parse(expiresAt) - now) / whole)) : null
}
