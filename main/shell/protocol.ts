/**
 * The scheme `app:`, from which the window loads itself: `app://ui/…` is the bundle in out/renderer; and the pictures of
 * `app://tiles/…` and `app://media/…` (pictures.ts).
 * Owns: path checks, content types and the Content-Security-Policy. Does not: fetch or keep pictures.
 */
import { readFile } from 'node:fs/promises'
import { extname, join, normalize, sep } from 'node:path'
import { protocol } from 'electron'
import { answerPicture, type PictureSource } from './pictures.ts'

/** The window loads from here, and its policy allows nothing else. */
export const UI_ORIGIN = 'app://ui'

/**
 * No network, no inline script or style, no eval, no data: addresses. blob: holds pictures that the window makes; tiles
 * are also fetched, because their pixels go to the GPU.
 */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: app://tiles app://media",
  "font-src 'self'",
  "connect-src 'self' app://tiles",
  "worker-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-src 'none'",
  "frame-ancestors 'none'",
].join('; ')

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.bin': 'application/octet-stream',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
}

/** To be called before the application is ready. */
export function declareScheme(): void {
  protocol.registerSchemesAsPrivileged([
    {
      scheme: 'app',
      // corsEnabled: app://ui may ask app://tiles, which names app://ui as the one that may read its answers
      privileges: { standard: true, secure: true, supportFetchAPI: true, corsEnabled: true, codeCache: true },
    },
  ])
}

/** The file for an address, or null where it is not one of the bundle. Never leaves `rootDir`. */
export function assetPath(rootDir: string, address: string): string | null {
  if (!URL.canParse(address)) return null
  const url = new URL(address)
  if (url.protocol !== 'app:' || url.host !== 'ui') return null
  let path: string
  try {
    path = decodeURIComponent(url.pathname)
  } catch {
    return null
  }
  if (path.includes('\0') || path.includes('\\')) return null
  const full = normalize(join(rootDir, path === '/' ? 'index.html' : path))
  return full.startsWith(rootDir + sep) && TYPES[extname(full)] ? full : null
}

let pictures: PictureSource | undefined
/** Answers `app://tiles/…` and `app://media/…` from here on; until then there are none. */
export function servePictures(source: PictureSource): void {
  pictures = source
}

/** Answers `app://ui/…` from the folder. `windowOrigin` is another one while the window is developed. */
export function serveBundle(rootDir: string, windowOrigin = UI_ORIGIN): void {
  const notFound = () => new Response('not found', { status: 404 })
  protocol.handle('app', async (request) => {
    if (URL.canParse(request.url) && new URL(request.url).host !== 'ui')
      return answerPicture(request, pictures, windowOrigin)
    const file = request.method === 'GET' ? assetPath(rootDir, request.url) : null
    if (!file) return notFound()
    try {
      const body = await readFile(file)
      return new Response(new Uint8Array(body), {
        headers: {
          'content-type': TYPES[extname(file)] as string,
          'content-security-policy': CONTENT_SECURITY_POLICY,
          'x-content-type-options': 'nosniff',
          'cross-origin-opener-policy': 'same-origin',
          'cross-origin-resource-policy': 'same-origin',
          'referrer-policy': 'no-referrer',
        },
      })
    } catch {
      return notFound()
    }
  })
}
