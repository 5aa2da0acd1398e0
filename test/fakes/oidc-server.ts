/**
 * A real OpenID provider (oidc-provider, certified) on a free port of 127.0.0.1: device flow, authorization code with
 * PKCE, refresh tokens that rotate and notice when an old one comes again, client credentials, revocation.
 * The test plays the user: `await server.approve(userCode)`, `deny(userCode)`, `visit(authorizationUrl)`. Quirks of real
 * providers are options; `issued()` is every secret that it gave away, for canary checks.
 * Runs in Electron's Node (vitest) and in plain Node 20 (Playwright; there oidc-provider warns about the version).
 */
import { createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import Provider, { type ClientMetadata, type Configuration } from 'oidc-provider'
import { createStore } from './oidc-store.ts'
import { createVisitor } from './oidc-visitor.ts'
import { randomSecret, recordRequest, registerSecret } from './recorder.ts'

export const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code'
export type OidcQuirk =
  /** The issuer is published with a slash at its end. */
  | 'issuer-slash'
  | 'no-revocation'
  /** Google's name for the page of the code. */
  | 'verification-url'
  /** Device answers without expires_in. */
  | 'no-device-expiry'
  | 'interval-zero'
  | 'no-offline-access'
  | 'no-refresh-token'
export type OidcOptions = {
  quirks?: OidcQuirk[]
  /** Access tokens: opaque unless told. */
  tokenForm?: 'opaque' | 'jwt'
  /** 300 unless told. */
  accessTokenLivesS?: number
  deviceCodeLivesS?: number
  /** What the provider's clock is ahead: Date headers and ID tokens. */
  clockAheadS?: number
  /** Interval of polls that device answers state; 1 unless told. */
  intervalS?: number
  /** Redirects of the client `desktop`. */
  redirectUrls?: string[]
  scopes?: string[]
  /**
   * All visits are one browser. Tokens of one client then belong to one grant, and revoking any of them ends all, as
   * Keycloak does with the client session of a browser session.
   */
  isOneBrowser?: boolean
}
export type IssuedKind =
  | 'access_token'
  | 'refresh_token'
  | 'id_token'
  | 'device_code'
  | 'user_code'
  | 'authorization_code'
export type Issued = { value: string; kind: IssuedKind; client: string }
export type OidcFault = 'cut' | { status: number; body?: unknown; headers?: Record<string, string> }
export type OidcServer = {
  /** As the provider publishes it. */
  readonly issuer: string
  readonly url: string
  /** Every request: `POST /token`, with its form; for the device's polls and refreshes the grant type is in there. */
  readonly requests: { line: string; form: URLSearchParams; headers: IncomingMessage['headers'] }[]
  /** Answers nothing at all: connections are cut. */
  isDown: boolean
  /** Requests wait for it before they are answered. */
  hold: Promise<void> | null
  /** The next requests of this line (`POST /token`) fail so. */
  fail(line: string, ...faults: OidcFault[]): void
  count(line: string, grantType?: string): number
  approve(userCode: string, login?: string): Promise<void>
  deny(userCode: string): Promise<void>
  /** Opens an authorization address as the user's browser would, and goes on to the redirect. */
  visit(authorizationUrl: string, decision?: 'approve' | 'deny', login?: string): Promise<Response>
  /** Who a token is of; null where it does not hold (any more). */
  verify(accessToken: string): Promise<{ subject: string; clientId: string } | null>
  /** Access tokens of this moment do not hold any more; refresh tokens do. */
  expireAccessTokens(): void
  /** Nothing holds any more: an administrator ended all sessions. */
  endSessions(): void
  issued(): Issued[]
  /** These back-ends may see the access tokens; everything else is between the provider and Swath. */
  allow(...urls: string[]): void
  close(): Promise<void>
}

/** Clients: `desktop` is public and has all grants; `service` has a secret and is for itself. */
export const SERVICE_SECRET = randomSecret('service')
const KID = 'test'

let key: KeyObject | undefined
/** One for all servers of a process: making one takes long. */
const signingKey = () => {
  key ??= generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
  return key
}

export async function startOidcServer(options: OidcOptions = {}): Promise<OidcServer> {
  const quirks = new Set(options.quirks)
  const privateKey = signingKey()
  const keys = { ...privateKey.export({ format: 'jwk' }), kid: KID, use: 'sig', alg: 'RS256' }
  const faults = new Map<string, OidcFault[]>()
  const issued: Issued[] = []
  const audience: string[] = []
  const deadTokens = new Set<string>()
  const store = createStore()
  let handle: (request: IncomingMessage, response: ServerResponse, form: URLSearchParams) => unknown = () => {}
  const http = createServer((request, response) => void receive(request, response))
  await new Promise<void>((ready) => http.listen(0, '127.0.0.1', ready))
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  const issuer = quirks.has('issuer-slash') ? `${url}/` : url

  const register = ({ kind, value }: Issued) => {
    if (kind !== 'user_code') registerSecret(kind, value, url, ...(kind === 'access_token' ? audience : []))
  }
  const note = (one: Issued) => {
    issued.push(one)
    register(one)
  }
  registerSecret('client secret', SERVICE_SECRET, url)

  const server: OidcServer = {
    issuer,
    url,
    requests: [],
    isDown: false,
    hold: null,
    fail: (line, ...next) => void faults.set(line, [...(faults.get(line) ?? []), ...next]),
    count: (line, grantType) =>
      server.requests.filter((one) => one.line === line && (!grantType || one.form.get('grant_type') === grantType))
        .length,
    ...createVisitor(url, options.isOneBrowser),
    async verify(accessToken) {
      if (deadTokens.has(accessToken)) return null
      if (accessToken.split('.').length === 3) return claimsOf(accessToken)
      const token = await provider.AccessToken.find(accessToken)
      if (token) return { subject: token.accountId, clientId: token.clientId ?? '' }
      const own = await provider.ClientCredentials.find(accessToken)
      return own ? { subject: `service-account-${own.clientId}`, clientId: own.clientId ?? '' } : null
    },
    expireAccessTokens() {
      for (const { kind, value } of issued) if (kind === 'access_token') deadTokens.add(value)
    },
    endSessions() {
      server.expireAccessTokens()
      store.clear()
    },
    issued: () => [...issued],
    allow(...urls) {
      audience.push(...urls)
      for (const one of issued) register(one)
    },
    close: () =>
      new Promise((done) => {
        http.close(() => done())
        http.closeAllConnections()
      }),
  }
  const provider = new Provider(url, configuration(options, quirks, keys, store.adapter))
  const callback = provider.callback()
  handle = (request, response, form) =>
    /^\/interaction\/[\w-]+$/.test(request.url ?? '')
      ? interact(provider, request, response, form)
      : callback(request, response)

  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '').split('?')[0] ?? ''
    const body = request.method === 'POST' ? await overheard(request) : ''
    const form = new URLSearchParams(body)
    recordRequest(url, request, body)
    const line = `${request.method} ${path}`
    server.requests.push({ line, form, headers: request.headers })
    if (server.hold) await server.hold
    if (server.isDown) return void request.socket.destroy()
    const fault = faults.get(line)?.shift()
    if (fault === 'cut') return void request.socket.destroy()
    if (fault) {
      response.writeHead(fault.status, { 'content-type': 'application/json', ...fault.headers })
      return void response.end(typeof fault.body === 'string' ? fault.body : JSON.stringify(fault.body ?? {}))
    }
    response.setHeader('date', new Date(Date.now() + (options.clockAheadS ?? 0) * 1000).toUTCString())
    watch(request, response, path, form)
    await handle(request, response, form)
  }

  /** Notes what is given away, and makes the answer that of the provider with its quirks. */
  function watch(request: IncomingMessage, response: ServerResponse, path: string, form: URLSearchParams): void {
    const end = response.end.bind(response) as (chunk?: unknown) => ServerResponse
    response.end = ((chunk?: unknown) => {
      const code = /[?&]code=([^&]+)/.exec(String(response.getHeader('location') ?? ''))?.[1]
      if (code) note({ value: decodeURIComponent(code), kind: 'authorization_code', client: '' })
      if (!String(response.getHeader('content-type') ?? '').includes('json') || chunk === undefined) return end(chunk)
      const answer = amended(path, JSON.parse(String(chunk)) as Record<string, unknown>)
      for (const kind of ['access_token', 'refresh_token', 'id_token', 'device_code', 'user_code'] as const)
        if (typeof answer[kind] === 'string') note({ value: answer[kind], kind, client: clientOf(request, form) })
      const text = JSON.stringify(answer)
      response.setHeader('content-length', Buffer.byteLength(text))
      return end(text)
    }) as typeof response.end
  }

  function amended(path: string, answer: Record<string, unknown>): Record<string, unknown> {
    if (path === '/.well-known/openid-configuration') answer.issuer = issuer
    if (path === '/device/auth' && answer.device_code !== undefined) {
      answer.interval = quirks.has('interval-zero') ? 0 : (options.intervalS ?? 1)
      if (quirks.has('no-device-expiry')) delete answer.expires_in
      if (quirks.has('verification-url')) {
        answer.verification_url = answer.verification_uri
        delete answer.verification_uri
        delete answer.verification_uri_complete
      }
    }
    if (typeof answer.id_token === 'string') answer.id_token = resigned(answer.id_token)
    return answer
  }

  /** The ID token of a provider whose clock is ahead, or whose name ends with a slash. */
  function resigned(token: string): string {
    const [header = '', payload = ''] = token.split('.')
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>
    for (const name of ['iat', 'exp', 'auth_time'])
      if (typeof claims[name] === 'number') claims[name] += options.clockAheadS ?? 0
    const signed = `${header}.${Buffer.from(JSON.stringify({ ...claims, iss: issuer })).toString('base64url')}`
    return `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`
  }

  function claimsOf(token: string): { subject: string; clientId: string } | null {
    const [header = '', payload = '', signature = ''] = token.split('.')
    const signed = Buffer.from(`${header}.${payload}`)
    if (!verify('sha256', signed, createPublicKey(privateKey), Buffer.from(signature, 'base64url'))) return null
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, string | number>
    if (Number(claims.exp) * 1000 <= Date.now()) return null
    return { subject: String(claims.sub), clientId: String(claims.client_id) }
  }
  return server
}

/** The body, which whoever handles the request can still read. */
function overheard(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  const push = request.push.bind(request)
  return new Promise((resolve) => {
    request.push = (chunk: Buffer | null) => {
      if (chunk !== null) chunks.push(chunk)
      else resolve(Buffer.concat(chunks).toString())
      return push(chunk)
    }
  })
}

function clientOf(request: IncomingMessage, form: URLSearchParams): string {
  const basic = /^Basic (.+)$/.exec(request.headers.authorization ?? '')?.[1]
  return form.get('client_id') ?? (basic ? (Buffer.from(basic, 'base64').toString().split(':')[0] ?? '') : '')
}

/** The page where the user decides: `decision` and `login` come as a form. */
async function interact(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
  form: URLSearchParams,
): Promise<void> {
  if (request.method !== 'POST') {
    response.setHeader('content-type', 'text/html')
    response.end('<form method="post" action=""><input name="login" value=""><input name="decision" value=""></form>')
    return
  }
  const { params, grantId, session } = await provider.interactionDetails(request, response)
  if (form.get('decision') === 'deny') {
    const refused = { error: 'access_denied', error_description: 'The user said no.' }
    return provider.interactionFinished(request, response, refused, { mergeWithLastSubmission: false })
  }
  const accountId = session?.accountId ?? form.get('login') ?? ''
  const clientId = String(params.client_id)
  const grant = (grantId && (await provider.Grant.find(grantId))) || new provider.Grant({ accountId, clientId })
  grant.addOIDCScope(String(params.scope ?? 'openid'))
  grant.addResourceScope(RESOURCE, 'openeo')
  const result = { login: { accountId }, consent: { grantId: await grant.save() } }
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false })
}

const RESOURCE = 'urn:openeo'
type Adapter = NonNullable<Configuration['adapter']>

function configuration(options: OidcOptions, quirks: Set<OidcQuirk>, key: object, adapter: Adapter): Configuration {
  const livesS = options.accessTokenLivesS ?? 300
  const clients: ClientMetadata[] = [
    {
      client_id: 'desktop',
      token_endpoint_auth_method: 'none',
      application_type: 'native',
      grant_types: ['authorization_code', 'refresh_token', DEVICE_GRANT],
      response_types: ['code'],
      redirect_uris: options.redirectUrls ?? ['http://127.0.0.1:28417/callback'],
    },
    {
      client_id: 'service',
      client_secret: SERVICE_SECRET,
      grant_types: ['client_credentials'],
      response_types: [],
      redirect_uris: [],
    },
  ]
  return {
    clients,
    adapter,
    jwks: { keys: [key as never] },
    cookies: { keys: ['a key of the test'] },
    scopes: [
      'openid',
      ...(quirks.has('no-offline-access') ? [] : ['offline_access']),
      ...(options.scopes ?? ['email', 'profile']),
    ],
    ttl: {
      AccessToken: livesS,
      ClientCredentials: livesS,
      IdToken: 300,
      RefreshToken: 3600,
      DeviceCode: options.deviceCodeLivesS ?? 600,
      Interaction: 600,
      Session: 600,
      Grant: 3600,
    },
    clientDefaults: { id_token_signed_response_alg: 'RS256' },
    // as Keycloak does: also without offline_access
    issueRefreshToken: async (_context, client) =>
      !quirks.has('no-refresh-token') && client.grantTypeAllowed('refresh_token'),
    rotateRefreshToken: true,
    pkce: { required: () => true },
    findAccount: async (_context, id) => ({ accountId: id, claims: async () => ({ sub: id }) }),
    interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
    renderError: (context, out) => {
      context.body = JSON.stringify(out)
    },
    features: {
      devInteractions: { enabled: false },
      deviceFlow: {
        enabled: true,
        userCodeConfirmSource: async (context, form) => {
          context.body = form
        },
        userCodeInputSource: async (context, form) => {
          context.body = form
        },
        successSource: async (context) => {
          context.body = 'Signed in.'
        },
      },
      clientCredentials: { enabled: true },
      revocation: { enabled: !quirks.has('no-revocation'), allowedPolicy: async () => true },
      rpInitiatedLogout: { enabled: true },
      resourceIndicators: {
        enabled: options.tokenForm === 'jwt',
        defaultResource: async () => RESOURCE,
        useGrantedResource: async () => true,
        getResourceServerInfo: async () => ({
          scope: 'openeo',
          audience: RESOURCE,
          accessTokenFormat: 'jwt',
          accessTokenTTL: livesS,
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
  }
}
