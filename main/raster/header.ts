/**
 * What a whole file is: its levels, bands, grid and validity, from the directories of a TIFF.
 * Owns: which directories are overviews or masks, the half pixel of PixelIsPoint, nodata, scale, palette.
 * Sources of the rules: OGC GeoTIFF 1.1 (raster space, tie points), GDAL's GTiff driver (tags 42112 and 42113).
 */
import { parseGdalMetadata } from './gdal-metadata.ts'
import { crsOfGeoKeys, type GeoKeys, readGeoKeys } from './geokeys.ts'
import { COMPRESSION_NAMES, type ImageLayout, readLayout, TAG } from './layout.ts'
import type { Tiff, ValueRef } from './tiff.ts'
import type { Affine, BandHeader, RasterHeader } from './types.ts'

type Tags = Map<number, ValueRef>

/** Plain data that a thread needs to read blocks; levels and masks are in the same order. */
export type FileLayout = { levels: ImageLayout[]; masks: (ImageLayout | null)[] }

/** @throws AppError `unreadable-data` */
export async function readHeader(
  tiff: Tiff,
  sizeBytes: number | null,
  signal?: AbortSignal,
): Promise<{ header: RasterHeader; layout: FileLayout }> {
  const tags = tiff.directories[0] as Tags
  const layout = await readLevels(tiff, signal)
  const full = layout.levels[0] as ImageLayout
  const keys = await readGeoKeys(tiff.reader, tags, signal)
  const placed = await readGrid(tiff, tags, keys, full, signal)
  const bands = await readBands(tiff, tags, full, signal)
  const header: RasterHeader = {
    width: full.width,
    height: full.height,
    ...placed,
    bands: bands.headers,
    levels: layout.levels.map(({ width, height, blockWidth, blockHeight }) => ({
      width,
      height,
      blockWidth,
      blockHeight,
    })),
    validity: layout.masks[0] ? 'mask' : bands.alpha === null ? 'none' : { alpha: bands.alpha },
    dateTime: await text(tiff, tags, TAG.dateTime, signal),
    metadata: bands.metadata,
    compression: COMPRESSION_NAMES[full.compression] as string,
    sizeBytes,
  }
  return { header, layout }
}

async function text(tiff: Tiff, tags: Tags, tag: number, signal?: AbortSignal): Promise<string | null> {
  const ref = tags.get(tag)
  return ref ? (await tiff.reader.text(ref, signal)).trim() || null : null
}

/** The full resolution, its overviews (smaller, same bands) from fine to coarse, and the mask of each. */
async function readLevels(tiff: Tiff, signal?: AbortSignal): Promise<FileLayout> {
  const first = await readLayout(tiff, tiff.directories[0] as Tags, signal)
  const levels = [first]
  const masks: ImageLayout[] = []
  for (const tags of tiff.directories.slice(1)) {
    const kindRef = tags.get(TAG.newSubfileType)
    const kind = kindRef ? ((await tiff.reader.numbers(kindRef, 1, signal))[0] ?? 0) : 0
    if ((kind & 5) === 0) continue // another page
    // a damaged or unknown overview costs that overview, not the file
    const layout = await readLayout(tiff, tags, signal).catch(() => null)
    if (!layout) continue
    if (kind & 4) masks.push(layout)
    else if (isOverview(layout, first)) levels.push(layout)
  }
  levels.sort((a, b) => b.width - a.width)
  const maskOf = ({ width, height }: ImageLayout) =>
    masks.find((mask) => mask.width === width && mask.height === height && mask.dataType === 'uint8') ?? null
  return { levels, masks: levels.map(maskOf) }
}

const isOverview = (layout: ImageLayout, full: ImageLayout) =>
  layout.width < full.width &&
  layout.height <= full.height &&
  layout.samples === full.samples &&
  layout.dataType === full.dataType

type Placed = Pick<RasterHeader, 'grid' | 'problem'>
const unplaced = (problem: string): Placed => ({ grid: null, problem })

async function readGrid(
  tiff: Tiff,
  tags: Tags,
  keys: GeoKeys | null,
  full: ImageLayout,
  signal?: AbortSignal,
): Promise<Placed> {
  const transform = await readTransform(tiff, tags, keys?.isPoint ?? false, signal)
  if (transform === 'gcps')
    return unplaced('The raster is placed by ground control points only; it has to be rectified first.')
  if (!transform) return unplaced('The file does not say where on Earth it lies.')
  const crs = keys ? crsOfGeoKeys(keys) : null
  if (!keys || crs === 'none') return unplaced('The file does not name its coordinate reference system.')
  if (!crs) return unplaced('The coordinate reference system of the file is not known.')
  return { grid: { crs, transform, width: full.width, height: full.height }, problem: null }
}

/** Pixel corner → CRS coordinates. Several tie points without a pixel scale are ground control points. */
async function readTransform(
  tiff: Tiff,
  tags: Tags,
  isPoint: boolean,
  signal?: AbortSignal,
): Promise<Affine | 'gcps' | null> {
  const numbers = async (tag: number) => {
    const ref = tags.get(tag)
    return ref ? Array.from(await tiff.reader.numbers(ref, 100_000, signal)) : []
  }
  const matrix = await numbers(TAG.modelTransformation)
  const scale = await numbers(TAG.modelPixelScale)
  const ties = await numbers(TAG.modelTiepoint)
  let affine: Affine | null = null
  if (matrix.length >= 8) {
    const [a = 0, b = 0, , d = 0, e = 0, f = 0, , h = 0] = matrix
    affine = [d, a, b, h, e, f]
  } else if (scale.length >= 2 && ties.length >= 6) {
    const [sx = 0, sy = 0] = scale
    const [i = 0, j = 0, , x = 0, y = 0] = ties
    affine = [x - i * sx, sx, 0, y + j * sy, 0, -sy]
  } else if (ties.length > 6) return 'gcps'
  if (!affine?.every(Number.isFinite) || affine[1] * affine[5] - affine[2] * affine[4] === 0) return null
  if (!isPoint) return affine
  const [a, b, c, d, e, f] = affine
  return [a - (b + c) / 2, b, c, d - (e + f) / 2, e, f]
}

async function readBands(tiff: Tiff, tags: Tags, full: ImageLayout, signal?: AbortSignal) {
  const xml = await text(tiff, tags, TAG.gdalMetadata, signal)
  const items = xml ? parseGdalMetadata(xml) : []
  const nodata = parseNodata(await text(tiff, tags, TAG.gdalNodata, signal), full)
  const palette = await readPalette(tiff, tags, full, signal)
  const of = (sample: number, role: string) =>
    items.find((item) => item.sample === sample && item.role === role)?.value.trim() || null
  const numberOf = (sample: number, role: string, otherwise: number) => {
    const value = Number(of(sample, role) ?? otherwise)
    return Number.isFinite(value) ? value : otherwise
  }
  const headers = Array.from(
    { length: full.samples },
    (_, sample): BandHeader => ({
      description: of(sample, 'description'),
      dataType: full.dataType,
      nodata,
      scale: numberOf(sample, 'scale', 1),
      offset: numberOf(sample, 'offset', 0),
      unit: of(sample, 'unittype'),
      palette,
    }),
  )
  const extraRef = tags.get(TAG.extraSamples)
  const extra = extraRef ? Array.from(await tiff.reader.numbers(extraRef, 4096, signal)) : []
  const at = extra.findIndex((kind) => kind === 1 || kind === 2)
  const alpha = at < 0 ? null : full.samples - extra.length + at
  const metadata = Object.fromEntries(items.filter((i) => i.sample === null).map((i) => [i.name, i.value]))
  return { headers, metadata, alpha: alpha !== null && alpha >= 1 ? alpha : null }
}

/** As the tag says, in the precision of the band: a float32 band stores the nearest float32. */
function parseNodata(tag: string | null, { dataType }: ImageLayout): number | null {
  if (tag === null) return null
  if (/^[-+]?nan/i.test(tag)) return dataType.startsWith('float') ? Number.NaN : null
  const infinity = /^([-+]?)inf/i.exec(tag)
  const value = infinity ? (infinity[1] === '-' ? -Infinity : Infinity) : Number(tag.replace(',', '.'))
  if (Number.isNaN(value)) return null
  return dataType === 'float32' ? Math.fround(value) : value
}

async function readPalette(
  tiff: Tiff,
  tags: Tags,
  full: ImageLayout,
  signal?: AbortSignal,
): Promise<Uint8Array | null> {
  const ref = tags.get(TAG.colorMap)
  if (!ref || full.photometric !== 3) return null
  const map = await tiff.reader.numbers(ref, 3 << 16, signal)
  const size = Math.floor(map.length / 3)
  const rgba = new Uint8Array(size * 4)
  for (let i = 0; i < size; i++) {
    for (let c = 0; c < 3; c++) rgba[i * 4 + c] = (map[c * size + i] ?? 0) >> 8
    rgba[i * 4 + 3] = 255
  }
  return rgba
}
