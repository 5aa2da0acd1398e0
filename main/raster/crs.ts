/**
 * Coordinate reference systems: the EPSG table, definitions that proj4 understands, and transformers between them.
 * Owns: the table made by build/make-epsg.mjs (read on first use). Does not: read geokeys (geokeys.ts).
 * Why a table of our own: a definition without its datum shift is off by up to 150 m (EPSG:2056).
 */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import proj4 from 'proj4'
import { AppError } from '../core/errors.ts'
import type { Crs } from './types.ts'

type EpsgTable = Readonly<Record<string, readonly [name: string, definition: string]>>

let table: EpsgTable | undefined

/** Sources lie in main/raster, bundles in out/main or out/main/chunks: `resources` is somewhere above. */
function readTable(): EpsgTable {
  let folder = import.meta.dirname
  for (;;) {
    try {
      return JSON.parse(readFileSync(join(folder, 'resources', 'generated', 'epsg.json'), 'utf8')) as EpsgTable
    } catch (failure) {
      const parent = dirname(folder)
      if ((failure as NodeJS.ErrnoException).code !== 'ENOENT' && (failure as NodeJS.ErrnoException).code !== 'ENOTDIR')
        throw failure
      if (parent === folder) throw new Error('resources/generated/epsg.json is missing: run build/make-epsg.mjs')
      folder = parent
    }
  }
}

const UNIT_NAMES: Readonly<Record<string, Crs['unit']>> = { m: 'metre', ft: 'foot', 'us-ft': 'us-foot' }

/** The unit of a definition's coordinates. */
function unitOf(definition: string): Crs['unit'] {
  if (/\+proj=longlat|^GEOG/.test(definition)) return 'degree'
  if (/\+to_meter=/.test(definition)) return 'other'
  const unit = definition.match(/\+units=(\S+)/)?.[1]
  return unit === undefined ? 'metre' : (UNIT_NAMES[unit] ?? 'other')
}

/** True where proj4 knows the projection and its parameters. */
function isUnderstood(definition: string): boolean {
  try {
    const converter = proj4(definition, 'WGS84')
    return typeof converter.forward === 'function'
  } catch {
    return false
  }
}

/** The CRS of an EPSG code; null where the code is unknown or its projection is not supported. */
export function crsFromEpsg(code: number): Crs | null {
  table ??= readTable()
  const entry = Object.hasOwn(table, String(code)) ? table[String(code)] : undefined
  if (!entry || !isUnderstood(entry[1])) return null
  return { epsg: code, name: entry[0], proj4: entry[1], unit: unitOf(entry[1]) }
}

/** proj4 computes NaN where some projections leave out an origin that PROJ takes as 0. */
function withOrigins(definition: string): string {
  if (/\+proj=(longlat|utm)/.test(definition)) return definition
  const missing = ['lat_0', 'lon_0', 'x_0', 'y_0'].filter((name) => !definition.includes(`+${name}=`))
  const isOblique = definition.includes('+lonc=')
  return [definition, ...missing.filter((name) => !(isOblique && name === 'lon_0')).map((name) => `+${name}=0`)].join(
    ' ',
  )
}

/** The CRS of parameters that are not in the EPSG table; null where proj4 does not understand them. */
export function crsFromDefinition(definition: string, name: string): Crs | null {
  const complete = definition.startsWith('+') ? withOrigins(definition) : definition
  if (!isUnderstood(complete)) return null
  return { epsg: null, name, proj4: complete, unit: unitOf(complete) }
}

/**
 * The CRS that a user or a process graph names: an EPSG code (as number, `32632` or `EPSG:32632`), a PROJ string or
 * WKT (version 1 or 2).
 * @throws AppError `invalid-input`
 */
export function crsFromUserInput(input: unknown): Crs {
  const text = typeof input === 'number' ? String(input) : typeof input === 'string' ? input.trim() : ''
  const code = /^(?:EPSG:)?(\d{1,7})$/i.exec(text)?.[1]
  const found = code
    ? crsFromEpsg(Number(code))
    : /^\+|\[/.test(text)
      ? crsFromDefinition(text, nameInText(text))
      : null
  if (!found) throw new AppError('invalid-input', 'The coordinate reference system is not known.')
  return found
}

const nameInText = (text: string) => /^\w+\["([^"]{1,200})"/.exec(text)?.[1] ?? 'custom'

/** True where coordinates of one are coordinates of the other. */
export function sameCrs(a: Crs, b: Crs): boolean {
  return (a.epsg !== null && a.epsg === b.epsg) || canonical(a.proj4) === canonical(b.proj4)
}

const canonical = (definition: string) => definition.trim().split(/\s+/).sort().join(' ')

const WGS84: Crs = { epsg: 4326, name: 'WGS 84', proj4: '+proj=longlat +datum=WGS84', unit: 'degree' }
const WEB_MERCATOR: Crs = {
  epsg: 3857,
  name: 'WGS 84 / Pseudo-Mercator',
  proj4: '+proj=merc +a=6378137 +b=6378137 +lat_ts=0 +lon_0=0 +x_0=0 +y_0=0 +k=1 +units=m +nadgrids=@null',
  unit: 'metre',
}

export { WEB_MERCATOR, WGS84 }

/** Turns coordinates of one CRS into those of another, in place; what cannot be turned becomes NaN. */
export type Transformer = (xs: Float64Array, ys: Float64Array) => void

const converters = new Map<string, proj4.Converter>()

/** A transformer, or null where both are the same and nothing has to be done. */
export function transformer(from: Crs, to: Crs): Transformer | null {
  if (sameCrs(from, to)) return null
  const key = `${from.proj4}|${to.proj4}`
  let converter = converters.get(key)
  if (!converter) {
    converter = proj4(from.proj4, to.proj4)
    if (converters.size > 200) converters.clear()
    converters.set(key, converter)
  }
  const { forward } = converter
  return (xs, ys) => {
    for (let i = 0; i < xs.length; i++) {
      try {
        const point = forward([xs[i] as number, ys[i] as number])
        xs[i] = Number.isFinite(point[0]) ? (point[0] as number) : Number.NaN
        ys[i] = Number.isFinite(point[1]) ? (point[1] as number) : Number.NaN
      } catch {
        xs[i] = Number.NaN
        ys[i] = Number.NaN
      }
    }
  }
}

/** One position; null where it has no image. */
export function transformPoint(from: Crs, to: Crs, x: number, y: number): [number, number] | null {
  const xs = Float64Array.of(x)
  const ys = Float64Array.of(y)
  transformer(from, to)?.(xs, ys)
  return Number.isNaN(xs[0]) ? null : [xs[0] as number, ys[0] as number]
}
