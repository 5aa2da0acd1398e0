/**
 * What a server's answer to a download means: pure decisions.
 * Owns: the rules of ranges and validators (RFC 9110 §13.1.5, §14, §15.3.7, §15.5.17). Does not: read bodies.
 */
export type Known = {
  /** Bytes that are safe on disk; the request asked for the rest. */
  position: number
  etag: string | null
  lastModified: string | null
  totalBytes: number | null
  mediaType: string | null
}
export type Answered = { status: number; header(name: string): string | null }
export type Judgement =
  /** The rest from `position`. */
  | { do: 'go-on'; totalBytes: number | null }
  /** The whole file; what is on disk is given up. */
  | { do: 'from-start'; totalBytes: number | null }
  /** Nothing is missing. */
  | { do: 'complete' }
  /** The server has another file now, or answered another range than was asked: ask again for all of it. */
  | { do: 'ask-whole' }
  /** The link may have expired. */
  | { do: 'renew' }
  | { do: 'fail'; because: 'page' | 'packed' | 'status' }

/** Only a strong ETag says that bytes are the same; a date does where there is none. Undefined: cannot be resumed. */
export const validatorOf = (known: Pick<Known, 'etag' | 'lastModified'>): string | undefined =>
  known.etag !== null && !known.etag.startsWith('W/') ? known.etag : (known.lastModified ?? undefined)

// `bytes 5-9/10`, `bytes 5-9/*` or, with 416, `bytes */10`
export function contentRange(text: string | null): { first?: number; last?: number; total?: number } | undefined {
  const match = /^bytes\s+(?:(\d+)-(\d+)|\*)\/(\d+|\*)$/i.exec(text?.trim() ?? '')
  if (!match) return undefined
  const [, first, last, total] = match
  return {
    ...(first === undefined ? {} : { first: Number(first), last: Number(last) }),
    ...(total === '*' ? {} : { total: Number(total) }),
  }
}

const RENEWABLE = new Set([400, 401, 403, 404, 410])
const isPage = (mediaType: string | null) => /^(text\/html|application\/xhtml)/i.test(mediaType ?? '')
const sizeOf = (text: string | null) => (text !== null && /^\d+$/.test(text) ? Number(text) : null)

export function judgeAnswer(known: Known, answer: Answered): Judgement {
  const { status } = answer
  if (RENEWABLE.has(status)) return { do: 'renew' }
  if (status === 412) return { do: 'ask-whole' }
  const etag = answer.header('etag')
  const isOtherTag = known.etag !== null && etag !== null && etag !== known.etag
  if (status === 416) {
    const { total } = contentRange(answer.header('content-range')) ?? {}
    return !isOtherTag && total === known.position && known.position > 0 ? { do: 'complete' } : { do: 'ask-whole' }
  }
  if (status !== 200 && status !== 206) return { do: 'fail', because: 'status' }
  if (isPage(answer.header('content-type')) && !isPage(known.mediaType)) return { do: 'fail', because: 'page' }
  const encoding = answer.header('content-encoding')
  if (encoding !== null && encoding !== '' && encoding.toLowerCase() !== 'identity')
    return { do: 'fail', because: 'packed' }
  if (status === 200) return { do: 'from-start', totalBytes: sizeOf(answer.header('content-length')) }
  const range = contentRange(answer.header('content-range'))
  const isOther =
    isOtherTag || (range?.total !== undefined && known.totalBytes !== null && range.total !== known.totalBytes)
  if (range?.first !== known.position || known.position === 0 || isOther) return { do: 'ask-whole' }
  return { do: 'go-on', totalBytes: range.total ?? known.totalBytes }
}

/** Whether bytes that should be data begin as a web page does. */
export const looksLikePage = (firstBytes: Uint8Array): boolean =>
  /^(\ufeff)?\s*<(!doctype\s+html|html[\s>])/i.test(Buffer.from(firstBytes.subarray(0, 200)).toString('utf8'))

/** Tries of one download without getting on, and waits between them. */
export const MOST_TRIES = 6
export const waitBeforeTry = (n: number, random: number) => Math.min(500 * 2 ** (n - 1), 15_000) * (0.5 + random / 2)
