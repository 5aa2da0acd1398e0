/**
 * Markdown (CommonMark with tables, by marked's lexer) → the tree of nodes.ts.
 * Owns: what of a text from outside is kept. Raw HTML stays visible text but for a handful of tags that only format;
 * addresses pass address.ts; depth and number of nodes are bounded. Pure; runs in the window and in a worker.
 * Why only the lexer: no HTML is ever made, so none can be wrong.
 */
import { Lexer, type Token, type Tokens } from 'marked'
import { linkAddress, pictureAddress } from './address.ts'
import { decodeReferences } from './character-references.ts'
import { type Block, type Inline, LIMITS, type ListItem, type MarkdownTree } from './nodes.ts'
import { type Piece, paired, piecesOfHtml } from './raw-html.ts'

type Walk = { base: string | undefined; nodes: number; isCut: boolean }

/** The tree of a text; null where it is nested too deeply even to be read. `base` is where relative links begin. */
export function readMarkdown(text: string, base?: string): MarkdownTree | null {
  const isTooLong = text.length > LIMITS.characters
  let tokens: Token[]
  try {
    tokens = Lexer.lex(isTooLong ? text.slice(0, LIMITS.characters) : text, { gfm: true })
  } catch {
    // the lexer calls itself for each level of nesting; thousands of them end its stack
    return null
  }
  const walk: Walk = { base, nodes: 0, isCut: isTooLong }
  return { blocks: outlined(blocksOf(tokens, walk, 0)), isCut: walk.isCut }
}

/** Whether there is room for one more node; from the first that has none on, the text counts as cut. */
function takes(walk: Walk, depth: number): boolean {
  walk.nodes++
  if (walk.nodes <= LIMITS.nodes && depth <= LIMITS.depth) return true
  walk.isCut = true
  return false
}

function blocksOf(tokens: readonly Token[], walk: Walk, depth: number): Block[] {
  const blocks: Block[] = []
  for (const token of tokens) {
    if (token.type === 'space' || token.type === 'def' || token.type === 'checkbox') continue
    if (!takes(walk, depth)) break
    const block = blockOf(token, walk, depth)
    if (block) blocks.push(block)
  }
  return blocks
}

function blockOf(token: Token, walk: Walk, depth: number): Block | null {
  switch (token.type) {
    case 'heading':
      return { kind: 'heading', depth: (token as Tokens.Heading).depth, children: inlineOf(token, walk, depth) }
    case 'code':
      return { kind: 'code', text: (token as Tokens.Code).text }
    case 'blockquote':
      return { kind: 'quote', children: blocksOf((token as Tokens.Blockquote).tokens, walk, depth + 1) }
    case 'list':
      return listOf(token as Tokens.List, walk, depth)
    case 'table':
      return tableOf(token as Tokens.Table, walk, depth)
    case 'hr':
      return { kind: 'rule' }
    case 'html':
      return { kind: 'paragraph', children: inlineOfPieces(piecesOfHtml(token.raw.trim()), walk, depth) }
    default: {
      const children = inlineOf(token, walk, depth)
      return children.length ? { kind: 'paragraph', children } : null
    }
  }
}

function listOf(token: Tokens.List, walk: Walk, depth: number): Block {
  const items: ListItem[] = []
  for (const item of token.items) {
    if (!takes(walk, depth + 1)) break
    items.push({
      isDone: item.task ? item.checked === true : null,
      children: blocksOf(item.tokens, walk, depth + 1),
    })
  }
  return { kind: 'list', isOrdered: token.ordered, start: token.start === '' ? 1 : token.start, items }
}

function tableOf(token: Tokens.Table, walk: Walk, depth: number): Block {
  const cellsOf = (cells: readonly Tokens.TableCell[]) => {
    const read: Inline[][] = []
    for (const cell of cells) {
      if (!takes(walk, depth)) break
      read.push(inlineOf(cell, walk, depth + 1))
    }
    return read
  }
  const header = cellsOf(token.header)
  const rows: Inline[][][] = []
  for (const row of token.rows) {
    if (!takes(walk, depth)) break
    rows.push(cellsOf(row))
  }
  return { kind: 'table', align: token.align, header, rows }
}

const FORMATS: Record<string, 'strong' | 'emphasis' | 'deleted'> = { strong: 'strong', em: 'emphasis', del: 'deleted' }

/** The inline content of a block: its tokens, or its words where the lexer found none in it. */
function inlineOf(token: Token | Tokens.TableCell, walk: Walk, depth: number): Inline[] {
  const { tokens, text } = token as { tokens?: Token[]; text?: string }
  if (!tokens) return text ? [textOf(text)] : []
  const pieces = tokens
    .filter(({ type }) => type !== 'checkbox')
    .flatMap((inner): Piece<Token>[] => (inner.type === 'html' ? piecesOfHtml(inner.raw) : [{ inner }]))
  return inlineOfPieces(pieces, walk, depth)
}

function inlineOfPieces(pieces: readonly Piece<Token>[], walk: Walk, depth: number): Inline[] {
  return paired(pieces, {
    takes: (within) => takes(walk, depth + within),
    text: (text) => [textOf(text)],
    inner: (token, within) => nodesOf(token, walk, depth + within),
  })
}

const textOf = (text: string): Inline => ({ kind: 'text', text: decodeReferences(text) })

function nodesOf(token: Token, walk: Walk, depth: number): Inline[] {
  const format = FORMATS[token.type]
  if (format) return [{ kind: format, children: inlineOf(token, walk, depth + 1) }]
  switch (token.type) {
    case 'br':
      return [{ kind: 'break' }]
    case 'codespan':
      return [{ kind: 'code', text: (token as Tokens.Codespan).text }]
    case 'link':
      return linkOf(token as Tokens.Link, walk, depth)
    case 'image':
      return [pictureOf(token as Tokens.Image, walk)]
    case 'escape':
      return [{ kind: 'text', text: (token as Tokens.Escape).text }]
    default:
      return (token as Tokens.Generic).tokens
        ? inlineOf(token, walk, depth)
        : [textOf((token as Tokens.Text).text ?? token.raw)]
  }
}

/** A picture within a link is set beside it: its button cannot stand inside of another thing to press. */
function linkOf(token: Tokens.Link, walk: Walk, depth: number): Inline[] {
  const inside = inlineOf(token, walk, depth + 1)
  const address = linkAddress(token.href, walk.base)
  if (!address) return inside
  const pictures = inside.flatMap(picturesOf)
  const words = withoutNested(inside)
  const children = words.length ? words : [textOf(pictures.find(({ alt }) => alt)?.alt ?? address.host)]
  return [{ kind: 'link', ...address, children }, ...pictures]
}

type Picture = Extract<Inline, { kind: 'picture' }>
const picturesOf = (node: Inline): Picture[] => {
  if (node.kind === 'picture') return [node]
  return 'children' in node ? node.children.flatMap(picturesOf) : []
}
function withoutNested(nodes: readonly Inline[]): Inline[] {
  return nodes.flatMap((node): Inline[] => {
    if (node.kind === 'picture') return []
    if (node.kind === 'link') return withoutNested(node.children)
    return 'children' in node ? [{ ...node, children: withoutNested(node.children) }] : [node]
  })
}

function pictureOf(token: Tokens.Image, walk: Walk): Inline {
  const address = pictureAddress(token.href, walk.base)
  return { kind: 'picture', href: address?.href ?? null, host: address?.host ?? '', alt: decodeReferences(token.text) }
}

/** Headings of 1 and up without a level left out, whatever the text begins with. */
function outlined(blocks: readonly Block[]): Block[] {
  const open: { written: number; level: number }[] = []
  return blocks.map((block) => {
    if (block.kind !== 'heading') return block
    while (open.length && (open.at(-1)?.written ?? 0) >= block.depth) open.pop()
    const level = (open.at(-1)?.level ?? 0) + 1
    open.push({ written: block.depth, level })
    return { ...block, depth: level }
  })
}
