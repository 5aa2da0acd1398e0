/**
 * Chromium's network as main uses it: the default session, and one more in memory for each certificate a user trusts.
 * Owns: the proxy of the user's settings, which holds for all of them, and what their verifications refused last.
 * Does not: decide about certificates: Chromium does, but for the one that a session was made for.
 */
import { app, net, type Session, session } from 'electron'
import { AppError } from '../core/errors.ts'
import { isTrusted, type RefusedCertificate, type TrustedCertificate } from '../core/http/certificate.ts'

/** Chromium's own verdict, for a verification. */
const CHROMIUMS_VERDICT = -3
const MOST_REFUSED = 256
/** Sessions live as long as the application; so many different certificates nobody trusts in one run. */
const MOST_TRUSTS = 64

const DIRECT: Electron.ProxyConfig = { mode: 'direct' }
let proxy: Electron.ProxyConfig = { mode: 'system' }
const trusting = new Map<string, Promise<Session>>()
const refused = new Map<string, RefusedCertificate>()

/**
 * No session fetches dictionaries from a server that nobody named, as each does by itself when it is made; switching the
 * spell checker off alone does not stop that. To be called before the application is ready.
 */
export function keepSessionsQuiet(): void {
  app.on('session-created', (made) => {
    made.setSpellCheckerLanguages([])
    made.setSpellCheckerEnabled(false)
  })
}

/** Remembers what is refused from now on, so that it can be shown. To be called before the first request. */
export function watchCertificates(): void {
  prepare(session.defaultSession, undefined)
}

/** The network for core/http. */
export const chromiumNet = {
  request: (options: Electron.ClientRequestConstructorOptions): Electron.ClientRequest => net.request(options),
  sessionFor: trustingSession,
  refused: (host: string): RefusedCertificate | undefined => refused.get(host.toLowerCase()),
}

/** As session.resolveProxy: `DIRECT`, `PROXY host:port` … */
export const resolveProxy = (url: string): Promise<string> => session.defaultSession.resolveProxy(url)

/** What the user has set: the system's proxy, none, or one address for everything but this computer. */
export async function setProxy(mode: 'system' | 'none' | 'fixed', address: string): Promise<void> {
  proxy =
    mode === 'fixed' && address !== ''
      ? { mode: 'fixed_servers', proxyRules: address, proxyBypassRules: '<local>' }
      : mode === 'none'
        ? DIRECT
        : { mode: 'system' }
  const others = Promise.allSettled(trusting.values())
  await applyProxy(session.defaultSession)
  for (const made of await others) if (made.status === 'fulfilled') await applyProxy(made.value)
}

async function applyProxy(target: Session): Promise<void> {
  await target.setProxy(proxy)
  await target.closeAllConnections()
}

/** The session in which this certificate is good at its host; ready when the proxy holds for it. */
function trustingSession(trust: TrustedCertificate): Promise<Session> {
  const key = `${trust.sha256} ${trust.host.toLowerCase()}`
  const known = trusting.get(key)
  if (known) return known
  if (trusting.size >= MOST_TRUSTS)
    return Promise.reject(
      new AppError('conflict', 'Too many certificates were trusted since Swath was started. Start it again.'),
    )
  const made = makeSession(key, trust)
  trusting.set(key, made)
  made.catch(() => trusting.delete(key))
  return made
}

async function makeSession(key: string, trust: TrustedCertificate): Promise<Session> {
  // without `persist:` it is in memory only
  const own = session.fromPartition(`trust ${key}`, { cache: false })
  prepare(own, trust)
  let applied: Electron.ProxyConfig
  do {
    applied = proxy
    await own.setProxy(applied)
  } while (applied !== proxy)
  return own
}

function prepare(target: Session, trust: TrustedCertificate | undefined): void {
  target.setCertificateVerifyProc(({ hostname, certificate, verificationResult, errorCode }, answer) => {
    if (errorCode === 0) return answer(CHROMIUMS_VERDICT)
    if (trust !== undefined && isTrusted(trust, hostname, certificate.data)) return answer(0)
    const host = hostname.toLowerCase()
    refused.delete(host)
    refused.set(host, { certificate: certificate.data, code: verificationResult })
    for (const oldest of refused.keys()) {
      if (refused.size <= MOST_REFUSED) break
      refused.delete(oldest)
    }
    answer(CHROMIUMS_VERDICT)
  })
}
