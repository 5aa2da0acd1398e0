/**
 * WMTS capabilities, as far as tiles in Web Mercator need them (OGC 07-057r7). Pure; what is not understood is left out.
 */
import { attributeOf, childrenOf, readXml, textOf, type XmlElement } from './xml.ts'

export type WmtsLayer = {
  id: string
  /** Of a tile: with {TileMatrix}, {TileRow}, {TileCol}, everything else filled in. */
  template: string
  /** Zoom → TileMatrix; empty: the zoom itself. */
  matrices: Map<number, string>
}

/** Scale of zoom 0 of GoogleMapsCompatible (OGC 07-057r7, annex E.4). */
const TOP_SCALE = 559_082_264.028_717_8
const MERCATOR =
  /^(.{0,100}(GoogleMapsCompatible|WebMercatorQuad)|.{0,100}EPSG[:/\w.]{0,40}(3857|900913)|(3857|900913))$/i

type MatrixSet = { id: string; matrices: Map<number, string> }

/** The layer of this name (or the first) that has tiles in Web Mercator; null where there is none. */
export function wmtsLayer(
  xml: string,
  wanted: string,
  capabilitiesUrl: string,
  dimensions: Readonly<Record<string, string>>,
): WmtsLayer | null {
  const capabilities = readXml(xml)?.children.find(({ name }) => name === 'Capabilities')
  const contents = childrenOf(capabilities, 'Contents')[0]
  const definitions = new Map<string, XmlElement>()
  for (const definition of childrenOf(contents, 'TileMatrixSet')) {
    const id = textOf(definition, 'Identifier')
    if (!definitions.has(id)) definitions.set(id, definition)
  }
  const known = new Map<string, MatrixSet | null>()
  const setOf = (id: string) => {
    const set = known.get(id) ?? (known.has(id) ? null : matrixSet(id, definitions.get(id)))
    known.set(id, set)
    return set
  }
  for (const layer of childrenOf(contents, 'Layer')) {
    const id = textOf(layer, 'Identifier')
    if (wanted !== '' && id !== wanted) continue
    const linked = childrenOf(layer, 'TileMatrixSetLink').map((link) => setOf(textOf(link, 'TileMatrixSet')))
    const set = linked.find((one) => one !== null)
    if (!set) continue
    const values = { ...dimensionDefaults(layer), ...dimensions }
    const template = restTemplate(layer) ?? keyValueTemplate(capabilities, id, layer, capabilitiesUrl, values)
    return {
      id,
      matrices: set.matrices,
      template: filled(template, { ...values, TileMatrixSet: set.id, Style: styleOf(layer), Layer: id }),
    }
  }
  return null
}

const styleOf = (layer: XmlElement): string => {
  const styles = childrenOf(layer, 'Style')
  return textOf(styles.find((style) => attributeOf(style, 'isDefault') === 'true') ?? styles[0], 'Identifier')
}
const dimensionDefaults = (layer: XmlElement): Record<string, string> =>
  Object.fromEntries(
    childrenOf(layer, 'Dimension').map((dimension) => [textOf(dimension, 'Identifier'), textOf(dimension, 'Default')]),
  )

/** null where the set is not in Web Mercator. */
function matrixSet(id: string, definition: XmlElement | undefined): MatrixSet | null {
  const system = textOf(definition, 'SupportedCRS').replace(/:+/g, ':')
  if (!MERCATOR.test(id) && !MERCATOR.test(system)) return null
  const matrices = new Map<number, string>()
  for (const matrix of childrenOf(definition, 'TileMatrix')) {
    const zoom = Math.log2(TOP_SCALE / Number(textOf(matrix, 'ScaleDenominator')))
    if (Math.abs(zoom - Math.round(zoom)) < 0.01) matrices.set(Math.round(zoom), textOf(matrix, 'Identifier'))
  }
  return { id, matrices }
}

function restTemplate(layer: XmlElement): string | null {
  const tiles = childrenOf(layer, 'ResourceURL').filter((one) => attributeOf(one, 'resourceType') === 'tile')
  const picture = tiles.find((one) => /^image\/(png|jpe?g|webp)/.test(attributeOf(one, 'format'))) ?? tiles[0]
  return (picture && attributeOf(picture, 'template')) || null
}
/** For services without templates: GetTile with keys and values, at the address that the document states for it. */
function keyValueTemplate(
  capabilities: XmlElement | undefined,
  id: string,
  layer: XmlElement,
  at: string,
  values: Record<string, string>,
): string {
  const operation = childrenOf(childrenOf(capabilities, 'OperationsMetadata')[0], 'Operation').find(
    (one) => attributeOf(one, 'name') === 'GetTile',
  )
  const get = childrenOf(childrenOf(childrenOf(operation, 'DCP')[0], 'HTTP')[0], 'Get')[0]
  const stated = (get && attributeOf(get, 'href')) || at
  const url = new URL(URL.canParse(stated, at) ? stated : at, at)
  for (const key of [...url.searchParams.keys()])
    if (/^(service|request|version)$/i.test(key)) url.searchParams.delete(key)
  const formats = childrenOf(layer, 'Format').map(({ text }) => text.trim())
  const query = {
    SERVICE: 'WMTS',
    REQUEST: 'GetTile',
    VERSION: '1.0.0',
    LAYER: id,
    FORMAT: formats.find((type) => /^image\/(png|jpe?g|webp)/.test(type)) ?? 'image/png',
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
