/**
 * The items of GDAL_METADATA (tag 42112): `<Item name sample role>value</Item>`.
 * Owns: reading them without an XML parser, so that no entity is ever expanded; what does not look like an item is
 * left out. Format: GDAL's GTiff driver, which escapes names and values twice.
 */

export type GdalItem = { name: string; sample: number | null; role: string | null; value: string }

const MAX_ITEMS = 20_000
const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

function decodeEntities(text: string): string {
  return text.replace(/&(?:(lt|gt|amp|quot|apos)|#(\d{1,7})|#x([0-9a-f]{1,6}));/gi, (all, name, decimal, hex) => {
    if (name) return ENTITIES[String(name).toLowerCase()] ?? all
    const code = Number.parseInt(decimal ?? hex, decimal ? 10 : 16)
    return code <= 0x10ffff ? String.fromCodePoint(code) : ''
  })
}

export function parseGdalMetadata(xml: string): GdalItem[] {
  const items: GdalItem[] = []
  let from = 0
  while (items.length < MAX_ITEMS) {
    const start = xml.indexOf('<Item', from)
    if (start < 0) break
    const open = xml.indexOf('>', start)
    const close = xml.indexOf('</Item>', open)
    if (open < 0 || close < 0) break
    from = close + 7
    const head = xml.slice(start + 5, open)
    const attribute = (name: string) => {
      const found = new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`).exec(head)
      const text = found?.[1] ?? found?.[2]
      return text === undefined ? null : decodeEntities(text)
    }
    const name = attribute('name')
    if (name === null || attribute('domain')) continue
    const sample = Number(attribute('sample') ?? Number.NaN)
    items.push({
      name: decodeEntities(name),
      sample: Number.isInteger(sample) && sample >= 0 ? sample : null,
      role: attribute('role')?.toLowerCase() ?? null,
      value: decodeEntities(decodeEntities(xml.slice(open + 1, close))),
    })
  }
  return items
}

/** Text for an element or attribute; GDAL expects names and values to be escaped twice. */
export function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd]/g, '')
}
