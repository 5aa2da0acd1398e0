/**
 * Fetches what the document of an entry links to, at the back-end or elsewhere.
 * Owns: the rule of origins: credentials go to the back-end's own origin only, and no document leads from the internet to
 * this computer, its network, or from https to http. Does not: keep anything.
 */
import type { ConnectionsFeature } from '../connections/index.ts'
import { AppError } from '../core/errors.ts'
import type { Http } from '../core/http/index.ts'
import { whyNotFollowed } from '../raster/web-address.ts'
import { bytesOf } from './complete.ts'

export type FetchLinked = ReturnType<typeof createFetchLinked>
export type Fetched = { bytes: Uint8Array; url: string }
type Ways = { accept: string; mostBytes: number; signal?: AbortSignal | undefined }
type Needs = { connections: Pick<ConnectionsFeature, 'session' | 'find'>; http: Http }

export function createFetchLinked({ connections, http }: Needs) {
  /** The API root of a connection, with a slash at its end, so that relative links are below it. */
  function rootOf(connectionId: string): URL {
    const connection = connections.find(connectionId)
    if (!connection || !URL.canParse(connection.url))
      throw new AppError('not-found', 'The connection is not there any more.')
    return new URL(`${connection.url.replace(/\/+$/, '')}/`)
  }
  return {
    /** The absolute address of a link; null where it must not be followed. `base`: the document that has the link. */
    resolve(connectionId: string, href: string, base?: string): URL | null {
      const root = rootOf(connectionId)
      const from = base ?? root.href
      if (href.length > 8192 || !URL.canParse(href, from)) return null
      const url = new URL(href, from)
      if (root.protocol === 'https:' && url.protocol === 'http:' && url.hostname === root.hostname) {
        url.protocol = 'https:'
        url.port = root.port
      }
      const isWeb = url.protocol === 'https:' || url.protocol === 'http:'
      return isWeb && whyNotFollowed(root, url) === null ? url : null
    },
    /** @throws AppError as the server or the network failed; back-end where the answer is too long */
    async get(connectionId: string, url: URL, { accept, mostBytes, signal }: Ways): Promise<Fetched> {
      const headers = { accept }
      if (url.origin === rootOf(connectionId).origin) {
        const stream = await connections
          .session(connectionId)
          .read({ path: url.href, headers, signal, priority: 'user' })
        return { bytes: await bytesOf(stream, mostBytes), url: url.href }
      }
      const answer = await http.ask({ url: url.href, headers, signal, priority: 'user' })
      return { bytes: await answer.bytes(mostBytes), url: answer.url }
    },
  }
}
