/**
 * Finds secrets in bytes, in every form in which they travel: as they are, percent-encoded, as base64 wherever it starts,
 * in JSON, in hexadecimal, in UTF-16. Owns: the finding and the judgement of a recorded request.
 * Does not: read the records (check-leaks.mjs) or write them (test/fakes/recorder.ts).
 * Why a table and not indexOf: thousands of secrets are looked for in hundreds of megabytes, in one pass.
 */
import { closeSync, openSync, readSync } from 'node:fs'

const KEY_BYTES = 8
const TABLE_BITS = 22
const CHUNK_BYTES = 4 * 2 ** 20

const base64Inside = (bytes, offset) => {
  const padded = Buffer.concat([Buffer.alloc(offset), bytes])
    .toString('base64')
    .replaceAll('=', '')
  // characters that also hold bits of what stands before or after the secret say nothing
  const first = offset === 0 ? 0 : offset + 1
  const last = Math.floor(((offset + bytes.length) * 8) / 6)
  return padded.slice(first, last)
}

/** Every form of a secret: `[form, bytes]`, each once, none shorter than 8 bytes. */
export function formsOf(value) {
  const bytes = Buffer.from(value)
  const texts = [
    ['as it is', value],
    ['percent-encoded', encodeURIComponent(value)],
    ['form-encoded', new URLSearchParams([['', value]]).toString().slice(1)],
    ['JSON', JSON.stringify(value).slice(1, -1)],
    ['hexadecimal', bytes.toString('hex')],
    ...[0, 1, 2].flatMap((offset) => {
      const text = base64Inside(bytes, offset)
      return [
        ['base64', text],
        ['base64url', text.replaceAll('+', '-').replaceAll('/', '_')],
        ['base64, percent-encoded', encodeURIComponent(text)],
      ]
    }),
  ]
  const forms = new Map()
  for (const [form, text] of texts) if (text.length >= KEY_BYTES && !forms.has(text)) forms.set(text, form)
  return [...[...forms].map(([text, form]) => [form, Buffer.from(text)]), ['UTF-16', Buffer.from(value, 'utf16le')]]
}

const slotOf = (low, high) => (Math.imul(low, 0x9e3779b1) ^ Math.imul(high, 0x85ebca77)) >>> (32 - TABLE_BITS)

/**
 * Looks for all secrets at once. `find(bytes, mayContain?)` gives `[{ secret, form, at }]`, each secret once.
 * The last 8 bytes of a form are its key: beginnings are alike (`eyJ…`, `token-…`), ends are random.
 */
export function createFinder(secrets) {
  const table = new Uint8Array(2 ** TABLE_BITS)
  const byKey = new Map()
  let longest = KEY_BYTES
  for (const secret of secrets)
    for (const [form, bytes] of formsOf(secret.value)) {
      const end = bytes.length - KEY_BYTES
      table[slotOf(bytes.readInt32LE(end), bytes.readInt32LE(end + 4))] = 1
      const key = bytes.toString('latin1', end)
      byKey.set(key, [...(byKey.get(key) ?? []), { secret, form, bytes }])
      longest = Math.max(longest, bytes.length)
    }

  function find(bytes) {
    const found = new Map()
    let low = 0
    let high = 0
    for (let at = 0; at < bytes.length; at++) {
      low = (low >>> 8) | (high << 24)
      high = (high >>> 8) | (bytes[at] << 24)
      if (table[slotOf(low, high)] === 0 || at < KEY_BYTES - 1) continue
      for (const one of byKey.get(bytes.toString('latin1', at - KEY_BYTES + 1, at + 1)) ?? []) {
        const first = at + 1 - one.bytes.length
        if (first < 0 || found.has(one.secret) || bytes.compare(one.bytes, 0, one.bytes.length, first, at + 1) !== 0)
          continue
        found.set(one.secret, { secret: one.secret, form: one.form, at: first })
      }
    }
    return [...found.values()]
  }

  /** A file of any size, piece by piece. */
  function findInFile(path) {
    const file = openSync(path, 'r')
    const found = new Map()
    let byteCount = 0
    try {
      const buffer = Buffer.allocUnsafe(CHUNK_BYTES + longest)
      let kept = 0
      for (let read = 1; read > 0; ) {
        read = readSync(file, buffer, kept, CHUNK_BYTES, null)
        byteCount += read
        const filled = kept + read
        for (const hit of find(buffer.subarray(0, filled)))
          if (!found.has(hit.secret)) found.set(hit.secret, { ...hit, at: byteCount - filled + hit.at })
        kept = Math.min(longest - 1, filled)
        buffer.copyWithin(0, filled - kept, filled)
      }
    } finally {
      closeSync(file)
    }
    return { hits: [...found.values()], byteCount }
  }
  return { find, findInFile }
}

/** The secrets in one recorded request: `here` may see them, `stray` may not; `[{ secret, form }]` each. */
export function secretsOf({ method, url, headers, body, origin }, finder) {
  const head = `${method} ${url}\n${headers.join('\n')}\n`
  const hits = finder.find(Buffer.concat([Buffer.from(head), Buffer.from(body, 'latin1')]))
  const isStray = ({ secret }) => !secret.origins.includes(origin)
  return { here: hits.filter((hit) => !isStray(hit)), stray: hits.filter(isStray) }
}

/** Secrets of all processes; the same value told by several may go where any of them says. */
export function mergeSecrets(secrets) {
  const merged = new Map()
  for (const { name, value, origins } of secrets) {
    const known = merged.get(value)
    merged.set(value, {
      name: known?.name ?? name,
      value,
      origins: [...new Set([...(known?.origins ?? []), ...origins])],
    })
  }
  return [...merged.values()]
}

/** `token of python-driver (base64)`: never the value. */
export const nameHit = ({ secret, form }) => `${secret.name} (${form})`
