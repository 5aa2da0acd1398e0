/**
 * Takes secrets out of everything that is written down or shown: log, request log, errors, diagnostics.
 * Owns: the values registered as secret in this process and the patterns that give a secret away.
 * Does not: keep secrets (secrets.ts). Registered values live in memory only, to be recognised.
 * Why both: a registered value is found wherever it stands and in whatever form; a pattern finds what nobody registered.
 */
import { createKnownSecrets } from './known-secrets.ts'

export type Redactor = {
  /** From now on this value never passes; nor do its base64, URL-encoded and JSON-escaped forms. */
  addSecret(value: string): void
  /** The text with every secret replaced. */
  text(text: string): string
  /** A copy of any value, safe for JSON: secrets replaced, cycles cut, errors as objects, size bounded. */
  value(value: unknown): unknown
}

export const REDACTED = '[redacted]'
const LONGEST_TEXT = 20_000
/** Beyond this a text is not even looked at. Every pattern below is linear: their repetitions are bounded or disjoint. */
const LONGEST_READ = 1_000_000
const MOST_ENTRIES = 200
const DEEPEST = 8

const QUERY_NAMES = [
  'x-amz-signature',
  'x-amz-credential',
  'x-amz-security-token',
  'x-goog-signature',
  'x-goog-credential',
  'awsaccesskeyid',
  'googleaccessid',
  'signature',
  'sig',
  'token',
  '[a-z_-]{0,30}[_-]token',
  'password',
  'passwd',
  'pwd',
  'secret',
  '[a-z_-]{0,30}[_-]secret',
  'key',
  'api[_-]?key',
  'subscription-key',
  'code',
  '[a-z]{1,30}_code',
  'code_verifier',
  'client_assertion',
  'assertion',
].join('|')
const HEADER_NAMES = 'authorization|proxy-authorization|cookie|set-cookie|x-api-key|x-auth-token|x-amz-security-token'
const KEY_NAMES =
  /^(.*authorization|(set)?cookie|.*password|passwd|passphrase|.*secret|.*token|.*apikey|.*signature|.*privatekey|secretaccesskey|accesskeyid|.*credential(s)?|xamzcredential|devicecode|codeverifier|assertion)$/

const PATTERNS: [RegExp, string][] = [
  [/\beyJ[\w-]{5,}\.[\w-]{2,}(\.[\w-]*)?/g, REDACTED],
  [new RegExp(`\\b(${HEADER_NAMES})(["']?\\s*[:=]\\s*)[^\\r\\n]+`, 'gi'), `$1$2${REDACTED}`],
  [/\b(bearer|basic|digest|dpop|negotiate)([ \t]+)(?!\[redacted\])[\w.~+/=:%-]{3,}/gi, `$1$2${REDACTED}`],
  [/\b([a-z][a-z\d+.-]{0,30}:\/\/)[^\s/?#@"'<>]{0,1000}(?::[^\s/?#"'<>]{0,8000})?@/gi, `$1${REDACTED}@`],
  [new RegExp(`(^|[?&;#\\s"'])(${QUERY_NAMES})=(?!\\[redacted\\])[^&#;\\s"'<>]+`, 'gi'), `$1$2=${REDACTED}`],
  [new RegExp(`(["'])(${QUERY_NAMES})\\1(\\s*:\\s*)"(?:[^"\\\\]|\\\\.)*"`, 'gi'), `$1$2$1$3"${REDACTED}"`],
]

/** A redactor without any registered secret; patterns work from the start. */
export function createRedactor(): Redactor {
  const known = createKnownSecrets()

  function text(whole: string): string {
    whole = known.replace(whole, REDACTED)
    for (const [pattern, replacement] of PATTERNS) whole = whole.replace(pattern, replacement)
    return whole
  }
  const bounded = (whole: string) => {
    if (whole.length > LONGEST_READ) return `[${whole.length} characters]`
    const clean = text(whole)
    return clean.length > LONGEST_TEXT ? `${clean.slice(0, LONGEST_TEXT)}… (${clean.length} characters)` : clean
  }

  function entries(value: object, depth: number, seen: object[]): Record<string, unknown> {
    const copy: Record<string, unknown> = {}
    for (const [key, inner] of Object.entries(value).slice(0, MOST_ENTRIES)) {
      const isSecret = KEY_NAMES.test(key.toLowerCase().replace(/[_-]/g, '')) && inner !== null && inner !== undefined
      copy[bounded(key)] = isSecret && typeof inner !== 'boolean' ? REDACTED : copyOf(inner, depth + 1, seen)
    }
    return copy
  }

  function copyOf(value: unknown, depth: number, seen: object[]): unknown {
    if (typeof value === 'string') return bounded(value)
    if (typeof value === 'bigint' || typeof value === 'symbol') return bounded(String(value))
    if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
    if (typeof value === 'function') return '[function]'
    if (value === null || typeof value !== 'object') return value
    if (seen.includes(value)) return '[circular]'
    if (depth > DEEPEST) return '[deeper]'
    const path = [...seen, value]
    if (value instanceof Error) {
      const { name, message, stack, cause } = value
      const rest = entries(value, depth, path)
      return copyShape({ name, message, stack, cause }, rest, depth, path)
    }
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString()
    if (value instanceof URL) return bounded(value.href)
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`
    if (value instanceof Map) return entries(Object.fromEntries(value), depth, path)
    if (value instanceof Headers) return entries(Object.fromEntries(value), depth, path)
    if (value instanceof Set) return copyOf([...value], depth, seen)
    if (Array.isArray(value)) return value.slice(0, MOST_ENTRIES).map((inner) => copyOf(inner, depth + 1, path))
    return entries(value, depth, path)
  }
  function copyShape(shape: object, rest: Record<string, unknown>, depth: number, seen: object[]) {
    const stated = Object.fromEntries(Object.entries(shape).filter(([, inner]) => inner !== undefined))
    return { ...rest, ...entries(stated, depth, seen) }
  }

  return {
    addSecret: known.add,
    text,
    value(value) {
      try {
        return copyOf(value, 0, [])
      } catch {
        return '[unreadable]' // a getter that throws, a revoked proxy
      }
    },
  }
}
