/**
 * Which bytes of a file a request wants: Range, If-Range, If-None-Match.
 * Owns: the decision. Source: RFC 9110, sections 13 and 14. Several ranges in one request are answered whole.
 */
export type FileState = { etag: string; modified: Date; sizeBytes: number }
export type RangeDecision =
  | { do: 'whole' }
  | { do: 'part'; from: number; to: number }
  | { do: 'not-modified' }
  | { do: 'refuse' }

const weakly = (tag: string) => tag.trim().replace(/^W\//, '')
const toSeconds = (date: Date) => Math.floor(date.getTime() / 1000)

function isCurrent(ifRange: string, file: FileState): boolean {
  if (ifRange.startsWith('"')) return ifRange === file.etag
  if (ifRange.startsWith('W/')) return false
  return Date.parse(ifRange) / 1000 === toSeconds(file.modified)
}

export function decideRange(header: (name: string) => string | undefined, file: FileState): RangeDecision {
  const noneMatch = header('if-none-match')
  if (noneMatch !== undefined) {
    const isKnown = noneMatch.trim() === '*' || noneMatch.split(',').some((tag) => weakly(tag) === file.etag)
    if (isKnown) return { do: 'not-modified' }
  } else {
    const since = Date.parse(header('if-modified-since') ?? '')
    if (!Number.isNaN(since) && toSeconds(file.modified) <= since / 1000) return { do: 'not-modified' }
  }
  const match = /^bytes=(\d*)-(\d*)$/.exec((header('range') ?? '').replaceAll(' ', ''))
  if (!match || (match[1] === '' && match[2] === '')) return { do: 'whole' }
  const ifRange = header('if-range')
  if (ifRange !== undefined && !isCurrent(ifRange.trim(), file)) return { do: 'whole' }
  const [, first = '', last = ''] = match
  const from = first === '' ? Math.max(0, file.sizeBytes - Number(last)) : Number(first)
  const to = first === '' || last === '' ? file.sizeBytes - 1 : Math.min(Number(last), file.sizeBytes - 1)
  if (first !== '' && last !== '' && Number(last) < Number(first)) return { do: 'whole' }
  if (from >= file.sizeBytes || (first === '' && Number(last) === 0)) return { do: 'refuse' }
  return { do: 'part', from, to }
}
