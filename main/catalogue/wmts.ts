/**
 * WMTS capabilities, as far as tiles in Web Mercator need them (OGC 07-057r7). Pure.
 * A scanner and not an XML parser: no entities of a document type, nothing is fetched, bounded text; what is not
 * understood is left out.
 */
export type WmtsLayer = {
  id: string
  /** Of a tile: with {TileMatrix}, {TileRow}, {TileCol}, everything else filled in. */
  template: string
  /** Zoom → TileMatrix; empty: the zoom itself. */
  matrices: Map<number, string>
}

const MOST_CHARACTERS = 8_000_000
/** Scale of zoom 0 of GoogleMapsCompatible (OGC 07-057r7, annex E.4). */
const TOP_SCALE = 559_082_264.028_717_8
const MERCATOR = /GoogleMapsCompatible|WebMercatorQuad|(EPSG[:/\w.]*?|^)(3857|900913)$/i

/** The insides of all elements of this local name, in order; elements of one name do not hold one another here. */
function elements(xml: string, name: string): { inside: string; tag: string }[] {
  const found: { inside: string; tag: string }[] = []
  const open = new RegExp(`<(?:[\\w.-]{1,40}:)?${name}(?=[\\s/>])[^<>]{0,4000}>`, 'g')
  const close = new RegExp(`</(?:[\\w.-]{1,40}:)?${name}\\s*>`, 'g')
  for (let match = open.exec(xml); match && found.length < 20_000; match = open.exec(xml)) {
    if (match[0].endsWith('/>')) {
      found.push({ inside: '', tag: match[0] })
      continue
    }
    close.lastIndex = open.lastIndex
    const end = close.exec(xml)
    if (!end) break
    found.push({ inside: xml.slice(open.lastIndex, end.index), tag: match[0] })
    open.lastIndex = close.lastIndex
  }
  return found
}
const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
const decoded = (text: string) =>
  text.replace(/&(amp|lt|gt|quot|apos);/g, (_, name: string) => ENTITIES[name] ?? '').trim()
const first = (xml: string, name: string) => decoded(elements(xml, name)[0]?.inside ?? '')
const attribute = (tag: string, name: string) =>
  decoded(
    new RegExp(`\\s${name}\\s*=\\s*("([^"]*)"|'([^']*)')`)
      .exec(tag)
      ?.slice(2)
      .find((v) => v !== undefined) ?? '',
  )

/** The layer of this name (or the first) that has tiles in Web Mercator; null where there is none. */
export function wmtsLayer(
  xml: string,
  wanted: string,
  capabilitiesUrl: string,
  dimensions: Readonly<Record<string, string>>,
): WmtsLayer | null {
  const contents = elements(xml.slice(0, MOST_CHARACTERS), 'Contents')[0]?.inside ?? ''
  for (const { inside } of elements(contents, 'Layer')) {
    // the first Identifier that is no style's
    const id = first(
      inside.replace(/<(?:[\w.-]{1,40}:)?Style[\s>][\s\S]*?<\/(?:[\w.-]{1,40}:)?Style\s*>/g, ''),
      'Identifier',
    )
    if (wanted !== '' && id !== wanted) continue
    const set = matrixSet(
      contents,
      elements(inside, 'TileMatrixSetLink').map((link) => first(link.inside, 'TileMatrixSet')),
    )
    if (!set) continue
    const values = { ...dimensionDefaults(inside), ...dimensions }
    const template = restTemplate(inside) ?? keyValueTemplate(xml, id, inside, capabilitiesUrl, values)
    return {
      id,
      matrices: set.matrices,
      template: filled(template, { ...values, TileMatrixSet: set.id, Style: styleOf(inside), Layer: id }),
    }
  }
  return null
}

const styleOf = (layer: string): string => {
  const styles = elements(layer, 'Style')
  return first(
    (styles.find(({ tag }) => attribute(tag, 'isDefault') === 'true') ?? styles[0])?.inside ?? '',
    'Identifier',
  )
}
const dimensionDefaults = (layer: string): Record<string, string> =>
  Object.fromEntries(
    elements(layer, 'Dimension').map(({ inside }) => [first(inside, 'Identifier'), first(inside, 'Default')]),
  )

function matrixSet(contents: string, linked: string[]): { id: string; matrices: Map<number, string> } | null {
  // definitions follow the layers; inside of layers the same name is only a link
  const definitions = elements(contents.slice(contents.lastIndexOf('TileMatrixSetLink>')), 'TileMatrixSet')
  for (const id of linked) {
    const definition = definitions.find(({ inside }) => first(inside, 'Identifier') === id)?.inside ?? ''
    const system = first(definition, 'SupportedCRS').replace(/:+/g, ':')
    if (!MERCATOR.test(id) && !MERCATOR.test(system)) continue
    const matrices = new Map<number, string>()
    for (const { inside } of elements(definition, 'TileMatrix')) {
      const zoom = Math.log2(TOP_SCALE / Number(first(inside, 'ScaleDenominator')))
      if (Math.abs(zoom - Math.round(zoom)) < 0.01) matrices.set(Math.round(zoom), first(inside, 'Identifier'))
    }
    return { id, matrices }
  }
  return null
}

function restTemplate(layer: string): string | null {
  const tiles = elements(layer, 'ResourceURL').filter(({ tag }) => attribute(tag, 'resourceType') === 'tile')
  const picture = tiles.find(({ tag }) => /^image\/(png|jpe?g|webp)/.test(attribute(tag, 'format'))) ?? tiles[0]
  return (picture && attribute(picture.tag, 'template')) || null
}
/** For services without templates: GetTile with keys and values, at the address that the document states for it. */
function keyValueTemplate(xml: string, id: string, layer: string, at: string, values: Record<string, string>): string {
  const operation = elements(xml, 'Operation').find(({ tag }) => attribute(tag, 'name') === 'GetTile')
  const href = operation && elements(operation.inside, 'Get')[0]
  const url = new URL((href && attribute(href.tag, '(?:\\w+:)?href')) || at, at)
  for (const key of [...url.searchParams.keys()])
    if (/^(service|request|version)$/i.test(key)) url.searchParams.delete(key)
  const format = elements(layer, 'Format').map(({ inside }) => decoded(inside))
  const query = {
    SERVICE: 'WMTS',
    REQUEST: 'GetTile',
    VERSION: '1.0.0',
    LAYER: id,
    FORMAT: format.find((type) => /^image\/(png|jpe?g|webp)/.test(type)) ?? 'image/png',
    ...values,
  }
  for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value)
  return `${url.href}&STYLE={Style}&TILEMATRIXSET={TileMatrixSet}&TILEMATRIX={TileMatrix}&TILEROW={TileRow}&TILECOL={TileCol}`
}

const KEPT = new Set(['tilematrix', 'tilerow', 'tilecol'])
const filled = (template: string, values: Record<string, string>) => {
  const byName = new Map(Object.entries(values).map(([name, value]) => [name.toLowerCase(), value]))
  return template.replace(/\{([\w-]{1,60})\}/g, (whole, name: string) =>
    KEPT.has(name.toLowerCase()) ? whole : encodeURIComponent(byName.get(name.toLowerCase()) ?? ''),
  )
}

/** The address of one tile; null where the layer has none at this zoom. */
export function wmtsTileAddress({ template, matrices }: WmtsLayer, z: number, x: number, y: number): string | null {
  const matrix = matrices.size === 0 ? String(z) : matrices.get(z)
  if (matrix === undefined) return null
  return template
    .replace(/\{TileMatrix\}/gi, () => encodeURIComponent(matrix))
    .replace(/\{TileRow\}/gi, String(y))
    .replace(/\{TileCol\}/gi, String(x))
}
