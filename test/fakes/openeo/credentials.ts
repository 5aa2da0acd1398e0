/** Who asks: Basic for a token, bearers in both forms, the list of OIDC providers, and the account. */
import { json, refuse } from './answers.ts'
import type { Call, FakeBackEnd, FakeUser, Routes } from './types.ts'

const REFUSED = { status: 403, code: 'TokenInvalid' } as const
export type Refusal = { status: number; code: string; message?: string }

/** The user of the Authorization header; null where there is none, or what to refuse it with. */
export async function identify(backEnd: FakeBackEnd, header: string | undefined): Promise<FakeUser | Refusal | null> {
  if (header === undefined) return null
  const bearer = /^Bearer (.+)$/.exec(header)?.[1]
  if (bearer === undefined) return { status: 403, code: 'AuthenticationSchemeInvalid' }
  const { profile } = backEnd
  const parts = bearer.split('/')
  const isPrefixed = parts.length === 3
  // python-driver: exactly three parts, or the token is not valid; and the other way about where only JWTs are read
  if (profile.bearer === 'prefixed' ? !isPrefixed : profile.bearer === 'jwt' && bearer.includes('/')) return REFUSED
  const [kind, providerId, token] = isPrefixed ? (parts as [string, string, string]) : [null, null, bearer]
  if (kind !== 'oidc' && token === backEnd.token) return { id: backEnd.user }
  if (kind === 'basic') return REFUSED
  const user = await backEnd.verify(token, providerId)
  if (!user) return REFUSED
  if (user.isEnrolled === false)
    return {
      status: 403,
      code: 'PermissionsInsufficient',
      message: 'Proper enrollment in the virtual organization is required.',
    }
  return user
}

export function credentialRoutes(backEnd: FakeBackEnd): Routes {
  const { profile } = backEnd
  return {
    'GET /credentials/basic': {
      auth: 'none',
      run(call) {
        const right = `Basic ${Buffer.from(`${backEnd.user}:${backEnd.password}`).toString('base64')}`
        if (call.request.headers.authorization !== right)
          return refuse(call.response, profile, 403, 'CredentialsInvalid')
        return json(call, { ...profile, maxAgeSeconds: null, hasEtags: false }, { access_token: backEnd.token })
      },
    },
    'GET /credentials/oidc': {
      auth: 'none',
      run(call) {
        // the API: clients must not send a bearer here
        if (call.request.headers.authorization !== undefined)
          return refuse(call.response, profile, 400, 'BadRequest', 'No Authorization header is allowed here.')
        return json(call, profile, { providers: backEnd.providers ?? [] })
      },
    },
    'GET /me': { auth: 'required', run: (call) => json(call, profile, account(backEnd, call)) },
  }
}

function account(backEnd: FakeBackEnd, { user }: Call) {
  const nulls = backEnd.profile.hasNulls ? { name: null, storage: null, budget: null, links: [] } : {}
  return { user_id: user?.id, ...nulls, ...(user?.name ? { name: user.name } : {}), ...backEnd.account }
}
