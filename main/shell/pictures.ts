/**
 * `app://tiles/ID/z/x/y` and `app://media/ID`: pictures of servers for the window, which talks to no server itself.
 * Owns: what counts as an address and as a picture, and the headers. Does not: fetch, keep, or know what an id means.
 * The kind is read from the bytes (picture-kinds.ts): an SVG or a page must not reach the window as a picture.
 */
import { pictureKind } from './picture-kinds.ts'

/** Who has the pictures. Ids are made by it and mean nothing to the window; bytes come as the server sent them. */
export type PictureSource = {
  /** XYZ, origin in the north-west. null: there is no such id, or no picture at this place. */
  tile(id: string, z: number, x: number, y: number, signal: AbortSignal): Promise<Uint8Array | null>
  /** null: there is no such id. */
  media(id: string, signal: AbortSignal): Promise<Uint8Array | null>
}
export type PictureAddress =
  | { kind: 'tile'; id: string; z: number; x: number; y: number }
  | { kind: 'media'; id: string }

export const MOST_PICTURE_BYTES = 10_000_000
/** Decoded, each pixel takes four bytes: 64 MB for a picture, 16 MB for a tile, of which a map shows dozens. */
export const MOST_PIXELS = { media: 16_000_000, tile: 2_048 * 2_048 }
const LARGEST_ZOOM = 30

/** undefined where it is no address of a picture. The id has 16 to 64 characters of base64url. */
export function pictureAddress(address: string): PictureAddress | undefined {
  const match = /^app:\/\/(tiles|media)\/([\w-]{16,64})(?:\/(\d{1,2})\/(\d{1,10})\/(\d{1,10}))?$/.exec(address)
  if (!match) return undefined
  const [, host, id = '', ...place] = match
  if (host === 'media') return place[0] === undefined ? { kind: 'media', id } : undefined
  if (place[0] === undefined) return undefined
  const [z = 0, x = 0, y = 0] = place.map(Number)
  return z <= LARGEST_ZOOM && x < 2 ** z && y < 2 ** z ? { kind: 'tile', id, z, x, y } : undefined
}

/** Nothing in an answer can run. */
const GUARDS = {
  'content-security-policy': "default-src 'none'; sandbox",
  'x-content-type-options': 'nosniff',
  // the window's origin is another host of the same scheme
  'cross-origin-resource-policy': 'cross-origin',
  'referrer-policy': 'no-referrer',
}
const refuse = (status: number) => new Response(null, { status, headers: { ...GUARDS, 'cache-control': 'no-store' } })

/**
 * @param windowOrigin who may fetch tiles (their pixels go to the GPU); the policy lets media be shown only
 */
export async function answerPicture(
  request: Pick<Request, 'method' | 'url' | 'signal'>,
  source: PictureSource | undefined,
  windowOrigin: string,
): Promise<Response> {
  const address = request.method === 'GET' ? pictureAddress(request.url) : undefined
  if (address === undefined || source === undefined) return refuse(404)
  let bytes: Uint8Array | null
  try {
    const { id } = address
    bytes =
      address.kind === 'media'
        ? await source.media(id, request.signal)
        : await source.tile(id, address.z, address.x, address.y, request.signal)
  } catch {
    return refuse(502) // who fetches it knows why, and tells
  }
  if (bytes === null) return refuse(404)
  if (bytes.length > MOST_PICTURE_BYTES) return refuse(413)
  const kind = pictureKind(bytes)
  if (kind === undefined) return refuse(415)
  if (kind.pixelCount > MOST_PIXELS[address.kind]) return refuse(413)
  return new Response(new Uint8Array(bytes), {
    headers: {
      ...GUARDS,
      'content-type': kind.type,
      'cache-control': 'private, max-age=3600',
      ...(address.kind === 'tile' ? { 'access-control-allow-origin': windowOrigin } : {}),
    },
  })
}
