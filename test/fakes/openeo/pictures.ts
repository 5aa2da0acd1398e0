/** Pictures of the fakes: one small PNG, and a WMTS that has it everywhere. */

/** A PNG that decodes: 16 × 16 pixels, green with white edges. */
export const PICTURE: Buffer = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAYAAAAf8/9hAAAAH0lEQVR42mP4TyFg0OsO/08uHjVg1IBRA6hpAKXZGQChF2e1m0As' +
    'bQAAAABJRU5ErkJggg==',
  'base64',
)

export const wmtsCapabilities = (origin: string) => `<?xml version="1.0"?>
<Capabilities xmlns="http://www.opengis.net/wmts/1.0" xmlns:ows="http://www.opengis.net/ows/1.1" version="1.0.0">
 <Contents><Layer><ows:Identifier>mosaic</ows:Identifier><Style isDefault="true"><ows:Identifier>default</ows:Identifier></Style>
  <Format>image/png</Format><TileMatrixSetLink><TileMatrixSet>EPSG:3857</TileMatrixSet></TileMatrixSetLink>
  <ResourceURL format="image/png" resourceType="tile" template="${origin}/tiles/mosaic/{TileMatrix}/{TileCol}/{TileRow}"/>
 </Layer></Contents></Capabilities>`
