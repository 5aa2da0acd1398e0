/** Capabilities of any server become the tiles of a layer; hostile ones cost time in proportion to their length alone. */
import { expect, test } from 'vitest'
import { wmtsLayer, wmtsTileAddress } from '../../../main/catalogue/wmts.ts'
import { readXml } from '../../../main/catalogue/xml.ts'

const set = (id: string, crs: string, scales: [string, number][]) =>
  `<TileMatrixSet><ows:Identifier>${id}</ows:Identifier><ows:SupportedCRS>${crs}</ows:SupportedCRS>${scales
    .map(
      ([name, scale]) =>
        `<TileMatrix><ows:Identifier>${name}</ows:Identifier><ScaleDenominator>${scale}</ScaleDenominator></TileMatrix>`,
    )
    .join('')}</TileMatrixSet>`
const document = (inside: string) =>
  `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><Capabilities xmlns:ows="o"><!-- <Layer> -->${inside}</Capabilities>`

test('templates, styles, dimensions and matrices of a layer, whatever the prefixes', () => {
  const xml =
    document(`<wmts:Contents><wmts:Layer><ows:Title>a &lt; b</ows:Title><wmts:Style><ows:Identifier>dark</ows:Identifier></wmts:Style>
    <wmts:Style isDefault='true'><ows:Identifier><![CDATA[light & bright]]></ows:Identifier></wmts:Style>
    <ows:Identifier> scene </ows:Identifier><Dimension><ows:Identifier>Time</ows:Identifier><Default>2024</Default></Dimension>
    <TileMatrixSetLink><TileMatrixSet>geo</TileMatrixSet></TileMatrixSetLink>
    <TileMatrixSetLink><TileMatrixSet>web</TileMatrixSet></TileMatrixSetLink>
    <ResourceURL format="image/png" resourceType="tile" template="https://t.example/{Style}/{time}/{TileMatrix}/{TileRow}/{TileCol}?a=1&amp;b=>"/>
    </wmts:Layer>${set('geo', 'urn:ogc:def:crs:EPSG::4326', [])}${set('web', 'urn:ogc:def:crs:EPSG:6.18.3:3857', [
      ['top', 559082264.0287178],
      ['odd', 123],
      ['two', 559082264.0287178 / 4],
    ])}</wmts:Contents>`)
  const layer = wmtsLayer(xml, 'scene', 'https://a.example/wmts', {})
  expect(layer?.matrices).toEqual(
    new Map([
      [0, 'top'],
      [2, 'two'],
    ]),
  )
  expect(layer && wmtsTileAddress(layer, 2, 3, 1)).toBe('https://t.example/light%20%26%20bright/2024/two/1/3?a=1&b=>')
  expect(layer && wmtsTileAddress(layer, 1, 0, 0)).toBeNull()
  expect(wmtsLayer(xml, 'other', 'https://a.example/wmts', {})).toBeNull()
})

test('without a template tiles are asked for by keys, at the address that the document states', () => {
  const xml = document(`<OperationsMetadata><ows:Operation name="GetTile"><ows:DCP><ows:HTTP>
    <ows:Get xlink:href="https://t.example/kvp?map=1&amp;service=WMTS"/></ows:HTTP></ows:DCP></ows:Operation></OperationsMetadata>
    <Contents><Layer><ows:Identifier>s</ows:Identifier><Format>image/jpeg</Format>
    <TileMatrixSetLink><TileMatrixSet>GoogleMapsCompatible</TileMatrixSet></TileMatrixSetLink></Layer></Contents>`)
  const layer = wmtsLayer(xml, '', 'https://a.example/wmts', {})
  const address = new URL((layer && wmtsTileAddress(layer, 4, 5, 6)) as string)
  expect(address.host).toBe('t.example')
  expect(Object.fromEntries(address.searchParams)).toMatchObject({
    map: '1',
    LAYER: 's',
    FORMAT: 'image/jpeg',
    TILEMATRIX: '4',
    TILEROW: '6',
    TILECOL: '5',
  })
})

/** Milliseconds of this process's CPU. The old way took seconds for each of these. */
function cpuMs(work: () => unknown): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}
const many = (count: number) => {
  const dimension = '<Dimension><ows:Identifier>Time</ows:Identifier><Value>2020</Value></Dimension>'.repeat(5)
  const layers = Array.from(
    { length: count },
    (_, i) =>
      `<Layer><ows:Identifier>L${i}</ows:Identifier><TileMatrixSetLink><TileMatrixSet>EPSG4326</TileMatrixSet></TileMatrixSetLink>${dimension}</Layer>`,
  )
  const geographic = set(
    'EPSG4326',
    'urn:ogc:def:crs:EPSG::4326',
    Array.from({ length: 2000 }, (_, i) => [String(i), 1]),
  )
  return document(`<Contents>${layers.join('')}${geographic}</Contents>`)
}
test.each([
  ['280 kB of <Style>', document(`<Contents><Layer>${'<Style>'.repeat(40_000)}</Layer></Contents>`)],
  ['280 kB of </Style>', document(`<Contents><Layer>${'</Style>'.repeat(35_000)}</Layer></Contents>`)],
  ['800 layers and a set of 2000 matrices', many(800)],
  ['tags without an end', `<Capabilities>${'<Layer '.repeat(50_000)}`],
  ['quotes without an end', `<Capabilities>${'<Layer a="'.repeat(50_001)}`],
  ['comments without an end', `<Capabilities>${'<!--'.repeat(100_000)}`],
  ['attributes', document(`<Contents><Layer><ResourceURL ${'a '.repeat(100_000)}/></Layer></Contents>`)],
  ['blanks in a tag', document(`<Contents><Layer><ResourceURL${' '.repeat(200_000)}a/></Layer></Contents>`)],
])('%s end soon', (_, xml) => {
  expect(cpuMs(() => expect(wmtsLayer(xml, '', 'https://a.example/', {})).toBeNull())).toBeLessThan(1_500)
})
test('the depth of what is read is bounded', () => {
  expect(readXml('<a>'.repeat(61))).toBeNull()
  expect(readXml('<a>'.repeat(60))).not.toBeNull()
})
test('names of the language mean nothing as names of layers and dimensions', () => {
  const xml = document(`<Contents><Layer><ows:Identifier>__proto__</ows:Identifier>
    <Dimension><ows:Identifier>__proto__</ows:Identifier><Default>x</Default></Dimension>
    <Dimension><ows:Identifier>constructor</ows:Identifier><Default>y</Default></Dimension>
    <TileMatrixSetLink><TileMatrixSet>GoogleMapsCompatible</TileMatrixSet></TileMatrixSetLink>
    <ResourceURL resourceType="tile" template="https://t.example/{__proto__}/{constructor}/{toString}/{TileMatrix}"/></Layer></Contents>`)
  const layer = wmtsLayer(xml, '__proto__', 'https://a.example/', {})
  expect(layer && wmtsTileAddress(layer, 1, 0, 0)).toBe('https://t.example/x/y//1')
})
