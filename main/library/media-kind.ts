/** What can show an asset, judged by its media type, then by the ending of its name. Pure. */
import type { ResultAsset } from '../../preload/contract/library.ts'

const BY_TYPE: [RegExp, ResultAsset['mediaKind']][] = [
  [/^image\/(tiff|vnd\.stac\.geotiff)\b/i, 'raster'],
  [/^image\/(png|jpeg|webp|gif)\b/i, 'picture'],
  [/^application\/(geo\+)?json\b/i, 'json'],
]
const BY_ENDING: [RegExp, ResultAsset['mediaKind']][] = [
  [/\.tiff?$/i, 'raster'],
  [/\.(png|jpe?g|webp|gif)$/i, 'picture'],
  [/\.(geo)?json$/i, 'json'],
]

export function mediaKind(mediaType: string, fileName: string): ResultAsset['mediaKind'] {
  const match = BY_TYPE.find(([type]) => type.test(mediaType)) ?? BY_ENDING.find(([ending]) => ending.test(fileName))
  return match?.[1] ?? 'other'
}
