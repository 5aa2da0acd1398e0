/**
 * Writes unsigned 16-bit bands as one cloud optimized GeoTIFF: tiles, deflate with predictor 2, overviews, band names.
 * Owns: the bytes. Does not: reproject, or write any other type. Why here and not by the raster engine: the set-up runs
 * before the application is built, and this one case takes a page.
 * Layout: COG as in OGC 21-026 (directories first, overviews' tiles before the full picture's); planar configuration 2,
 * so that one band can be read without the others.
 */
import { deflateSync } from 'node:zlib'

const TILE = 256
const TAG = {
  newSubfileType: 254,
  width: 256,
  height: 257,
  bitsPerSample: 258,
  compression: 259,
  photometric: 262,
  samplesPerPixel: 277,
  planarConfiguration: 284,
  dateTime: 306,
  predictor: 317,
  tileWidth: 322,
  tileHeight: 323,
  tileOffsets: 324,
  tileByteCounts: 325,
  extraSamples: 338,
  sampleFormat: 339,
  pixelScale: 33550,
  tiePoint: 33922,
  geoKeys: 34735,
  gdalMetadata: 42112,
  gdalNodata: 42113,
}
const WRITE = {
  short: (data, value, i) => data.writeUInt16LE(value, i * 2),
  long: (data, value, i) => data.writeUInt32LE(value, i * 4),
  double: (data, value, i) => data.writeDoubleLE(value, i * 8),
}
const TYPES = { ascii: [2, 1], short: [3, 2], long: [4, 4], double: [12, 8] }

/** Half the size: the mean, in steps, of the values of each 2 × 2 block that are data, or the first of them for classes. */
function halve({ values, width, height }, isClasses, step) {
  const w = Math.ceil(width / 2)
  const h = Math.ceil(height / 2)
  const out = new Uint16Array(w * h)
  for (let y = 0; y < h; y++)
    for (let x = 0; x < w; x++) {
      let sum = 0
      let count = 0
      for (let dy = 0; dy < 2; dy++)
        for (let dx = 0; dx < 2; dx++) {
          const column = x * 2 + dx
          const row = y * 2 + dy
          const value = column < width && row < height ? values[row * width + column] : 0
          if (value === 0 || (isClasses && count > 0)) continue
          sum += value
          count++
        }
      out[y * w + x] = isClasses ? sum : Math.round(sum / (count || 1) / step) * step
    }
  return { values: out, width: w, height: h }
}

/** Tiles of one band, horizontally differenced (predictor 2) and deflated. */
function tilesOf({ values, width, height }) {
  const tiles = []
  const block = new Uint16Array(TILE * TILE)
  for (let top = 0; top < height; top += TILE)
    for (let left = 0; left < width; left += TILE) {
      for (let y = 0; y < TILE; y++) {
        let before = 0
        for (let x = 0; x < TILE; x++) {
          const value = top + y < height && left + x < width ? values[(top + y) * width + left + x] : 0
          block[y * TILE + x] = value - before
          before = value
        }
      }
      tiles.push(deflateSync(Buffer.from(block.buffer, block.byteOffset, block.byteLength), { level: 4 }))
    }
  return tiles
}

/** One directory: entries sorted by tag; values longer than four bytes lie behind it. */
function directory(entries, start, next) {
  const sorted = [...entries].sort((a, b) => a[0] - b[0])
  const head = Buffer.alloc(2 + sorted.length * 12 + 4)
  const extra = []
  let behind = start + head.length
  head.writeUInt16LE(sorted.length, 0)
  sorted.forEach(([tag, type, values], index) => {
    const [code, size] = TYPES[type]
    const data = type === 'ascii' ? Buffer.from(`${values}\0`) : Buffer.alloc(values.length * size)
    if (type !== 'ascii') for (const [i, value] of values.entries()) WRITE[type](data, value, i)
    const at = 2 + index * 12
    head.writeUInt16LE(tag, at)
    head.writeUInt16LE(code, at + 2)
    head.writeUInt32LE(data.length / size, at + 4)
    if (data.length <= 4) data.copy(head, at + 8)
    else {
      head.writeUInt32LE(behind, at + 8)
      const padded = Buffer.concat([data, Buffer.alloc(data.length % 2)])
      extra.push(padded)
      behind += padded.length
    }
  })
  head.writeUInt32LE(next === 'last' ? 0 : behind, head.length - 4)
  return Buffer.concat([head, ...extra])
}

const escapeXml = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')

function geoEntries({ epsg, origin, resolution, bandNames, dateTime }) {
  const names = bandNames.map(
    (name, i) => `<Item name="DESCRIPTION" sample="${i}" role="description">${escapeXml(name)}</Item>`,
  )
  return [
    [TAG.pixelScale, 'double', [resolution, resolution, 0]],
    [TAG.tiePoint, 'double', [0, 0, 0, origin[0], origin[1], 0]],
    // GTModelType projected, GTRasterType pixel is area, ProjectedCRS
    [TAG.geoKeys, 'short', [1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, epsg]],
    [TAG.gdalMetadata, 'ascii', `<GDALMetadata>${names.join('')}</GDALMetadata>`],
    [TAG.dateTime, 'ascii', dateTime],
  ]
}

function levelEntries(level, index, bandCount, geo) {
  const repeat = (value) => Array.from({ length: bandCount }, () => value)
  return [
    [TAG.newSubfileType, 'long', [index === 0 ? 0 : 1]],
    [TAG.width, 'long', [level.width]],
    [TAG.height, 'long', [level.height]],
    [TAG.bitsPerSample, 'short', repeat(16)],
    [TAG.compression, 'short', [8]],
    [TAG.photometric, 'short', [1]],
    [TAG.samplesPerPixel, 'short', [bandCount]],
    [TAG.planarConfiguration, 'short', [2]],
    [TAG.predictor, 'short', [2]],
    [TAG.tileWidth, 'short', [TILE]],
    [TAG.tileHeight, 'short', [TILE]],
    ...(bandCount > 1 ? [[TAG.extraSamples, 'short', repeat(0).slice(1)]] : []),
    [TAG.sampleFormat, 'short', repeat(1)],
    [TAG.gdalNodata, 'ascii', '0'],
    ...(index === 0 ? geo : []),
  ]
}

/**
 * The bytes of a GeoTIFF. `bands`: Uint16Array of width × height each, north up, 0 is no data; `classBands`: numbers of
 * bands whose values are classes; `steps`: of each band, its overviews hold multiples of it; `origin`: outer corner of the first pixel in `epsg`; `resolution`: in its units;
 * `dateTime`: as TIFF writes it.
 */
export function writeGeoTiff({ bands, width, height, classBands, steps, ...georeference }) {
  const levels = [bands.map((values) => ({ values, width, height }))]
  while (Math.max(levels.at(-1)[0].width, levels.at(-1)[0].height) > TILE)
    levels.push(levels.at(-1).map((band, index) => halve(band, classBands.includes(index), steps[index])))
  const tiles = levels.map((level) => level.flatMap(tilesOf))
  const geo = geoEntries(georeference)
  const offsets = tiles.map((list) => list.map(() => 0))
  const build = () => {
    let start = 8
    return levels.map((level, index) => {
      const entries = [
        ...levelEntries(level[0], index, bands.length, geo),
        [TAG.tileOffsets, 'long', offsets[index]],
        [TAG.tileByteCounts, 'long', tiles[index].map((tile) => tile.length)],
      ]
      const bytes = directory(entries, start, index === levels.length - 1 ? 'last' : 'more')
      start += bytes.length
      return bytes
    })
  }
  let at = 8 + build().reduce((sum, bytes) => sum + bytes.length, 0)
  for (let index = levels.length - 1; index >= 0; index--)
    for (let tile = 0; tile < tiles[index].length; tile++) {
      offsets[index][tile] = at
      at += tiles[index][tile].length
    }
  const head = Buffer.from([0x49, 0x49, 42, 0, 8, 0, 0, 0])
  return Buffer.concat([head, ...build(), ...tiles.toReversed().flat()])
}
