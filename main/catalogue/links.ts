/**
 * What the documents of entries link to: items, queryables, previews, thumbnails. Pure.
 * Sources: STAC 1.0/1.1 (links, assets and their roles), STAC web map links extension 1.1 (xyz, wmts, tilejson), OGC API
 * Features part 3 (queryables).
 */
type Loose = Record<string, unknown>
const object = (value: unknown): Loose =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Loose) : {}
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])
const text = (value: unknown): string => (typeof value === 'string' ? value : '')

export type Link = { rel: string; href: string; type: string; title: string; whole: Loose }
export const QUERYABLES_RELS = ['http://www.opengis.net/def/rel/ogc/1.0/queryables', 'queryables']

export const ITEMS_RELS = ['items']

export const linksOf = (document: unknown): Link[] =>
  list(object(document).links)
    .map(object)
    .map((link) => ({
      rel: text(link.rel),
      href: text(link.href),
      type: text(link.type).toLowerCase(),
      title: text(link.title),
      whole: link,
    }))
    .filter(({ href }) => href !== '')

export const linkOf = (document: unknown, rels: readonly string[]): Link | undefined =>
  linksOf(document).find(({ rel }) => rels.includes(rel))

/** Types that the window may be shown; others (SVG, TIFF) are not pictures to it. */
const PICTURE = /^image\/(png|jpe?g|webp|gif|avif)\b/
const isPicture = (type: string, href: string) =>
  PICTURE.test(type) || (type === '' && /\.(png|jpe?g|webp|gif|avif)($|[?#])/i.test(href))

/** Thumbnails and overviews among the assets, best first. */
export function picturesOfAssets(document: unknown): { href: string; title: string }[] {
  const found = Object.entries(object(object(document).assets)).flatMap(([key, value]) => {
    const asset = object(value)
    const href = text(asset.href)
    const roles = list(asset.roles)
    const rank = roles.includes('thumbnail') || key === 'thumbnail' ? 0 : roles.includes('overview') ? 1 : null
    return href !== '' && rank !== null && isPicture(text(asset.type).toLowerCase(), href)
      ? [{ href, title: text(asset.title) || key, rank }]
      : []
  })
  return found.sort((a, b) => a.rank - b.rank)
}

export type PreviewLink = {
  kind: 'xyz' | 'wmts' | 'tilejson' | 'picture'
  href: string
  title: string
  attribution: string | null
  /** Of `{s}` in the address. */
  servers: string[]
  /** WMTS: the layer; '' is the first that fits. */
  layer: string
  dimensions: Record<string, string>
}

/** Ways to look at a collection or item, as its links and assets state them; at most 50. */
export function previewLinks(document: unknown): PreviewLink[] {
  const fromLinks = linksOf(document).flatMap(({ rel, href, type, title, whole }): PreviewLink[] => {
    const common = {
      href,
      title: title || rel,
      attribution: text(whole.attribution) || null,
      servers: list(whole['href:servers']).map(text).filter(Boolean).slice(0, 20),
      layer: '',
      dimensions: {},
    }
    if (rel === 'xyz' || rel === 'tilejson') return [{ ...common, kind: rel }]
    if (rel === 'wmts') {
      const stated = whole['wmts:layer']
      const layers = (Array.isArray(stated) ? stated : [stated]).map(text).filter(Boolean).slice(0, 20)
      const dimensions = Object.fromEntries(
        Object.entries(object(whole['wmts:dimensions'])).map(([name, value]) => [name, text(value)]),
      )
      return (layers.length > 0 ? layers : ['']).map((layer) => ({
        ...common,
        kind: 'wmts',
        title: layers.length > 1 ? `${common.title}: ${layer}` : common.title,
        layer,
        dimensions,
      }))
    }
    const isPreview = rel === 'preview' || rel === 'thumbnail'
    return isPreview && isPicture(type, href) ? [{ ...common, kind: 'picture' }] : []
  })
  const fromAssets = picturesOfAssets(document).map(
    ({ href, title }): PreviewLink => ({
      kind: 'picture',
      href,
      title,
      attribution: null,
      servers: [],
      layer: '',
      dimensions: {},
    }),
  )
  const seen = new Set<string>()
  return [...fromLinks, ...fromAssets]
    .filter(({ kind, href, layer }) => {
      const key = `${kind} ${href} ${layer}`
      return !seen.has(key) && seen.add(key)
    })
    .slice(0, 50)
}

/** How the hosts of `{s}` are named where none are stated. */
export const SERVERS = ['a']

/**
 * The address of a tile from a template with `{z}`, `{x}`, `{y}` (or `{-y}`, counted from the south), `{s}`, and
 * `{quadkey}`; null where it has no place for a tile. Numbers are filled in only, so a template cannot lead elsewhere.
 */
export function tileAddress(template: string, z: number, x: number, y: number, servers: readonly string[]) {
  const isTemplate = /\{z\}/.test(template) && /\{x\}/.test(template) && /\{-?y\}/.test(template)
  if (!isTemplate && !template.includes('{quadkey}')) return null
  const server = servers[(x + y) % Math.max(1, servers.length)] ?? (SERVERS[0] as string)
  return template
    .replaceAll('{z}', String(z))
    .replaceAll('{x}', String(x))
    .replaceAll('{y}', String(y))
    .replaceAll('{-y}', String(2 ** z - 1 - y))
    .replaceAll('{s}', server)
    .replaceAll('{quadkey}', quadkey(z, x, y))
}

/** Bing Maps tile system: a digit of base 4 for each zoom. */
function quadkey(z: number, x: number, y: number): string {
  let key = ''
  for (let level = z; level > 0; level--) {
    const bit = 2 ** (level - 1)
    key += String((Math.floor(x / bit) % 2) + 2 * (Math.floor(y / bit) % 2))
  }
  return key
}
