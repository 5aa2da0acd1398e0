/**
 * Lets an openEO fake take the access tokens of the OpenID provider of a test.
 * Use: `startBackEnd({ profile: PYTHON_DRIVER, issuer: oidc.url, clientId: 'desktop', verify: usersOf(oidc)
 * })`, then `oidc.allow(backEnd.url)`: the provider's tokens may go there, and the check for leaks knows it.
 */
import type { OidcServer } from './oidc-server.ts'
import type { FakeUser, Verify } from './openeo/types.ts'

/** `more`: what is known of a subject, e.g. `() => ({ isEnrolled: false })`. */
export const usersOf =
  (oidc: Pick<OidcServer, 'verify'>, more: (subject: string) => Partial<FakeUser> = () => ({})): Verify =>
  async (token) => {
    const holder = await oidc.verify(token)
    return holder && { id: holder.subject, ...more(holder.subject) }
  }
