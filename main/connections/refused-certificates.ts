/**
 * Certificates that were refused while something was asked for a connection: at its own host, at its sign-in service, where
 * its tokens or files are. Owns: what is refused now, by host. Does not: trust anything (the connection's row does).
 */
import type { Certificate } from '../../preload/contract/connections.ts'
import { AppError } from '../core/errors.ts'
import type { Http, HttpAnswer, HttpRequest } from '../core/http/index.ts'

const MOST_HOSTS = 16

export type Refusals = ReturnType<typeof createRefusals>

export function createRefusals(changed: (id: string) => void) {
  const refused = new Map<string, Map<string, Certificate>>()

  function keep(id: string, certificate: Certificate): void {
    const hosts = refused.get(id) ?? new Map<string, Certificate>()
    refused.set(id, hosts)
    if (hosts.get(certificate.host)?.sha256 === certificate.sha256 || hosts.size >= MOST_HOSTS) return
    hosts.set(certificate.host, certificate)
    changed(id)
  }
  function clear(id: string, host: string): void {
    if (refused.get(id)?.delete(host)) changed(id)
  }

  return {
    /** The same client, which notes what is refused, and that a host is trusted (again). */
    watch(id: string, http: Http): Http {
      const noted = (ask: Http['ask']) => async (request: HttpRequest) => {
        let answer: HttpAnswer
        try {
          answer = await ask(request)
        } catch (failure) {
          if (failure instanceof AppError && failure.code === 'untrusted-certificate' && failure.certificate)
            keep(id, failure.certificate)
          throw failure
        }
        const { protocol, hostname } = new URL(answer.url)
        if (protocol === 'https:') clear(id, hostname.replace(/^\[(.*)\]$/, '$1'))
        return answer
      }
      return { send: noted(http.send), ask: noted(http.ask) }
    },
    /** The one that was refused first. */
    first: (id: string): Certificate | undefined => refused.get(id)?.values().next().value,
    find: (id: string, sha256: string): Certificate | undefined =>
      [...(refused.get(id)?.values() ?? [])].find((one) => one.sha256 === sha256),
    clear,
    forget: (id: string): void => void refused.delete(id),
  }
}
