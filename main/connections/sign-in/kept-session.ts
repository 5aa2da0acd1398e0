/**
 * A session as the keychain keeps it: one entry a connection, JSON, with all that is needed to go on after a restart.
 * Owns: the shape and the name of the entry. Does not: keep an access token where a refresh token gets a new one.
 */
import { z } from 'zod'
import { AppError } from '../../core/errors.ts'
import type { Secrets } from '../../core/secrets.ts'

/** `prefixed`: `oidc/PROVIDER/TOKEN`, all versions of openEO; `bare`: the JWT alone, openEO 1.3. */
export const BEARER_FORMS = ['prefixed', 'bare'] as const
export type BearerForm = (typeof BEARER_FORMS)[number]

const Common = { version: z.literal(1), rootUrl: z.string() }
const KeptToken = z.object({ value: z.string(), expiresAtMs: z.number().nullable() })
const Oidc = {
  ...Common,
  providerId: z.string(),
  providerTitle: z.string(),
  issuer: z.string(),
  clientId: z.string(),
  clientSecret: z.string().optional(),
  scope: z.string(),
  /** `sub` of the ID token; absent: not told. */
  subject: z.string().optional(),
  form: z.enum(BEARER_FORMS),
  /** The back-end has taken this form once. */
  isFormProven: z.boolean(),
  /** Only where there is no refresh token. */
  accessToken: KeptToken.optional(),
}
export const KeptSession = z.discriminatedUnion('way', [
  z.object({ way: z.literal('basic'), ...Common, user: z.string(), password: z.string() }),
  z.object({ way: z.literal('device'), ...Oidc, refreshToken: z.string().optional(), hasEnded: z.boolean() }),
  z.object({ way: z.literal('browser'), ...Oidc, refreshToken: z.string().optional(), hasEnded: z.boolean() }),
  z.object({ way: z.literal('client-credentials'), ...Oidc, clientSecret: z.string() }),
])
export type KeptSession = z.infer<typeof KeptSession>
export type OidcSession = Exclude<KeptSession, { way: 'basic' }>
export type UserSession = Extract<KeptSession, { way: 'device' | 'browser' }>

const nameOf = (connectionId: string) => `sign-in/${connectionId}`

/** null where there is none. @throws AppError secret-unreadable */
export async function readSession(secrets: Secrets, connectionId: string): Promise<KeptSession | null> {
  const text = await secrets.get(nameOf(connectionId))
  if (text === null) return null
  try {
    return KeptSession.parse(JSON.parse(text))
  } catch {
    // not the cause: it may quote the text
    throw new AppError('secret-unreadable', 'A saved sign-in is not of a known form. Sign in again.')
  }
}
export const writeSession = (secrets: Secrets, connectionId: string, session: KeptSession): Promise<void> =>
  secrets.set(nameOf(connectionId), JSON.stringify(session))
export const deleteSession = (secrets: Secrets, connectionId: string): Promise<void> =>
  secrets.delete(nameOf(connectionId))

/** The values in it that must never be seen. */
export const secretsOf = (session: KeptSession): string[] =>
  session.way === 'basic'
    ? [session.password]
    : [
        session.clientSecret,
        session.accessToken?.value,
        'refreshToken' in session ? session.refreshToken : undefined,
      ].filter((value): value is string => value !== undefined)
