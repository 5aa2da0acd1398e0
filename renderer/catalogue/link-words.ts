/** Links of a document (RFC 8288 relations, as STAC and openEO use them) in groups. Pure. */
import type { Json, JsonObject } from '../../preload/contract/vocabulary.ts'
import { objectsOf, own, textOf } from './schema/json.ts'

export type NamedLink = { rel: string; href: string; words: string; note: string; type: string }
export type LinkGroup = { title: string; links: NamedLink[] }

const GROUPS: [title: string, rels: readonly string[]][] = [
  ['About', ['about', 'alternate', 'describedby', 'via', 'related', 'help', 'author', 'publisher', 'cite-as', 'icon']],
  ['Licence', ['license', 'license-terms']],
  ['Examples', ['example', 'examples', 'notebook', 'code']],
  ['Versions', ['latest-version', 'successor-version', 'predecessor-version', 'version-history', 'canonical']],
  [
    'Data',
    [
      'items',
      'item',
      'data',
      'child',
      'xyz',
      'wmts',
      'wms',
      'preview',
      'thumbnail',
      'overview',
      'queryables',
      'http://www.opengis.net/def/rel/ogc/1.0/queryables',
      'enclosure',
      'store',
    ],
  ],
  ['Catalogue', ['self', 'root', 'parent', 'collection']],
]
const MOST = 200

/** The links of a document, absolute where `base` is known. */
export function linksOf(document: JsonObject, base?: string): NamedLink[] {
  return objectsOf(document.links)
    .slice(0, MOST)
    .flatMap((link) => {
      const [rel, href, title, type] = [link.rel, link.href, link.title, link.type].map((value) =>
        textOf(value as Json),
      )
      if (!href) return []
      const absolute = (base && URL.parse(href, base)?.href) || href
      return [
        {
          rel: rel ?? '',
          href: absolute,
          words: title || shortAddress(absolute),
          note: mediaWords(type ?? ''),
          type: type ?? '',
        },
      ]
    })
}

/** The address of the document itself, against which its relative links are read. */
export function selfAddress(document: JsonObject, fallback: string | undefined): string | undefined {
  const self = objectsOf(document.links).find(({ rel }) => rel === 'self')
  const href = textOf(self?.href)
  return href && URL.canParse(href, fallback) ? new URL(href, fallback).href : fallback
}

export function groupLinks(links: readonly NamedLink[]): LinkGroup[] {
  const titleOf = (rel: string) => GROUPS.find(([, rels]) => rels.includes(rel.toLowerCase()))?.[0] ?? 'Others'
  return [...GROUPS.map(([title]) => title), 'Others']
    .map((title) => ({ title, links: links.filter(({ rel }) => titleOf(rel) === title) }))
    .filter((group) => group.links.length > 0)
}

function shortAddress(href: string): string {
  const url = URL.parse(href)
  if (!url) return href
  const short = `${url.host}${url.pathname === '/' ? '' : url.pathname}`
  return short.length > 60 ? `${short.slice(0, 59)}…` : short
}

const MEDIA: Record<string, string> = {
  'text/html': '',
  'application/pdf': 'PDF',
  'application/json': 'JSON',
  'application/geo+json': 'GeoJSON',
  'application/schema+json': 'JSON Schema',
  'application/x-ipynb+json': 'notebook',
  'application/xml': 'XML',
  'text/plain': 'text',
}
const mediaWords = (type: string) => own(MEDIA, type.split(';')[0]?.trim() ?? '') ?? type
