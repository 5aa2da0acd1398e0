/**
 * A session in memory: what is kept of it, and the access token of the moment.
 * Owns: when a token is due to be renewed and when it is over, by whichever clock says so first: the wall clock goes on
 * while the computer sleeps, the other one does not jump when somebody sets the time.
 */
import type { LinkTo } from '../../../preload/contract/connections.ts'
import type { Clock } from '../../core/clock.ts'
import type { OidcClient, OidcTokens } from '../../protocols/oidc.ts'
import type { BearerForm, KeptSession } from './kept-session.ts'

export type Token = {
  value: string
  /** null: not told; it holds until it is refused. */
  livesMs: number | null
  gotWallMs: number
  gotSteadyMs: number
  /** It was got because the one before was refused. */
  isAfterRefusal: boolean
  /** When the back-end last took it at /me, by the monotonic clock; null: nobody asked. */
  provenAtMs: number | null
}
export type Session = {
  kept: KeptSession
  /** In the keychain; false: for this run only. */
  isKept: boolean
  token: Token | null
  /** Forms in which the back-end refused this token. */
  refusedForms: Set<BearerForm>
  /** With the provider's metadata, once it was asked. */
  client: OidcClient | null
}
export type Opened = {
  kept: KeptSession
  tokens: OidcTokens
  client: OidcClient | null
  /** Of the sign-in service: help, making an account. */
  links: readonly LinkTo[]
}

/** Of its life; the rest is for requests that take long, and for trying again. */
const RENEW_AT = 0.8
/** A token that is this old was good once; a younger one never was. */
const FRESH_MS = 60_000
/** So long a token that was taken at /me is not doubted. */
const PROVEN_MS = 60_000

const ageMs = (token: Token, clock: Clock) =>
  Math.max(clock.now() - token.gotWallMs, clock.monotonicMs() - token.gotSteadyMs)

export const tokenOf = (
  tokens: Pick<OidcTokens, 'accessToken' | 'expiresInS'>,
  clock: Clock,
  isAfterRefusal = false,
): Token => ({
  value: tokens.accessToken,
  livesMs: tokens.expiresInS === null ? null : tokens.expiresInS * 1000,
  gotWallMs: clock.now(),
  gotSteadyMs: clock.monotonicMs(),
  isAfterRefusal,
  provenAtMs: null,
})

export const isDue = (token: Token, clock: Clock) =>
  token.livesMs !== null && ageMs(token, clock) >= token.livesMs * RENEW_AT
export const isOver = (token: Token, clock: Clock) => token.livesMs !== null && ageMs(token, clock) >= token.livesMs
export const isProven = ({ provenAtMs }: Token, clock: Clock) =>
  provenAtMs !== null && clock.monotonicMs() - provenAtMs < PROVEN_MS
export const isFresh = (token: Token, clock: Clock) => clock.monotonicMs() - token.gotSteadyMs < FRESH_MS

/** How long until it should be renewed, or, where that cannot be, until it is over. null: nobody knows. */
export function planMs(token: Token, canRenew: boolean, clock: Clock): number | null {
  if (token.livesMs === null) return null
  return Math.max(0, token.livesMs * (canRenew ? RENEW_AT : 1) - ageMs(token, clock))
}

/** Whether a new token can be had without the user. */
export const canRenew = ({ kept }: Session): boolean =>
  kept.way === 'basic' || kept.way === 'client-credentials' || kept.refreshToken !== undefined
