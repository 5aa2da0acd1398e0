/**
 * Whether the back-end takes a session, and in which form of the bearer token: asked at /me.
 * Owns: the order of trying and the meaning of the answer. A back-end that cannot be asked now proves nothing.
 */
import { AppError } from '../../core/errors.ts'
import { askJson, createCredential } from '../../core/http/index.ts'
import type { SignInTarget } from '../types.ts'
import { bearer, formsFor } from './bearer.ts'
import type { BearerForm, KeptSession, OidcSession } from './kept-session.ts'
import { asEnrolment, isAccountRefusal, isOwnAnswer, isTokenRefusal, skewFailure } from './refusals.ts'
import type { Opened, Session } from './session.ts'

function askAccount(target: SignInTarget, kept: KeptSession, token: string, form: BearerForm, signal?: AbortSignal) {
  return askJson(target.http, {
    url: `${target.rootUrl}/me`,
    credential: createCredential(target.rootUrl, { authorization: bearer(kept, token, form) }),
    priority: 'user',
    signal,
    mostAttempts: 2,
  })
}

export type Proof = { form: BearerForm; isProven: boolean }

/** @throws AppError not-enrolled; credentials-refused where the token is taken in no form; canceled */
export async function proveForm(
  target: SignInTarget,
  session: OidcSession,
  { tokens: { accessToken: token }, client, links }: Opened,
  signal?: AbortSignal,
): Promise<Proof> {
  const forms = formsFor(target.conformsTo, token)
  const first = forms[0] ?? 'prefixed'
  if (!target.offers.includes('account')) return { form: first, isProven: false }
  let refusal: AppError | undefined
  for (const form of forms) {
    try {
      await askAccount(target, session, token, form, signal)
      return { form, isProven: true }
    } catch (failure) {
      if (!(failure instanceof AppError) || failure.code === 'canceled') throw failure
      if (isAccountRefusal(failure)) throw asEnrolment(failure, [...(target.links ?? []), ...links])
      if (!isTokenRefusal(failure) || !isOwnAnswer(failure)) return { form, isProven: false }
      refusal = failure
    }
  }
  const skew = skewFailure(client?.clockAheadMs() ?? null, refusal)
  if (skew) throw skew
  throw new AppError(
    'credentials-refused',
    `The back-end does not accept the sign-in at ${session.providerTitle}. It says: ${refusal?.message}`,
    { serverCode: refusal?.serverCode, serverRef: refusal?.serverRef, cause: refusal },
  )
}

export type Standing = { is: 'taken'; form: BearerForm } | { is: 'refused' } | { is: 'unknown' }

/**
 * Whether a token that one endpoint has refused is taken at /me, in its form or in the other.
 * `refused` also where the back-end has no /me: the one endpoint is all that there is to go by.
 */
export async function stillTaken(target: SignInTarget, { kept, token }: Session): Promise<Standing> {
  if (token === null || !target.offers.includes('account')) return { is: 'refused' }
  const own = kept.way === 'basic' ? 'prefixed' : kept.form
  const all = kept.way === 'basic' ? [own] : formsFor(target.conformsTo, token.value)
  for (const form of [own, ...all.filter((one) => one !== own)]) {
    try {
      await askAccount(target, kept, token.value, form)
      return { is: 'taken', form }
    } catch (failure) {
      if (!(failure instanceof AppError)) throw failure
      if (isAccountRefusal(failure)) return { is: 'taken', form } // it knows whose token it is
      if (!isTokenRefusal(failure) || !isOwnAnswer(failure)) return { is: 'unknown' }
    }
  }
  return { is: 'refused' }
}
