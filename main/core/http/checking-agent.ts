/**
 * TLS connections of Node to servers whose certificate nobody vouches for: to look at it, or because the user trusts it.
 * Owns: the check before the first byte of a request: HTTP gets a connection only after its certificate was accepted.
 * Does not: keep trust (handed in) or touch connections for which nothing is trusted: those are Node's own.
 */
import type { ClientRequestArgs } from 'node:http'
import https from 'node:https'
import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import { AppError } from '../errors.ts'
import {
  hostOf,
  isTrusted,
  type RefusedCertificate,
  type TrustedCertificate,
  untrustedCertificate,
} from './certificate.ts'
import { timeOut } from './failures.ts'

type Connect = (options: ClientRequestArgs, callback: (failure: Error | null, socket: Duplex) => void) => unknown

/** Nothing is sent before the handshake is over; one that hangs must end all the same. */
const LONGEST_HANDSHAKE_MS = 30_000

/**
 * An agent for one host: accepts what the system trusts, and this one certificate. Everything else fails as
 * `untrusted-certificate`, with what was shown.
 */
export function createCheckingAgent(
  options: https.AgentOptions,
  host: string,
  trust: TrustedCertificate | undefined,
): https.Agent {
  // a session that is taken up again would skip the check of the name
  const agent = new https.Agent({ ...options, maxCachedSessions: 0 })
  const open = agent.createConnection.bind(agent) as Connect
  const isProxied = Object.keys(options.proxyEnv ?? {}).length > 0
  const connect: Connect = (asked, callback) => {
    openUnchecked(open, asked, isProxied).then(
      (socket) => {
        const refused = refusalOf(socket)
        if (refused === undefined || (trust && isTrusted(trust, host, refused.certificate))) {
          callback(null, socket)
        } else {
          socket.destroy()
          callback(untrustedCertificate(host, refused, Date.now()), socket)
        }
      },
      (failure: Error) => callback(failure, undefined as never),
    )
  }
  agent.createConnection = connect as typeof agent.createConnection
  return agent
}

/** Connects once more and says what is wrong with the certificate; sends no request. */
export async function explainRefusal(options: https.AgentOptions, url: URL): Promise<AppError> {
  const agent = createCheckingAgent({ ...options, keepAlive: false }, hostOf(url), undefined)
  const unknown = () => untrustedCertificate(hostOf(url), undefined, Date.now())
  try {
    return await new Promise<AppError>((resolve) => {
      // without an end nothing is sent
      const asked = https.request(url, { agent })
      asked.on('error', (failure) => resolve(failure instanceof AppError ? failure : unknown()))
      asked.on('socket', () => {
        asked.destroy()
        resolve(unknown())
      })
    })
  } finally {
    agent.destroy()
  }
}

function refusalOf(socket: TLSSocket): RefusedCertificate | undefined {
  if (socket.authorized) return undefined
  // typed as an Error; it is the code of one
  return { certificate: socket.getPeerX509Certificate()?.raw ?? '', code: String(socket.authorizationError) }
}

/** A connection after its handshake, whatever the certificate. Through a proxy only the callback has the TLS socket. */
function openUnchecked(open: Connect, asked: ClientRequestArgs, isProxied: boolean): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const take = (socket: TLSSocket) => {
      const done = () => {
        socket.setTimeout(0)
        socket.off('error', reject)
        resolve(socket)
      }
      socket.setTimeout(LONGEST_HANDSHAKE_MS, () => socket.destroy(timeOut()))
      socket.once('error', reject)
      socket.once('close', () => reject(timeOut()))
      // a tunnel is handed over when its handshake is done
      if (isProxied) done()
      else socket.once('secureConnect', done)
    }
    const unchecked = { ...asked, rejectUnauthorized: false } as ClientRequestArgs
    const opened = open(unchecked, (failure, socket) => (failure ? reject(failure) : take(socket as TLSSocket)))
    if (!isProxied) take(opened as TLSSocket)
  })
}
