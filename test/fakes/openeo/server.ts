/**
 * A scriptable openEO back-end over real HTTP(S), with behaviour and not with canned replies: it has a driver's ways
 * (profiles/), keeps jobs, runs them as told, and can fail at every moment.
 * Use: `const backEnd = await startBackEnd({ profile: SENTINEL_HUB }); backEnd.fail('POST /jobs', 'lose-answer'); …
 * await backEnd.close()`. Owns: the socket, finding the route, who asks, faults, records. Does not: know any route.
 */
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { recordRequest } from '../recorder.ts'
import { readBody, refuse, refuseUnknown, Sink } from './answers.ts'
import { catalogueRoutes } from './catalogue.ts'
import { credentialRoutes, identify } from './credentials.ts'
import { discoveryRoutes, versions } from './discovery.ts'
import { type Fault, play } from './faults.ts'
import { jobRoutes } from './jobs.ts'
import { PLAIN } from './profile.ts'
import { createState } from './state.ts'
import type { Answer, Call, FakeBackEnd, Profile, Route, Routes, Seen, Verify } from './types.ts'

export type BackEndOptions = {
  profile?: Profile
  /** Listens with this certificate (PEM), e.g. of certificates.ts. */
  tls?: { key: string; certificate: string }
  /** Address to listen at; `::1` for IPv6. */
  host?: string
  /** The OIDC issuer that /credentials/oidc names, without a slash at its end. */
  issuer?: string
  /** In place of the ids of the profile's default clients: one that the provider of the test knows. */
  clientId?: string
  /** Who has an OIDC access token. */
  verify?: Verify
  /** In place of, or beside, the fake's own. */
  routes?: (backEnd: FakeBackEnd) => Routes
}

/** Outside of the API root, whatever the profile. */
const OF_ORIGIN = ['GET /previews/{name}', 'GET /tiles/{collection}/{z}/{x}/{y}', 'GET /wmts', 'GET /files/{name}']

export async function startBackEnd(options: BackEndOptions = {}): Promise<FakeBackEnd> {
  const profile = options.profile ?? PLAIN
  const { host = '127.0.0.1', tls } = options
  let isDown = false
  let answerTo: RequestListener = (_, response) => response.destroy()
  const listener: RequestListener = (request, response) => answerTo(request, response)
  const server: Server = tls
    ? createTlsServer({ key: tls.key, cert: tls.certificate }, listener)
    : createServer(listener)
  server.on('connection', (socket: Socket) => {
    if (isDown) socket.destroy()
  })
  await new Promise<void>((ready) => server.listen(0, host, ready))
  const { port } = server.address() as AddressInfo
  const origin = `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`

  const { backEnd, noteRequest, nextFault } = createState(profile, origin, {
    ...(options.verify ? { verify: options.verify } : {}),
    providers: providersOf(profile, options),
    setDown(value) {
      isDown = value
      if (value) server.closeAllConnections()
    },
    close: () =>
      new Promise((done) => {
        server.close(() => done())
        server.closeAllConnections()
      }),
  })
  const routes: Routes = {
    ...discoveryRoutes(backEnd),
    ...credentialRoutes(backEnd),
    ...catalogueRoutes(backEnd),
    ...jobRoutes(backEnd),
    ...options.routes?.(backEnd),
  }
  const find = createFinder(backEnd, Object.keys(routes))

  answerTo = async (request, response) => {
    response.on('error', () => {})
    const url = new URL(request.url ?? '/', origin)
    const body = await readBody(request).catch(() => null)
    if (body === null) return
    const found = find(request.method ?? 'GET', url)
    recordRequest(origin, request, body)
    noteRequest(seenOf(found.line, request, body))
    if (backEnd.hold) await backEnd.hold
    const fault = nextFault(found.line)
    if (fault !== undefined && (await play(fault, request, response))) return
    const call = { ...found, url, request, body: body.toString('utf8'), user: null }
    const route = found.isThere ? routes[found.line] : undefined
    await serve(backEnd, route, call, fault, response).catch((failure: unknown) => {
      if (!response.headersSent) refuse(response, profile, 500, 'Internal', String(failure))
      else response.destroy()
    })
  }
  return backEnd
}

function providersOf(profile: Profile, { issuer, clientId }: BackEndOptions) {
  if (issuer === undefined || !profile.providers) return null
  const providers = profile.providers(issuer)
  if (clientId === undefined) return providers
  return providers.map((provider) => ({
    ...provider,
    default_clients: (provider.default_clients as object[]).map((client) => ({ ...client, id: clientId })),
  }))
}

async function serve(
  backEnd: FakeBackEnd,
  route: Route | undefined,
  call: Omit<Call, 'response'>,
  fault: Fault | undefined,
  response: ServerResponse,
): Promise<void> {
  const { socket } = call.request
  if (fault !== 'lose-answer' && fault !== 'half') return void (await decide(backEnd, route, { ...call, response }))
  const sink = new Sink()
  await decide(backEnd, route, { ...call, response: sink as unknown as Answer })
  if (fault === 'lose-answer') return void socket.destroy()
  const whole = sink.body
  response.writeHead(sink.status, { ...sink.headers, 'content-length': String(whole.length) })
  response.write(whole.subarray(0, Math.floor(whole.length / 2)), () => socket.destroy())
}

/** Documents of the server itself, then the route with whom it is for. */
async function decide(backEnd: FakeBackEnd, route: Route | undefined, call: Call): Promise<unknown> {
  const { profile } = backEnd
  const { response } = call
  if (call.line === 'GET /.well-known/openeo') {
    response.writeHead(200, { 'content-type': 'application/json' })
    return response.end(JSON.stringify({ versions: versions(backEnd) }))
  }
  if (profile.unsupported.includes(call.line)) return refuse(response, profile, 501, 'FeatureUnsupported')
  if (!route) return refuseUnknown(call, profile)
  if (route.auth === 'none') return route.run(call)
  const who = await identify(backEnd, call.request.headers.authorization)
  if (who && 'status' in who) return refuse(response, profile, who.status, who.code, who.message)
  if (!who && route.auth === 'required') return refuse(response, profile, 401, 'AuthenticationRequired')
  return route.run({ ...call, user: who })
}

const seenOf = (line: string, request: IncomingMessage, body: Buffer): Seen => ({
  line,
  authorization: request.headers.authorization,
  path: request.url ?? '/',
  headers: request.headers,
  body: body.toString('utf8'),
  atMs: performance.now(),
})

type Found = Pick<Call, 'line' | 'root' | 'apiVersion' | 'values'> & { isThere: boolean }
const plainTemplate = (line: string) => line.replace(/\{[^}]*\}/g, '{}')

/** Finds the route of a request, and whether this driver has it. */
function createFinder(backEnd: FakeBackEnd, lines: string[]) {
  const { profile, origin } = backEnd
  const listed = profile.endpoints.flatMap(({ path, methods }) => methods.map((method) => `${method} ${path}`))
  const there = new Set([...listed, ...profile.unlisted, ...OF_ORIGIN, 'GET /'].map(plainTemplate))
  if (profile.conformsTo) there.add('GET /conformance')
  const templates = [...new Set([...lines, ...profile.unsupported])].map((line) => ({ line, parts: line.split('/') }))
  const roots = [...profile.versions].sort((a, b) => b.path.length - a.path.length)

  return (method: string, url: URL): Found => {
    const { pathname } = url
    const version = roots.find(({ path }) => pathname === path || pathname.startsWith(`${path}/`))
    const best = profile.versions.find(({ path }) => origin + path === backEnd.url)
    const apiVersion = version && version !== best ? version.apiVersion : backEnd.apiVersion
    const root = origin + (version?.path ?? '')
    if (profile.home !== null && method === 'GET' && pathname === `${profile.home}/.well-known/openeo`)
      return { line: 'GET /.well-known/openeo', root, apiVersion, values: [], isThere: true }
    const rest = pathname.slice(version?.path.length ?? 0).replace(/\/$/, '') || '/'
    const asked = `${method} ${rest}`.split('/')
    const fits = ({ parts }: { parts: string[] }) =>
      parts.length === asked.length && parts.every((part, n) => part === asked[n] || (/^\{.*\}/.test(part) && asked[n]))
    const literal = (parts: string[]) => parts.filter((part) => !part.startsWith('{')).length
    const template = templates.filter(fits).sort((a, b) => literal(b.parts) - literal(a.parts))[0]
    if (!template) return { line: `${method} ${rest}`, root, apiVersion, values: [], isThere: false }
    const values = asked.filter((_, n) => template.parts[n]?.startsWith('{')).map(decodeURIComponent)
    const isThere =
      there.has(plainTemplate(template.line)) && (version !== undefined || OF_ORIGIN.includes(template.line))
    return { line: template.line, root, apiVersion, values, isThere }
  }
}
