/**
 * Whether the back-end takes a new session, and in which form of the bearer token: asked once, at /me.
 * Owns: the order of trying and the meaning of the answer. A back-end that cannot be asked now proves nothing.
 */
import { AppError } from '../../core/errors.ts'
import { askJson, createCredential } from '../../core/http/index.ts'
import type { SignInTarget } from '../types.ts'
import { bearer, formsFor } from './bearer.ts'
import type { BearerForm, OidcSession } from './kept-session.ts'
import { asEnrolment, isAccountRefusal, isTokenRefusal, skewFailure } from './refusals.ts'
import type { Opened } from './session.ts'

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
      await askJson(target.http, {
        url: `${target.rootUrl}/me`,
        credential: createCredential(target.rootUrl, { authorization: bearer(session, token, form) }),
        priority: 'user',
        signal,
        mostAttempts: 2,
      })
      return { form, isProven: true }
    } catch (failure) {
      if (!(failure instanceof AppError) || failure.code === 'canceled') throw failure
      if (isAccountRefusal(failure)) throw asEnrolment(failure, [...(target.links ?? []), ...links])
      if (!isTokenRefusal(failure)) return { form, isProven: false }
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
