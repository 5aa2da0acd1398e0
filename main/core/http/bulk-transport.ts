/**
 * The way for many bytes: Node's own http and https, with kept connections, the user's proxy and the system's
 * certificates. Electron's network costs three to five times the CPU for large bodies.
 * Owns: the agents, one set for each certificate that a request trusts. Does not: find out proxies (handed in: main asks
 * Electron) or keep certificates.
 */
import http from 'node:http'
import https from 'node:https'
import tls from 'node:tls'
import { AppError } from '../errors.ts'
import { hostOf } from './certificate.ts'
import { createCheckingAgent, explainRefusal } from './checking-agent.ts'
import { isCertificateFailure, timeOut } from './failures.ts'
import { headersOf, type RawAnswer, type RawRequest, type Transport } from './transport.ts'

export type BulkOptions = {
  /** As Electron's session.resolveProxy answers: `DIRECT`, `PROXY host:port`, `HTTPS host:port; DIRECT` … */
  resolveProxy?: (url: string) => Promise<string>
  /** Certificates (PEM) that the user trusts besides those of the system. */
  ownCertificates?: () => readonly string[]
  mostSockets?: number
}
export type BulkTransport = Transport & { close(): void }

/** Address of the first proxy of a PAC answer that can be used; undefined is a direct way. @throws AppError for SOCKS */
export function proxyOf(answer: string): string | undefined {
  for (const entry of answer.split(';')) {
    const [kind = '', host] = entry.trim().split(/\s+/)
    if (kind.toUpperCase() === 'DIRECT' || kind === '') return undefined
    if (host && /^(PROXY|HTTP)$/i.test(kind)) return `http://${host}`
    if (host && /^HTTPS$/i.test(kind)) return `https://${host}`
  }
  throw new AppError('offline', 'The proxy of this computer is of a kind (SOCKS) that downloads cannot use.', {
    retry: 'never',
  })
}

/** Agents that are kept; the one that was not used for longest goes first. */
const MOST_AGENTS = 64

export function createBulkTransport(options: BulkOptions = {}): BulkTransport {
  const agents = new Map<string, http.Agent>()
  let certificates: string[] | undefined
  const trusted = () => {
    certificates ??= [...new Set([...tls.getCACertificates('default'), ...tls.getCACertificates('system')])]
    return [...certificates, ...(options.ownCertificates?.() ?? [])]
  }
  const optionsOf = (isSecure: boolean, proxy: string | undefined): https.AgentOptions => ({
    keepAlive: true,
    maxSockets: options.mostSockets ?? 16,
    scheduling: 'lifo',
    proxyEnv: proxy === undefined ? {} : { HTTP_PROXY: proxy, HTTPS_PROXY: proxy },
    ...(isSecure ? { ca: trusted() } : {}),
  })
  function agentFor({ url, trust }: RawRequest, proxy: string | undefined): http.Agent {
    const key = [url.protocol, proxy ?? '', trust?.host ?? '', trust?.sha256 ?? ''].join(' ')
    const agent = agents.get(key) ?? createAgent(optionsOf(url.protocol === 'https:', proxy), url, trust)
    agents.delete(key)
    agents.set(key, agent)
    for (const [oldest, unused] of agents) {
      if (agents.size <= MOST_AGENTS) break
      agents.delete(oldest)
      // requests that are under way end by themselves
      if (Object.keys(unused.sockets).length === 0) unused.destroy()
    }
    return agent
  }
  const transport: Transport = async (request) => {
    const proxy = proxyOf((await options.resolveProxy?.(request.url.href)) ?? 'DIRECT')
    try {
      return await ask(request, agentFor(request, proxy))
    } catch (failure) {
      throw isCertificateFailure(failure) ? await explainRefusal(optionsOf(true, proxy), request.url) : failure
    }
  }
  return Object.assign(transport, {
    close() {
      for (const agent of agents.values()) agent.destroy()
      agents.clear()
    },
  })
}

function createAgent(options: https.AgentOptions, url: URL, trust: RawRequest['trust']): http.Agent {
  if (url.protocol !== 'https:') return new http.Agent(options)
  return trust === undefined ? new https.Agent(options) : createCheckingAgent(options, hostOf(url), trust)
}

function ask({ url, method, headers, body, signal, connectMs }: RawRequest, agent: http.Agent): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const { request } = url.protocol === 'https:' ? https : http
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
    const asked = request(url, { method, headers: { ...headers, ...length }, agent, signal })
    const slow = connectMs > 0 ? setTimeout(() => asked.destroy(timeOut()), connectMs) : undefined
    const connected = () => clearTimeout(slow)
    asked.on('socket', (socket) => {
      if (!socket.connecting) return connected()
      socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', connected)
    })
    asked.on('error', (failure) => {
      connected()
      reject(failure)
    })
    asked.on('response', (answer) => {
      connected()
      resolve({
        status: answer.statusCode ?? 0,
        headers: headersOf(answer.headers),
        body: answer as AsyncIterable<Uint8Array>,
        cancel: () => void answer.destroy(),
      })
    })
    asked.end(body)
  })
}
