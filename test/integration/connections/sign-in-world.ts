/**
 * What tests of the sign-in stand in: a real OpenID provider, a small back-end that checks tokens against it, the real
 * HTTP policy, a clock that the test moves, and a keychain that can be watched, locked and kept over a restart.
 */
import { type AddressInfo, createServer } from 'node:net'
import { createSignIns } from '../../../main/connections/sign-in/index.ts'
import type { SignInStatus, SignInTarget } from '../../../main/connections/types.ts'
import { systemClock } from '../../../main/core/clock.ts'
import { AppError } from '../../../main/core/errors.ts'
import { fromAnswer } from '../../../main/core/http/failures.ts'
import { askJson, createControlHttp, createRequestLog, fetchTransport } from '../../../main/core/http/index.ts'
import { createLog, type Log, memorySink } from '../../../main/core/log.ts'
import { createRedactor, type Redactor } from '../../../main/core/redact.ts'
import { createSchedule } from '../../../main/core/schedule.ts'
import type { Secrets } from '../../../main/core/secrets.ts'
import { createTestClock } from '../../fakes/clock.ts'
import { startLoopback } from '../../fakes/loopback.ts'
import { DEVICE_GRANT, type OidcOptions, type OidcServer, startOidcServer } from '../../fakes/oidc-server.ts'
import { randomSecret, registerBasic } from '../../fakes/recorder.ts'

export const GRANTS = ['authorization_code+pkce', `${DEVICE_GRANT}+pkce`, 'refresh_token']

/** A keychain in memory whose every use is noted. */
export function createKeychain() {
  const entries = new Map<string, string>()
  const keychain = {
    entries,
    /** `set NAME` and the like, in order. */
    uses: [] as string[],
    isLocked: false,
    status: async () => ({ active: 'memory' as const, reason: 'A test.' }),
    async get(name: string) {
      check(`get ${name}`)
      return entries.get(name) ?? null
    },
    async set(name: string, value: string) {
      check(`set ${name}`)
      entries.set(name, value)
    },
    async delete(name: string) {
      check(`delete ${name}`)
      entries.delete(name)
    },
    lookAgain: async () => {},
  }
  function check(use: string) {
    keychain.uses.push(use)
    if (keychain.isLocked) throw new AppError('secret-unreadable', 'The keychain is locked.')
  }
  return keychain satisfies Secrets
}
export type Keychain = ReturnType<typeof createKeychain>

type Refusal = { status: number; code: string; message?: string }
export type BackEnd = Awaited<ReturnType<typeof startBackEnd>>
/** A back-end that has accounts and nothing else. */
export async function startBackEnd(oidc: OidcServer) {
  const backEnd = {
    url: '',
    asked: [] as { path: string; authorization: string | undefined }[],
    user: 'analyst',
    password: randomSecret('pass:word'),
    basicTokens: ['basic-token-1', 'basic-token-2', 'basic-token-3'],
    /** The document of /credentials/oidc; a text is sent as a web page. */
    oidc: {} as unknown,
    /** How /me wants the token. */
    form: 'prefixed' as 'prefixed' | 'bare' | 'both' | 'none',
    /** /me answers so, whatever comes. */
    refusal: null as Refusal | null,
    isDown: false,
    close: async () => {},
  }
  let basicToken = ''
  const loopback = await startLoopback(async ({ path, headers }, response) => {
    const { authorization } = headers
    backEnd.asked.push({ path, authorization })
    if (backEnd.isDown) return void response.destroy()
    const json = (status: number, body: unknown) => {
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(JSON.stringify(body))
    }
    const refuse = ({ status, code, message = 'No.' }: Refusal) => json(status, { code, message })
    if (path === '/credentials/oidc') {
      if (authorization) return refuse({ status: 400, code: 'Unexpected' })
      if (typeof backEnd.oidc !== 'string') return json(200, backEnd.oidc)
      response.writeHead(200, { 'content-type': 'text/html' })
      return void response.end(backEnd.oidc)
    }
    if (path === '/credentials/basic') {
      const right = `Basic ${Buffer.from(`${backEnd.user}:${backEnd.password}`).toString('base64')}`
      if (authorization !== right) return refuse({ status: 403, code: 'CredentialsInvalid' })
      basicToken = backEnd.basicTokens.shift() ?? 'no more'
      return json(200, { access_token: basicToken })
    }
    if (path !== '/me') return refuse({ status: 404, code: 'NotFound' })
    if (backEnd.refusal) return refuse(backEnd.refusal)
    const bearer = /^Bearer (.+)$/.exec(authorization ?? '')?.[1] ?? ''
    if (bearer === `basic//${basicToken}` && basicToken !== '') return json(200, { user_id: backEnd.user })
    const form = bearer.startsWith('oidc/egi/') ? 'prefixed' : 'bare'
    const isRight = backEnd.form === 'both' || backEnd.form === form
    const who = isRight ? await oidc.verify(bearer.replace(/^oidc\/egi\//, '')) : null
    return who ? json(200, { user_id: who.subject }) : refuse({ status: 403, code: 'TokenInvalid' })
  })
  backEnd.url = loopback.url
  oidc.allow(loopback.url)
  backEnd.close = () => loopback.close()
  registerBasic('sign-in', backEnd.user, backEnd.password, loopback.url)
  backEnd.oidc = providersOf(oidc)
  return backEnd
}

export const providersOf = (oidc: OidcServer, change: object = {}, client: object = {}) => ({
  providers: [
    {
      id: 'egi',
      issuer: oidc.issuer,
      title: 'EGI Check-in',
      scopes: ['openid', 'email', 'not-supported'],
      default_clients: [{ id: 'desktop', grant_types: GRANTS, redirect_urls: [], ...client }],
      ...change,
    },
  ],
})

export type World = Awaited<ReturnType<typeof openWorld>>
type WorldOptions = { oidc?: OidcOptions; secrets?: (redactor: Redactor, log: Log) => Secrets }

export async function openWorld(options: WorldOptions = {}) {
  const ownRedirectUrl = `http://127.0.0.1:${await freePort()}/callback`
  const oidc = await startOidcServer({ redirectUrls: [ownRedirectUrl], ...options.oidc })
  const backEnd = await startBackEnd(oidc)
  const clock = createTestClock(Date.now())
  const keychain = createKeychain()
  const closing: (() => unknown)[] = [() => oidc.close(), () => backEnd.close()]
  const secrets = options.secrets ?? (() => keychain)
  const run = (more: RunOptions = {}) =>
    startRun({ clock, keychain, secrets, backEnd, closing, ownRedirectUrl, ...more })
  return {
    oidc,
    backEnd,
    clock,
    keychain,
    ownRedirectUrl,
    /** Swath's start: another one is a restart, in which the keychain stays. */
    run,
    async close() {
      for (const close of closing.splice(0).reverse()) await close()
    },
  }
}

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const { port } = server.address() as AddressInfo
  await new Promise((done) => server.close(done))
  return port
}

/** Lets the loop of events turn until it is so. Fails after 5 s. */
export async function eventually(isSo: () => boolean): Promise<void> {
  const untilMs = performance.now() + 5_000
  while (!isSo()) {
    if (performance.now() > untilMs) throw new Error(`It never came to this: ${isSo}`)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** What other connections have, as far as a run is told. */
type RunOptions = { others?: () => readonly SignInTarget[] }
type RunNeeds = RunOptions & {
  clock: ReturnType<typeof createTestClock>
  keychain: Keychain
  secrets: (redactor: Redactor, log: Log) => Secrets
  backEnd: BackEnd
  closing: (() => unknown)[]
  ownRedirectUrl: string
}
function startRun({ clock, keychain, secrets, backEnd, closing, ownRedirectUrl, others }: RunNeeds) {
  const sink = memorySink()
  const redactor = createRedactor()
  const log = createLog({ sink, redactor, level: 'debug' })
  const requestLog = createRequestLog({ clock: systemClock, redactor })
  const http = createControlHttp({
    requestLog,
    redactor,
    userAgent: 'Swath/test',
    transport: fetchTransport(fetch),
    random: () => 0,
  })
  const schedule = createSchedule({ clock, log, random: () => 0.5 })
  /** Every header that was announced, with what the keychain held at that moment. */
  const headers: { header: string | null; kept: string | undefined }[] = []
  const pages: string[] = []
  /** Connections that have another session than before. */
  const replaced: string[] = []
  const waiting: (() => void)[] = []
  const tell = () => {
    for (const look of waiting.splice(0)) look()
  }
  const target: SignInTarget = {
    id: 'one',
    title: 'A back-end',
    rootUrl: backEnd.url,
    apiVersion: '1.2.0',
    conformsTo: [],
    offers: ['basic', 'oidc', 'account'],
    http,
    anonymous: {
      rootUrl: backEnd.url,
      async send({ method, path, signal }) {
        const { value, status, headers } = await askJson(http, { url: backEnd.url + path, method, signal })
        return { status, header: (name) => headers.get(name), body: value }
      },
      read: async () => {
        throw new Error('not used')
      },
    },
  }
  const signIns = createSignIns({
    secrets: secrets(redactor, log),
    clock,
    schedule,
    ownRedirectUrl,
    log,
    addSecret: (value) => redactor.addSecret(value),
    async openPage(url) {
      pages.push(url)
    },
    ...(others ? { others } : {}),
    events: {
      changed(id, isAnotherSession) {
        if (isAnotherSession) replaced.push(id)
        tell()
      },
      authorizationChanged(_target, header) {
        headers.push({ header, kept: keychain.entries.get('sign-in/one') })
        tell()
      },
    },
  })
  const status = () => signIns.status('one')
  async function ask(authorization: string | null): Promise<{ status: number; failure: AppError | null }> {
    const answer = await fetch(`${backEnd.url}/me`, { headers: authorization ? { authorization } : {} })
    return {
      status: answer.status,
      failure: answer.ok ? null : fromAnswer(answer.status, await answer.text(), redactor),
    }
  }
  const run = {
    signIns,
    target,
    status,
    headers,
    replaced,
    pages,
    sink,
    requestLog,
    redactor,
    log,
    schedule,
    /** Waits for the next change that makes it true. */
    async until(isSo: (status: SignInStatus) => boolean): Promise<SignInStatus> {
      while (!isSo(status())) await new Promise<void>((resolve) => waiting.push(resolve))
      return status()
    },
    /** Signs in by a code that the user approves at once. */
    async signInByDevice(oidc: OidcServer, login?: string): Promise<void> {
      await signIns.start(target, { way: 'device', providerId: 'egi' })
      await oidc.approve(status().pending?.userCode ?? '', login)
      await clock.advance(5_000)
      await run.until(({ pending }) => pending === undefined)
    },
    /** Lets so much time pass for one poll of a device code, and waits for what comes of it. */
    async poll(oidc: OidcServer, afterMs: number): Promise<void> {
      const asked = oidc.count('POST /token', DEVICE_GRANT)
      const { timerCount } = clock
      await clock.advance(afterMs)
      await eventually(() => oidc.count('POST /token', DEVICE_GRANT) > asked)
      await eventually(() => clock.timerCount === timerCount || status().signIn !== 'signing-in')
    },
    /** A request at /me, as a feature sends one: refused once, it is replayed once. */
    async me(): Promise<{ status: number; header: string | null; replays: number }> {
      const header = await signIns.authorization(target)
      const first = await ask(header)
      if (header === null || first.failure === null) return { ...first, header, replays: 0 }
      const other = await signIns.afterRefusal(target, header, first.failure)
      if (other === null) return { ...first, header, replays: 0 }
      return { ...(await ask(other)), header: other, replays: 1 }
    },
    close() {
      void signIns.close() // a process that the test has killed would never end
      schedule.close()
    },
  }
  closing.push(() => run.close())
  return run
}
