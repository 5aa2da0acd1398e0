/**
 * The few tags of HTML in Markdown that mean nothing but a format; all other markup stays text. Pure.
 * A tag counts only in its bare form: one with an attribute is text like any other.
 */
import type { Inline } from './nodes.ts'

type Format = 'strong' | 'emphasis' | 'subscript' | 'superscript' | 'code'
const MEANINGS: Record<string, Format> = {
  b: 'strong',
  strong: 'strong',
  i: 'emphasis',
  em: 'emphasis',
  sub: 'subscript',
  sup: 'superscript',
  code: 'code',
}
/** A piece of inline content: a bare tag, words, or what the lexer made. */
export type Piece<T> = { open: Format } | { close: Format } | { isBreak: true } | { text: string } | { inner: T }

const TAG = /<(\/?)(br|b|strong|i|em|sub|sup|code)\s*(\/?)>/gi

/** The pieces of raw HTML, in order. */
export function piecesOfHtml<T>(raw: string): Piece<T>[] {
  const pieces: Piece<T>[] = []
  let at = 0
  for (const found of raw.matchAll(TAG)) {
    const [tag, slash, name = ''] = found
    if (found.index > at) pieces.push({ text: raw.slice(at, found.index) })
    const format = MEANINGS[name.toLowerCase()]
    if (!format) pieces.push(slash ? { text: tag } : { isBreak: true })
    else pieces.push(slash ? { close: format } : { open: format })
    at = found.index + tag.length
  }
  if (at < raw.length) pieces.push({ text: raw.slice(at) })
  return pieces
}

type Makers<T> = {
  /** Whether one more node may be made, so many levels deeper. */
  takes: (within: number) => boolean
  text: (text: string) => Inline[]
  inner: (inner: T, within: number) => Inline[]
}
type Open = { format: Format | null; children: Inline[] }

const writtenTag = (format: Format, isClosing: boolean) =>
  `<${isClosing ? '/' : ''}${Object.keys(MEANINGS).find((name) => MEANINGS[name] === format)}>`

/** Sets tags and their ends in pairs; one without the other becomes text. */
export function paired<T>(pieces: readonly Piece<T>[], make: Makers<T>): Inline[] {
  const root: Open = { format: null, children: [] }
  const open: Open[] = [root]
  const top = () => open.at(-1) as Open
  for (const piece of pieces) {
    if (!make.takes(open.length - 1)) break
    if ('open' in piece) open.push({ format: piece.open, children: [] })
    else if ('close' in piece) closeTag(open, piece.close)
    else if ('isBreak' in piece) top().children.push({ kind: 'break' })
    else if ('text' in piece) top().children.push(...make.text(piece.text))
    else top().children.push(...make.inner(piece.inner, open.length - 1))
  }
  while (open.length > 1) abandon(open)
  return root.children
}

function closeTag(open: Open[], format: Format): void {
  if (!open.some((one) => one.format === format)) {
    open.at(-1)?.children.push({ kind: 'text', text: writtenTag(format, true) })
    return
  }
  while (open.at(-1)?.format !== format) abandon(open)
  const { children } = open.pop() as Open
  open.at(-1)?.children.push(format === 'code' ? { kind: 'code', text: wordsOf(children) } : { kind: format, children })
}

/** The innermost tag has no end: it is text, and what it held moves out. */
function abandon(open: Open[]): void {
  const { format, children } = open.pop() as Open
  if (format) open.at(-1)?.children.push({ kind: 'text', text: writtenTag(format, false) }, ...children)
}

/** What the nodes say, without formats. */
export function wordsOf(nodes: readonly Inline[]): string {
  return nodes
    .map((node) => {
      if ('children' in node) return wordsOf(node.children)
      if (node.kind === 'picture') return node.alt
      return node.kind === 'break' ? '\n' : node.text
    })
    .join('')
}
