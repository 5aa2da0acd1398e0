/**
 * Sign-in with a code that the user approves elsewhere (RFC 8628), with PKCE where the client has it.
 * Owns: the rhythm of asking. A request that gets no answer does not end it: the same device code is asked for again.
 * Does not: show or open anything.
 */
import { initiateDeviceAuthorization } from 'openid-client'
import type { Clock } from '../core/clock.ts'
import { AppError } from '../core/errors.ts'
import { canceled } from '../core/http/failures.ts'
import type { OidcClient, OidcTokens } from './oidc-client.ts'
import { isSafeAddress } from './oidc-discovery.ts'
import { fromProvider, isPassing, unusable } from './oidc-failures.ts'
import { createPkce } from './oidc-pkce.ts'

export const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code'
export type DeviceCode = {
  deviceCode: string
  userCode: string
  verificationUri: string
  verificationUriComplete: string | null
  expiresInMs: number
  intervalMs: number
  codeVerifier: string | null
}
type BeginOptions = {
  scope: string
  usesPkce: boolean
  /** `authorization_parameters` of the back-end (openEO API 1.3). */
  parameters: Readonly<Record<string, string>>
  addSecret(value: string): void
  signal?: AbortSignal
}

/** @throws AppError provider-unavailable, credentials-refused, offline, canceled */
export async function beginDevice(client: OidcClient, options: BeginOptions): Promise<DeviceCode> {
  if (client.metadata.device_authorization_endpoint === undefined)
    throw new AppError('not-offered', 'The sign-in service has no sign-in with a code.')
  const pkce = options.usesPkce ? await createPkce(options.addSecret) : null
  try {
    const answer = await initiateDeviceAuthorization(client.configure(options.signal), {
      ...options.parameters,
      scope: options.scope,
      ...(pkce ? { code_challenge: pkce.challenge, code_challenge_method: 'S256' } : {}),
    })
    const complete = answer.verification_uri_complete
    if (!isSafeAddress(answer.verification_uri)) throw unusable('the page for the code is not encrypted (https)')
    return {
      deviceCode: answer.device_code,
      userCode: answer.user_code,
      verificationUri: answer.verification_uri,
      verificationUriComplete: isSafeAddress(complete) ? complete : null,
      expiresInMs: answer.expires_in * 1000,
      intervalMs: (answer.interval ?? 5) * 1000,
      codeVerifier: pkce?.verifier ?? null,
    }
  } catch (failure) {
    throw fromProvider(failure)
  }
}

/** What a poll came to: still waiting, asked too often, or nothing came back. */
export type PollOutcome = 'pending' | 'slow-down' | 'disturbed'
export type Rhythm = { intervalMs: number; disturbances: number }
const SLOWER_BY_MS = 5_000
const LONGEST_PAUSE_MS = 30_000

/** RFC 8628 §3.5: 5 s more for slow_down, for good; back-off while nothing comes back, and again as before after that. */
export function nextRhythm(rhythm: Rhythm, outcome: PollOutcome): Rhythm & { waitMs: number } {
  const intervalMs = rhythm.intervalMs + (outcome === 'slow-down' ? SLOWER_BY_MS : 0)
  const disturbances = outcome === 'disturbed' ? rhythm.disturbances + 1 : 0
  const backOffMs = Math.min(intervalMs * 2 ** disturbances, Math.max(LONGEST_PAUSE_MS, intervalMs))
  return { intervalMs, disturbances, waitMs: disturbances > 0 ? backOffMs : intervalMs }
}

type PollOptions = {
  clock: Clock
  signal: AbortSignal
  /** The network is gone, or back. */
  disturbed(isDisturbed: boolean): void
}

/**
 * Asks until the user has approved.
 * The provider decides when the code has run out; this side gives up by the clock that does not jump, or, where the
 * computer slept over the end, when the first request after that gets no answer.
 * @throws AppError sign-in-expired, credentials-refused, provider-unavailable, canceled
 */
export async function pollDevice(client: OidcClient, code: DeviceCode, options: PollOptions): Promise<OidcTokens> {
  const { clock, signal } = options
  const beganAt = { wallMs: clock.now(), steadyMs: clock.monotonicMs() }
  const isOver = (isDisturbed: boolean) =>
    clock.monotonicMs() - beganAt.steadyMs >= code.expiresInMs ||
    (isDisturbed && clock.now() - beganAt.wallMs >= code.expiresInMs)
  let rhythm: Rhythm = { intervalMs: code.intervalMs, disturbances: 0 }
  let waitMs = code.intervalMs
  for (;;) {
    await pause(clock, waitMs, signal)
    let outcome: PollOutcome
    try {
      return await client.grant(
        DEVICE_GRANT,
        { device_code: code.deviceCode, ...(code.codeVerifier ? { code_verifier: code.codeVerifier } : {}) },
        {},
        signal,
      )
    } catch (failure) {
      outcome = outcomeOf(failure)
    }
    options.disturbed(outcome === 'disturbed')
    if (isOver(outcome === 'disturbed'))
      throw new AppError('sign-in-expired', 'The code ran out before the sign-in was approved.')
    const next = nextRhythm(rhythm, outcome)
    rhythm = next
    waitMs = next.waitMs
  }
}

/** @throws what ends the sign-in */
function outcomeOf(failure: unknown): PollOutcome {
  if (!(failure instanceof AppError)) throw failure
  if (failure.serverCode === 'authorization_pending') return 'pending'
  if (failure.serverCode === 'slow_down') return 'slow-down'
  if (failure.code !== 'canceled' && isPassing(failure)) return 'disturbed'
  // before it was approved there was no session that could have ended
  if (failure.serverCode === 'invalid_grant')
    throw new AppError('sign-in-expired', 'The code is not valid any more. Sign in again.', { cause: failure })
  throw failure
}

/** @throws AppError canceled */
export function pause(clock: Clock, waitMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(canceled())
    const stop = () => {
      disarm()
      reject(canceled())
    }
    const disarm = clock.setTimer(waitMs, () => {
      signal.removeEventListener('abort', stop)
      resolve()
    })
    signal.addEventListener('abort', stop, { once: true })
  })
}
