/**
 * The directories of a Cloud Optimized GeoTIFF: the full resolution and its overviews with all their tags.
 * Owns: which tag says what, GDAL's metadata among them. Does not: place or write bytes (tiff-write.ts, cog-writer.ts).
 */
import { escapeXml } from './gdal-metadata.ts'
import { geoKeyTags } from './geokeys-write.ts'
import { TAG } from './layout.ts'
import type { LevelSize } from './pyramid.ts'
import type { Directory, TagValue } from './tiff-write.ts'
import type { DataType, Grid } from './types.ts'

export type CogCompression = 'deflate' | 'zstd' | 'none'
export type CogBand = {
  name: string
  dataType: DataType
  /** NaN is possible; null: none. */
  nodata: number | null
  unit?: string
  scale?: number
  offset?: number
}
export type CogContent = {
  grid: Grid
  bands: readonly CogBand[]
  compression?: CogCompression
  metadata?: Readonly<Record<string, string>>
  dateTime?: string
}

const BITS: Readonly<Record<DataType, number>> = {
  uint8: 8,
  int8: 8,
  uint16: 16,
  int16: 16,
  uint32: 32,
  int32: 32,
  float32: 32,
  float64: 64,
}
const COMPRESSIONS = { none: 1, deflate: 8, zstd: 50_000 } as const

const short = (...values: number[]): TagValue => ({ type: 'short', values })
const long = (...values: number[]): TagValue => ({ type: 'long', values })
const doubles = (...values: number[]): TagValue => ({ type: 'double', values })
const ascii = (text: string): TagValue => ({ type: 'ascii', text })

export type BlockTable = { offsets: Float64Array; byteCounts: Float64Array }

/**
 * One directory and one block table for each level, the full resolution first; the tables are filled by the caller.
 * @throws AppError `invalid-input` where the CRS cannot be stored
 */
export function cogDirectories(content: CogContent, levels: readonly LevelSize[], blockSize: number) {
  const tables = levels.map(({ columns, rows }): BlockTable => {
    const count = columns * rows * content.bands.length
    return { offsets: new Float64Array(count), byteCounts: new Float64Array(count) }
  })
  const directories = levels.map((level, i) => {
    const tags = pixelTags(content, level, blockSize, tables[i] as BlockTable)
    if (i === 0) for (const [tag, value] of groundTags(content)) tags.set(tag, value)
    else tags.set(TAG.newSubfileType, long(1))
    return tags
  })
  return { directories, tables }
}

function pixelTags(content: CogContent, { width, height }: LevelSize, blockSize: number, table: BlockTable): Directory {
  const { bands, compression = 'deflate' } = content
  const { dataType, nodata } = bands[0] as CogBand
  const format = dataType.startsWith('float') ? 3 : dataType.startsWith('int') ? 2 : 1
  const each = (value: number) => short(...bands.map(() => value))
  const tags: Directory = new Map([
    [TAG.imageWidth, long(width)],
    [TAG.imageLength, long(height)],
    [TAG.bitsPerSample, each(BITS[dataType])],
    [TAG.compression, short(COMPRESSIONS[compression])],
    [TAG.photometric, short(1)], // darker is less
    [TAG.samplesPerPixel, short(bands.length)],
    [TAG.planarConfiguration, short(bands.length > 1 ? 2 : 1)],
    [TAG.tileWidth, short(blockSize)],
    [TAG.tileLength, short(blockSize)],
    [TAG.tileOffsets, { type: 'offset', values: table.offsets }],
    [TAG.tileByteCounts, { type: 'long', values: table.byteCounts }],
    [TAG.sampleFormat, each(format)],
  ])
  if (compression !== 'none') tags.set(TAG.predictor, short(format === 3 ? 3 : 2))
  if (bands.length > 1) tags.set(TAG.extraSamples, short(...bands.slice(1).map(() => 0)))
  if (nodata !== null) tags.set(TAG.gdalNodata, ascii(Number.isNaN(nodata) ? 'nan' : nodataText(nodata)))
  return tags
}

const nodataText = (nodata: number) => (Number.isFinite(nodata) ? String(nodata) : nodata < 0 ? '-inf' : 'inf')

/** Place on Earth, time, names. */
function groundTags({ grid, bands, metadata = {}, dateTime }: CogContent): Directory {
  const [a, b, c, d, e, f] = grid.transform
  const tags: Directory = new Map()
  if (c === 0 && e === 0 && b > 0 && f < 0) {
    tags.set(TAG.modelPixelScale, doubles(b, -f, 0))
    tags.set(TAG.modelTiepoint, doubles(0, 0, 0, a, d, 0))
  } else tags.set(TAG.modelTransformation, doubles(b, c, 0, a, e, f, 0, d, 0, 0, 0, 0, 0, 0, 0, 1))
  const keys = geoKeyTags(grid.crs)
  tags.set(TAG.geoKeyDirectory, short(...keys.directory))
  if (keys.doubles.length > 0) tags.set(TAG.geoDoubleParams, doubles(...keys.doubles))
  if (keys.ascii) tags.set(TAG.geoAsciiParams, ascii(keys.ascii))
  if (dateTime && /^\d{4}:\d\d:\d\d \d\d:\d\d:\d\d$/.test(dateTime)) tags.set(TAG.dateTime, ascii(dateTime))
  const items = [
    ...Object.entries(metadata).map(([name, value]) => item({ name }, value)),
    ...bands.flatMap((band, i) => bandItems(band, i)),
  ]
  tags.set(TAG.gdalMetadata, ascii(`<GDALMetadata>\n${items.map((xml) => `  ${xml}\n`).join('')}</GDALMetadata>`))
  return tags
}

function bandItems({ name, unit, scale = 1, offset = 0 }: CogBand, sample: number): string[] {
  const of = (what: string, role: string, value: string) => item({ name: what, sample: String(sample), role }, value)
  return [
    of('DESCRIPTION', 'description', name),
    ...(unit ? [of('UNITTYPE', 'unittype', unit)] : []),
    ...(scale !== 1 || offset !== 0
      ? [of('OFFSET', 'offset', String(offset)), of('SCALE', 'scale', String(scale))]
      : []),
  ]
}

function item(attributes: Readonly<Record<string, string>>, value: string): string {
  const head = Object.entries(attributes).map(([name, text]) => ` ${name}="${escapeXml(escapeXml(text))}"`)
  return `<Item${head.join('')}>${escapeXml(escapeXml(value))}</Item>`
}
