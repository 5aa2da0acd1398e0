/**
 * XML as a tree, as far as capabilities need it: elements by their local names, the insides of their tags, their text.
 * One pass, no regular expression over the whole: time grows with the length alone, whatever a server sends. No entities
 * but the five of XML, no document types, nothing is fetched. What is not well-formed ends the reading where it is, or
 * counts for nothing.
 */
export type XmlElement = { name: string; tag: string; children: XmlElement[]; text: string }

const MOST_DEPTH = 60
const MOST_ELEMENTS = 400_000
const MOST_NAME = 200

const ENTITIES = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
])
const decoded = (text: string) =>
  text.includes('&') ? text.replace(/&(amp|lt|gt|quot|apos);/g, (all, name: string) => ENTITIES.get(name) ?? all) : text

/** The root holds the document's own element; null where it is nested too deep or too long to be read here. */
export function readXml(xml: string): XmlElement | null {
  const root: XmlElement = { name: '', tag: '', children: [], text: '' }
  const open = [root]
  let count = 0
  let at = 0
  const addText = (to: number) => {
    const top = open.at(-1) as XmlElement
    // of elements that hold others the text means nothing here
    if (to > at && top.children.length === 0 && top !== root) top.text += decoded(xml.slice(at, to))
  }
  while (at < xml.length) {
    const start = xml.indexOf('<', at)
    if (start < 0) break
    addText(start)
    if (xml.startsWith('<!--', start)) at = after(xml, '-->', start + 4)
    else if (xml.startsWith('<![CDATA[', start)) {
      at = after(xml, ']]>', start + 9)
      const top = open.at(-1) as XmlElement
      if (top.children.length === 0) top.text += xml.slice(start + 9, at - 3)
    } else if (xml[start + 1] === '?' || xml[start + 1] === '!') at = after(xml, '>', start + 2)
    else {
      const end = endOfTag(xml, start + 1)
      at = end + 1
      if (end >= xml.length) break
      if (xml[start + 1] === '/') {
        close(open, localName(xml, start + 2, end))
        continue
      }
      if (++count > MOST_ELEMENTS || open.length > MOST_DEPTH) return null
      const isEmpty = xml[end - 1] === '/'
      const tag = xml.slice(start + 1, isEmpty ? end - 1 : end)
      const element: XmlElement = { name: localName(xml, start + 1, end), tag, children: [], text: '' }
      ;(open.at(-1) as XmlElement).children.push(element)
      if (!isEmpty) open.push(element)
    }
  }
  return root
}

function after(xml: string, mark: string, from: number): number {
  const found = xml.indexOf(mark, from)
  return found < 0 ? xml.length : found + mark.length
}
/** Where a tag ends; `>` within quotes is part of a value. */
function endOfTag(xml: string, from: number): number {
  let quote = 0
  let at = from
  for (; at < xml.length; at++) {
    const c = xml.charCodeAt(at)
    if (quote) {
      if (c === quote) quote = 0
    } else if (c === 0x22 || c === 0x27) quote = c
    else if (c === 0x3e) break
  }
  return at
}
function localName(xml: string, from: number, end: number): string {
  const longest = xml.slice(from, Math.min(end, from + MOST_NAME))
  const name = /^[^\s/>]*/.exec(longest)?.[0] ?? ''
  return name.slice(name.lastIndexOf(':') + 1)
}
/** An end without its beginning counts for nothing. The depth is bounded, and so is this. */
function close(open: XmlElement[], name: string): void {
  for (let i = open.length - 1; i > 0; i--)
    if (open[i]?.name === name) {
      open.length = i
      return
    }
}

export const childrenOf = (element: XmlElement | undefined, name: string): XmlElement[] =>
  (element?.children ?? []).filter((child) => child.name === name)
/** The trimmed text of the first child of this name; '' where there is none. */
export const textOf = (element: XmlElement | undefined, name: string): string =>
  (element?.children.find((child) => child.name === name)?.text ?? '').trim()
/** The value of an attribute, whatever its prefix; '' where there is none. */
export function attributeOf(element: XmlElement, name: string): string {
  for (const [, key = '', , double, single] of element.tag.matchAll(
    /\s([\w:.-]{1,100})\s{0,9}=\s{0,9}("([^"]*)"|'([^']*)')/g,
  ))
    if (key.slice(key.lastIndexOf(':') + 1) === name) return decoded(double ?? single ?? '').trim()
  return ''
}
