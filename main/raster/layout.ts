/**
 * What one TIFF directory says about how its pixels are stored, checked so far that decoding can trust it.
 * Owns: limits on dimensions, block sizes and block counts. Repairs: BitsPerSample and SampleFormat with one entry for
 * all bands (openEO Platform's writer). Does not: read pixels (decode.ts).
 */
import { AppError } from '../core/errors.ts'
import { unreadable } from './byte-source.ts'
import type { Tiff, ValueRef } from './tiff.ts'
import type { DataType } from './types.ts'

export const TAG = {
  newSubfileType: 254,
  imageWidth: 256,
  imageLength: 257,
  bitsPerSample: 258,
  compression: 259,
  photometric: 262,
  fillOrder: 266,
  stripOffsets: 273,
  samplesPerPixel: 277,
  rowsPerStrip: 278,
  stripByteCounts: 279,
  planarConfiguration: 284,
  dateTime: 306,
  predictor: 317,
  colorMap: 320,
  tileWidth: 322,
  tileLength: 323,
  tileOffsets: 324,
  tileByteCounts: 325,
  extraSamples: 338,
  sampleFormat: 339,
  jpegTables: 347,
  modelPixelScale: 33550,
  modelTiepoint: 33922,
  modelTransformation: 34264,
  geoKeyDirectory: 34735,
  geoDoubleParams: 34736,
  geoAsciiParams: 34737,
  gdalMetadata: 42112,
  gdalNodata: 42113,
  lercParameters: 50674,
} as const

export const COMPRESSION_NAMES: Readonly<Record<number, string>> = {
  1: 'none',
  5: 'LZW',
  7: 'JPEG',
  8: 'DEFLATE',
  32773: 'PackBits',
  32946: 'DEFLATE',
  34887: 'LERC',
  50000: 'ZSTD',
}
const REFUSED_COMPRESSIONS: Readonly<Record<number, string>> = {
  2: 'CCITT',
  3: 'CCITT',
  4: 'CCITT',
  6: 'old-style JPEG',
  34712: 'JPEG 2000',
  34925: 'LZMA',
  50001: 'WEBP',
  50002: 'JPEG XL',
}

const MAX_SIDE = 2 ** 31 - 1
const MAX_BLOCKS = 4 << 20
/** A decoded block: 128 MB, more than any writer's default by far. */
const MAX_BLOCK_BYTES = 128 << 20
const MAX_SAMPLES = 4096

/** Plain data: crosses to worker threads as it is. */
export type ImageLayout = {
  width: number
  height: number
  blockWidth: number
  blockHeight: number
  columns: number
  rows: number
  isTiled: boolean
  samples: number
  /** 1: samples of a pixel together; 2: one plane for each sample. */
  planar: 1 | 2
  bits: number
  dataType: DataType
  compression: number
  predictor: number
  photometric: number
  fillOrder: number
  littleEndian: boolean
  offsets: ValueRef
  byteCounts: ValueRef
  jpegTables: Uint8Array | null
  lercParameters: number[] | null
}

/** @throws AppError `unreadable-data` with the reason in words */
export async function readLayout(tiff: Tiff, tags: Map<number, ValueRef>, signal?: AbortSignal): Promise<ImageLayout> {
  const { reader } = tiff
  const list = async (tag: number, limit: number) => {
    const ref = tags.get(tag)
    return ref ? Array.from(await reader.numbers(ref, limit, signal)) : []
  }
  const one = async (tag: number, otherwise: number) => (await list(tag, MAX_SAMPLES))[0] ?? otherwise

  const width = side(await one(TAG.imageWidth, 0))
  const height = side(await one(TAG.imageLength, 0))
  const samples = await one(TAG.samplesPerPixel, 1)
  if (!(Number.isInteger(samples) && samples >= 1 && samples <= MAX_SAMPLES))
    throw unreadable('The file is damaged: its number of bands is wrong.')
  const isTiled = tags.has(TAG.tileOffsets) || tags.has(TAG.tileWidth)
  const blockWidth = isTiled ? side(await one(TAG.tileWidth, 0)) : width
  const rowsPerStrip = await one(TAG.rowsPerStrip, height)
  const blockHeight = isTiled ? side(await one(TAG.tileLength, 0)) : Math.min(side(rowsPerStrip), height)
  const planar = (await one(TAG.planarConfiguration, 1)) === 2 ? 2 : 1
  const { bits, dataType } = sampleType(
    await list(TAG.bitsPerSample, MAX_SAMPLES),
    await list(TAG.sampleFormat, MAX_SAMPLES),
  )
  const compression = await one(TAG.compression, 1)
  const predictor = await one(TAG.predictor, 1)
  checkCodec(compression, predictor, bits, dataType)

  const columns = Math.ceil(width / blockWidth)
  const rows = Math.ceil(height / blockHeight)
  const blocks = columns * rows * (planar === 2 ? samples : 1)
  const blockBytes = blockWidth * blockHeight * Math.max(1, bits / 8) * (planar === 2 ? 1 : samples)
  if (blocks > MAX_BLOCKS || blockBytes > MAX_BLOCK_BYTES)
    throw unreadable('The raster is larger than can be read, or its header is damaged.')
  const offsets = tags.get(isTiled ? TAG.tileOffsets : TAG.stripOffsets)
  const byteCounts = tags.get(isTiled ? TAG.tileByteCounts : TAG.stripByteCounts)
  if (!offsets || !byteCounts || offsets.count < blocks || byteCounts.count < blocks)
    throw unreadable('The file is damaged: the list of its blocks is incomplete.')
  const tables = tags.get(TAG.jpegTables)
  return {
    width,
    height,
    blockWidth,
    blockHeight,
    columns,
    rows,
    isTiled,
    samples,
    planar,
    bits,
    dataType,
    compression,
    predictor,
    photometric: await one(TAG.photometric, 1),
    fillOrder: await one(TAG.fillOrder, 1),
    littleEndian: tiff.littleEndian,
    offsets,
    byteCounts,
    jpegTables: tables ? await reader.raw(tables, signal) : null,
    lercParameters: tags.has(TAG.lercParameters) ? await list(TAG.lercParameters, 16) : null,
  }
}

function side(pixels: number): number {
  if (!(Number.isInteger(pixels) && pixels >= 1)) throw unreadable('The file is damaged: its size in pixels is wrong.')
  return Math.min(pixels, MAX_SIDE)
}

/** One type for all bands; a single entry stands for all of them. */
function sampleType(bitsOfBands: number[], formats: number[]): { bits: number; dataType: DataType } {
  const bits = bitsOfBands[0] ?? 1
  const format = formats[0] ?? 1
  if (bitsOfBands.some((b) => b !== bits) || formats.some((f) => f !== format))
    throw unreadable('Rasters whose bands have different data types are not supported.')
  if (format === 5 || format === 6) throw unreadable('Rasters of complex numbers are not supported.')
  const dataType = DATA_TYPES[`${format === 4 ? 1 : format}/${bits}`]
  if (!dataType) throw unreadable(`Rasters with ${bits}-bit values of this kind are not supported.`)
  return { bits, dataType }
}

const DATA_TYPES: Readonly<Record<string, DataType>> = {
  '1/1': 'uint8',
  '1/2': 'uint8',
  '1/4': 'uint8',
  '1/8': 'uint8',
  '1/16': 'uint16',
  '1/32': 'uint32',
  '2/8': 'int8',
  '2/16': 'int16',
  '2/32': 'int32',
  '3/16': 'float32',
  '3/32': 'float32',
  '3/64': 'float64',
}

function checkCodec(compression: number, predictor: number, bits: number, dataType: DataType): void {
  if (!Object.hasOwn(COMPRESSION_NAMES, compression)) {
    const name = REFUSED_COMPRESSIONS[compression]
    throw new AppError(
      'unreadable-data',
      name ? `The compression ${name} is not supported.` : 'The compression of the file is not known.',
    )
  }
  // the LERC decoder reads them wrongly
  if (compression === 34887 && dataType === 'uint32')
    throw unreadable('Unsigned 32-bit values with LERC compression are not supported.')
  const isKnown =
    predictor === 1 ||
    (predictor === 2 && bits >= 8) ||
    (predictor === 3 && (dataType === 'float32' || dataType === 'float64'))
  if (!isKnown) throw unreadable('The way in which the values of the file are packed is not known.')
}
