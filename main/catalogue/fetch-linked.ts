/**
 * Fetches what the document of an entry links to, at the back-end or elsewhere.
 * Owns: the rule of origins: credentials go to the back-end's own origin only, and no document leads from the internet to
 * this computer, its network, or from https to http. Does not: keep anything.
 */
import type { ConnectionsFeature } from '../connections/index.ts'
import { AppError } from '../core/errors.ts'
import type { Http } from '../core/http/index.ts'
import { whyNotFollowed } from '../raster/web-address.ts'
import { linkOf } from './links.ts'

export type FetchLinked = ReturnType<typeof createFetchLinked>
export type Fetched = { bytes: Uint8Array; url: string }
/** Whose document it is. */
type DocumentOf = { connectionId: string; kind: string; id: string }
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
  function resolve(connectionId: string, href: string, base?: string): URL | null {
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
  }
  /** null: longer than that. */
  async function getUpTo(connectionId: string, url: URL, ways: Ways): Promise<Fetched | null> {
    const { accept, mostBytes, signal } = ways
    const headers = { accept }
    const root = rootOf(connectionId)
    if (url.origin === root.origin) {
      const stream = await connections.session(connectionId).read({ path: url.href, headers, signal, priority: 'user' })
      const bytes = await bytesWithin(stream, mostBytes)
      return bytes && { bytes, url: url.href }
    }
    const mayLeadTo = (to: URL) => whyNotFollowed(root, to) === null
    const answer = await http.ask({ url: url.href, headers, signal, mayLeadTo, priority: 'user' })
    const bytes = await bytesWithin(answer, mostBytes)
    return bytes && { bytes, url: answer.url }
  }
  return {
    /** The absolute address of a link; null where it must not be followed. `base`: the document that has the link. */
    resolve,
    rootOf,
    /** Where a document of an entry is, against which its relative links are read: its own word for it, where it counts. */
    addressOf({ connectionId, kind, id }: DocumentOf, document: unknown): string {
      const root = rootOf(connectionId).href
      const own = kind === 'collection' ? new URL(`collections/${encodeURIComponent(id)}`, root).href : root
      const self = linkOf(document, ['self'])
      return (self && resolve(connectionId, self.href, own)?.href) || own
    },
    isOwnOrigin: (connectionId: string, url: URL): boolean => url.origin === rootOf(connectionId).origin,
    getUpTo,
    /** @throws AppError as the server or the network failed; back-end where the answer is too long */
    async get(connectionId: string, url: URL, ways: Ways): Promise<Fetched> {
      const fetched = await getUpTo(connectionId, url, ways)
      if (!fetched) throw new AppError('back-end', 'The answer of the server is too long.', { retry: 'never' })
      return fetched
    },
  }
}

/** null where there are more; what comes after is not read. */
async function bytesWithin(
  { body, cancel }: { body: AsyncIterable<Uint8Array>; cancel(): void },
  mostBytes: number,
): Promise<Uint8Array | null> {
  const parts: Uint8Array[] = []
  let byteCount = 0
  for await (const part of body) {
    byteCount += part.length
    if (byteCount > mostBytes) {
      cancel()
      return null
    }
    parts.push(part)
  }
  return Buffer.concat(parts, byteCount)
}
