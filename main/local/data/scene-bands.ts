/**
 * The bands of single files: named by a STAC asset, by the file's own descriptions, by its name, or by number.
 * Owns: these rules. Pure. Does not: put files together (group-scenes.ts).
 */
import { join } from 'node:path'
import type { BandInfo, Scene, SceneBand } from '../model.ts'
import type { FileHeader } from './file-headers.ts'
import { type NameParts, partsOfName } from './file-names.ts'
import type { StacBand } from './stac-files.ts'

export type ReadFile = { relative: string; header: FileHeader }
export type FileProblem = { file: string; reason: string }

export const folderOf = (relative: string) => relative.slice(0, Math.max(0, relative.lastIndexOf('/')))
export const nameOf = (relative: string) => relative.slice(relative.lastIndexOf('/') + 1)

/** Folders inside of products that only sort bands by resolution. */
const PRODUCT_PART = /^(R\d{2}m|IMG_DATA|QI_DATA|GRANULE|L[12][AC]_T\w+)$/i
export const outerFolder = (folder: string): string =>
  folder !== '' && PRODUCT_PART.test(nameOf(folder)) ? outerFolder(folderOf(folder)) : folder

/** A band with what is known of it, before names are made sure of. */
export type BandPart = { file: string; bbox: Scene['bbox']; band: SceneBand; info: BandInfo; isNumbered: boolean }

/** By what the asset states of its bands, else as the file alone; one band without words is named by the asset's key. */
export function bandsOfAsset(
  root: string,
  file: ReadFile,
  stated: readonly StacBand[] | null,
  key: string,
): BandPart[] {
  const own = bandsOfFile(root, file)
  if (stated && stated.length >= own.length)
    return own.map((part, i) => {
      const { nodata, scale, offset, ...info } = stated[i] as StacBand
      const band = { ...part.band, name: info.name, ...statedNodata(nodata, part.band), scale, offset }
      return { ...part, band, info, isNumbered: part.isNumbered && info.name === part.band.name }
    })
  // an asset without words about its one band is named by its key
  if (own.length === 1 && own[0]?.isNumbered)
    return own.map((part) => ({ ...part, ...renamed(part, key), isNumbered: false }))
  return own
}

/** The file's own tag first, then the item's word. */
const statedNodata = (nodata: number | null, { nodata: tagged }: SceneBand) =>
  nodata === null || tagged !== null ? {} : { nodata, nodataFrom: 'item' as const }

const renamed = ({ band, info }: BandPart, name: string) => ({ band: { ...band, name }, info: { ...info, name } })

/** A name tells the band of a file with one band only. */
export function partsOf({ relative, header }: ReadFile): NameParts {
  const parts = partsOfName(nameOf(relative))
  if (header.bands.length === 1 || parts.band === null) return parts
  return { ...parts, band: null, stem: [parts.stem, parts.band].filter((part) => part !== '').join('_') }
}

/** The bands of a file by its descriptions, else by its name, else by number. */
export function bandsOfFile(root: string, file: ReadFile): BandPart[] {
  const { relative, header } = file
  const parts = partsOf(file)
  const descriptions = header.bands.map(({ description }) => description?.trim().slice(0, 200) ?? '')
  const isDescribed = descriptions.every((name) => name !== '') && new Set(descriptions).size === descriptions.length
  return header.bands.map((found, sample) => {
    const number = String(sample + 1)
    const name = isDescribed ? (descriptions[sample] as string) : (parts.band ?? number)
    const { description: _, ...values } = found
    return {
      file: relative,
      bbox: header.bbox,
      band: {
        name,
        source: { kind: 'file', path: join(root, relative) },
        sample,
        grid: header.grid,
        ...values,
        ...(values.nodata === null ? {} : { nodataFrom: 'file' as const }),
      },
      info: { name, commonName: null, description: null, classes: [] },
      isNumbered: !isDescribed && parts.band === null,
    }
  })
}

/** Of bands with one name the finest stays; the others are told of. */
export function withoutDoubles(parts: readonly BandPart[], problems: FileProblem[]): BandPart[] {
  const kept = new Map<string, BandPart>()
  const size = ({ band }: BandPart) => Math.hypot(band.grid.transform[1], band.grid.transform[2])
  for (const part of parts) {
    const other = kept.get(part.band.name)
    const loser = other && size(part) >= size(other) ? part : other
    if (loser !== part) kept.set(part.band.name, part)
    if (loser)
      problems.push({ file: loser.file, reason: `The scene has a band '${part.band.name}' from another file already.` })
  }
  return [...kept.values()]
}
