/** Addresses of tiles: from templates and from WMTS capabilities, of which only Web Mercator is used. */
import { expect, test } from 'vitest'
import { previewLinks, tileAddress } from '../../../main/catalogue/links.ts'
import { wmtsLayer, wmtsTileAddress } from '../../../main/catalogue/wmts.ts'

test.each([
  ['https://t.example/{z}/{x}/{y}.png', 'https://t.example/3/1/2.png'],
  ['https://t.example/{z}/{x}/{-y}.png', 'https://t.example/3/1/5.png'],
  ['https://{s}.example/{z}/{x}/{y}', 'https://b.example/3/1/2'],
  ['https://t.example/{quadkey}', 'https://t.example/021'],
  ['https://t.example/picture.png', null],
])('%s', (template, address) => expect(tileAddress(template, 3, 1, 2, ['a', 'c', 'x', 'b'].slice(0, 4))).toBe(address))

const capabilities = (link: string, resource: string) => `<?xml version="1.0"?>
<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>
<Capabilities xmlns="http://www.opengis.net/wmts/1.0" xmlns:ows="http://www.opengis.net/ows/1.1">
 <ows:OperationsMetadata><ows:Operation name="GetTile"><ows:DCP><ows:HTTP>
  <ows:Get xlink:href="https://w.example/kvp?map=a&amp;b=1&amp;"/></ows:HTTP></ows:DCP></ows:Operation></ows:OperationsMetadata>
 <Contents>
  <Layer><ows:Title>Polar</ows:Title><Style><ows:Identifier>s</ows:Identifier></Style><ows:Identifier>polar</ows:Identifier>
   <TileMatrixSetLink><TileMatrixSet>EPSG:3031</TileMatrixSet></TileMatrixSetLink></Layer>
  <Layer><Style isDefault="true"><ows:Identifier>plain</ows:Identifier></Style><ows:Identifier>true colour</ows:Identifier>
   <Format>image/tiff</Format><Format>image/jpeg</Format>
   <Dimension><ows:Identifier>Time</ows:Identifier><Default>2026-01-01</Default></Dimension>
   <TileMatrixSetLink><TileMatrixSet>${link}</TileMatrixSet></TileMatrixSetLink>${resource}</Layer>
  <TileMatrixSet><ows:Identifier>own</ows:Identifier><ows:SupportedCRS>urn:ogc:def:crs:EPSG::3857</ows:SupportedCRS>
   <TileMatrix><ows:Identifier>m0</ows:Identifier><ScaleDenominator>559082264.0287178</ScaleDenominator></TileMatrix>
   <TileMatrix><ows:Identifier>m1</ows:Identifier><ScaleDenominator>279541132.0143589</ScaleDenominator></TileMatrix>
  </TileMatrixSet>
 </Contents></Capabilities>`
const REST = `<ResourceURL format="image/png" resourceType="tile"
  template="https://w.example/{Style}/{Time}/{TileMatrixSet}/{TileMatrix}/{TileRow}/{TileCol}.png"/>`

test('the layer with its style, time and matrices', () => {
  const layer = wmtsLayer(capabilities('own', REST), '', 'https://w.example/caps', {})
  expect(layer?.id).toBe('true colour')
  expect(layer && wmtsTileAddress(layer, 1, 0, 1)).toBe('https://w.example/plain/2026-01-01/own/m1/1/0.png')
  expect(layer && wmtsTileAddress(layer, 2, 0, 1)).toBeNull()
  const later = wmtsLayer(capabilities('own', REST), 'true colour', 'https://w.example/caps', { Time: 'a/b' })
  expect(later && wmtsTileAddress(later, 0, 0, 0)).toBe('https://w.example/plain/a%2Fb/own/m0/0/0.png')
})

test('without a template: keys and values at the stated address', () => {
  const layer = wmtsLayer(capabilities('GoogleMapsCompatible', ''), 'true colour', 'https://w.example/caps', {})
  const url = new URL((layer && wmtsTileAddress(layer, 5, 3, 4)) ?? '')
  expect(url.origin + url.pathname).toBe('https://w.example/kvp')
  expect(Object.fromEntries(url.searchParams)).toMatchObject({
    map: 'a',
    b: '1',
    LAYER: 'true colour',
    FORMAT: 'image/jpeg',
    TILEMATRIXSET: 'GoogleMapsCompatible',
    TILEMATRIX: '5',
    TILEROW: '4',
    TILECOL: '3',
  })
})

test('no layer in Web Mercator, no capabilities at all: none', () => {
  expect(wmtsLayer(capabilities('EPSG:4326', REST), '', 'https://w.example/', {})).toBeNull()
  expect(wmtsLayer('<html>', '', 'https://w.example/', {})).toBeNull()
  expect(wmtsLayer('<Contents><Layer>'.repeat(5000), '', 'https://w.example/', {})).toBeNull()
})

test('previews of a document: by rel and type; the same twice is one', () => {
  const links = [
    { rel: 'xyz', href: 'https://t.example/{z}/{x}/{y}' },
    { rel: 'xyz', href: 'https://t.example/{z}/{x}/{y}' },
    { rel: 'wmts', href: 'https://w.example', 'wmts:layer': ['a', 'b'] },
    { rel: 'preview', href: 'a.svg', type: 'image/svg+xml' },
    { rel: 'preview', href: 'a.png' },
    { rel: 'self', href: 'a.png' },
    null,
    { rel: 'preview', href: 7 },
  ]
  const assets = { thumbnail: { href: 't.jpg' }, data: { href: 'd.tif' } }
  expect(previewLinks({ links, assets }).map(({ kind, href, layer }) => [kind, href, layer])).toEqual([
    ['xyz', 'https://t.example/{z}/{x}/{y}', ''],
    ['wmts', 'https://w.example', 'a'],
    ['wmts', 'https://w.example', 'b'],
    ['picture', 'a.png', ''],
    ['picture', 't.jpg', ''],
  ])
  expect(previewLinks(null)).toEqual([])
})
