/**
 * GeoTIFF keys → coordinate reference system (OGC GeoTIFF 1.1, chapter 7 and annexes; GDAL's GeogTOWGS84 key 2062).
 * Owns: EPSG codes first, else the projection spelled out in parameters. Does not: the grid (header.ts).
 */
import { crsFromDefinition, crsFromEpsg } from './crs.ts'
import { TAG } from './layout.ts'
import type { TiffReader, ValueRef } from './tiff.ts'
import type { Crs } from './types.ts'

export type GeoKeys = { values: Map<number, number | number[] | string>; isPoint: boolean }

const KEY = {
  modelType: 1024,
  rasterType: 1025,
  citation: 1026,
  geographicType: 2048,
  geodeticCitation: 2049,
  datum: 2050,
  angularUnits: 2054,
  angularUnitSize: 2055,
  ellipsoid: 2056,
  semiMajor: 2057,
  semiMinor: 2058,
  inverseFlattening: 2059,
  primeMeridian: 2061,
  toWgs84: 2062,
  projectedType: 3072,
  projectedCitation: 3073,
  projection: 3074,
  method: 3075,
  linearUnits: 3076,
  linearUnitSize: 3077,
} as const
const USER_DEFINED = 32767

/** null where the file has no geokeys or they are damaged. */
export async function readGeoKeys(
  reader: TiffReader,
  tags: Map<number, ValueRef>,
  signal?: AbortSignal,
): Promise<GeoKeys | null> {
  const directoryRef = tags.get(TAG.geoKeyDirectory)
  if (!directoryRef) return null
  const directory = await reader.numbers(directoryRef, 65_536, signal)
  const doublesRef = tags.get(TAG.geoDoubleParams)
  const doubles = doublesRef ? await reader.numbers(doublesRef, 65_536, signal) : new Float64Array(0)
  const asciiRef = tags.get(TAG.geoAsciiParams)
  const ascii = asciiRef ? new TextDecoder().decode(await reader.raw(asciiRef, signal)) : ''
  const values: GeoKeys['values'] = new Map()
  for (let i = 4; i + 3 < directory.length && i < 4 + (directory[3] ?? 0) * 4; i += 4) {
    const [key = 0, place = 0, count = 0, value = 0] = directory.subarray(i, i + 4)
    if (place === 0) values.set(key, value)
    else if (place === TAG.geoDoubleParams && value + count <= doubles.length)
      values.set(key, count === 1 ? (doubles[value] as number) : Array.from(doubles.subarray(value, value + count)))
    else if (place === TAG.geoAsciiParams) values.set(key, ascii.slice(value, value + count).replace(/[|\0]+$/, ''))
  }
  return { values, isPoint: values.get(KEY.rasterType) === 2 }
}

/** `none`: the keys name no CRS at all. null: they name one that is not known. */
export function crsOfGeoKeys(keys: GeoKeys): Crs | 'none' | null {
  const number = (key: number) => {
    const value = keys.values.get(key)
    return typeof value === 'number' ? value : undefined
  }
  const modelType = number(KEY.modelType)
  const projected = number(KEY.projectedType)
  const geographic = number(KEY.geographicType)
  if (modelType === 3) return null
  const isProjected = modelType === 1 || (modelType !== 2 && projected !== undefined)
  const code = isProjected ? projected : geographic
  if (code !== undefined && code > 0 && code < USER_DEFINED) {
    const found = crsFromEpsg(code)
    if (found) return found
  }
  if (!isProjected && geographic === undefined && modelType === undefined) return 'none'
  const datum = datumOf(keys)
  if (!datum) return isProjected || geographic !== undefined ? null : 'none'
  if (!isProjected) return crsFromDefinition(`+proj=longlat ${datum}`, nameOf(keys, KEY.geodeticCitation))
  const projection = projectionOf(keys)
  return projection === null ? null : crsFromDefinition(`${projection} ${datum}`, nameOf(keys, KEY.projectedCitation))
}

function nameOf({ values }: GeoKeys, key: number): string {
  const text = values.get(key) ?? values.get(KEY.citation)
  if (typeof text !== 'string') return 'custom'
  const plain = /(?:PCS Name|GCS Name) = ([^|]+)/.exec(text)?.[1] ?? text
  return plain.split('|')[0]?.trim().slice(0, 200) || 'custom'
}

const ELLIPSOIDS: Readonly<Record<number, string>> = {
  7001: 'airy',
  7003: 'aust_SA',
  7004: 'bessel',
  7008: 'clrk66',
  7012: 'clrk80',
  7019: 'GRS80',
  7022: 'intl',
  7024: 'krass',
  7030: 'WGS84',
  7043: 'WGS72',
}

/** Ellipsoid, shift to WGS 84 and prime meridian; null where the keys do not say. */
function datumOf({ values }: GeoKeys): string | null {
  const number = (key: number) => {
    const value = values.get(key)
    return typeof value === 'number' ? value : undefined
  }
  const stated = values.get(KEY.toWgs84)
  const shift =
    Array.isArray(stated) && (stated.length === 3 || stated.length === 7) ? `+towgs84=${stated.join(',')}` : undefined
  const meridian = number(KEY.primeMeridian)
  const suffix = meridian ? ` +pm=${meridian}` : ''
  const geographic = number(KEY.geographicType) ?? USER_DEFINED
  const datum = number(KEY.datum) ?? USER_DEFINED
  // EPSG numbers a datum 2000 above the geographic CRS that it belongs to
  const code = geographic < USER_DEFINED ? geographic : datum > 6000 && datum < 7000 ? datum - 2000 : 0
  const known = code ? crsFromEpsg(code)?.proj4.replace(/\+proj=longlat\s*/, '') : undefined
  if (known) return (shift ? `${known.replace(/\+(towgs84|datum)=\S+/, replaceDatum)} ${shift}` : known) + suffix
  const major = number(KEY.semiMajor)
  const flattening = number(KEY.inverseFlattening)
  const minor = number(KEY.semiMinor)
  const name = ELLIPSOIDS[number(KEY.ellipsoid) ?? 0]
  const axes = major && (flattening ? `+a=${major} +rf=${flattening}` : `+a=${major} +b=${minor ?? major}`)
  const ellipsoid = name ? `+ellps=${name}` : axes
  return ellipsoid ? `${ellipsoid}${shift ? ` ${shift}` : ''}${suffix}` : null
}

const replaceDatum = (_all: string, kind: string) => (kind === 'datum' ? '+ellps=WGS84' : '')

const METRES: Readonly<Record<number, number>> = { 9001: 1, 9002: 0.3048, 9003: 1200 / 3937, 9036: 1000 }
const DEGREES: Readonly<Record<number, number>> = { 9101: 180 / Math.PI, 9102: 1, 9105: 0.9, 9106: 0.9 }

/** Parameters by key: [standard parallels, origins, …] as they appear in annex tables of the specification. */
function parametersOf({ values }: GeoKeys) {
  const number = (...keys: number[]) => {
    for (const key of keys) {
      const value = values.get(key)
      if (typeof value === 'number') return value
    }
    return undefined
  }
  const linearCode = number(KEY.linearUnits) ?? 9001
  const metres = METRES[linearCode] ?? number(KEY.linearUnitSize) ?? 1
  const degrees =
    DEGREES[number(KEY.angularUnits) ?? 9102] ?? (number(KEY.angularUnitSize) ?? Math.PI / 180) * (180 / Math.PI)
  const angle = (...keys: number[]) => (number(...keys) ?? 0) * degrees
  const length = (...keys: number[]) => (number(...keys) ?? 0) * metres
  const units = linearCode === 9003 ? '+units=us-ft' : metres === 1 ? '+units=m' : `+to_meter=${metres}`
  return {
    lat1: `+lat_1=${angle(3078)}`,
    lat2: `+lat_2=${angle(3079)}`,
    lat0: `+lat_0=${angle(3081, 3085, 3089)}`,
    lon0: `+lon_0=${angle(3080, 3084, 3088, 3095)}`,
    poleLon: `+lon_0=${angle(3095, 3080, 3084, 3088)}`,
    trueScale: angle(3081, 3078),
    standard: number(3078) === undefined ? undefined : angle(3078),
    k: `+k=${number(3092, 3093) ?? 1}`,
    scale: number(3092, 3093),
    azimuth: `+alpha=${angle(3094)}`,
    gamma: number(3096) === undefined ? '' : `+gamma=${angle(3096)}`,
    end: `+x_0=${length(3082, 3086, 3090)} +y_0=${length(3083, 3087, 3091)} ${units}`,
  }
}

/** The projection spelled out; null where its method is not known. */
function projectionOf(keys: GeoKeys): string | null {
  const operation = keys.values.get(KEY.projection)
  const p = parametersOf(keys)
  if (typeof operation === 'number' && operation >= 16001 && operation <= 16160) {
    const zone = operation % 100
    if (zone >= 1 && zone <= 60) return `+proj=utm +zone=${zone}${operation > 16100 ? ' +south' : ''} +units=m`
  }
  switch (keys.values.get(KEY.method)) {
    case 1:
      return `+proj=tmerc ${p.lat0} ${p.lon0} ${p.k} ${p.end}`
    case 3:
      return `+proj=omerc ${p.lat0} ${p.lon0.replace('lon_0', 'lonc')} ${p.azimuth} ${p.gamma} ${p.k} ${p.end}`
    case 5:
      return `+proj=somerc ${p.lat0} ${p.lon0} ${p.k.replace('+k=', '+k_0=')} ${p.end}`
    case 7:
      return `+proj=merc ${p.lon0} ${p.standard === undefined ? p.k : `+lat_ts=${p.standard}`} ${p.end}`
    case 8:
      return `+proj=lcc ${p.lat1} ${p.lat2} ${p.lat0} ${p.lon0} ${p.end}`
    case 9:
      return `+proj=lcc ${p.lat0.replace('lat_0', 'lat_1')} ${p.lat0} ${p.lon0} ${p.k.replace('+k=', '+k_0=')} ${p.end}`
    case 10:
      return `+proj=laea ${p.lat0} ${p.lon0} ${p.end}`
    case 11:
      return `+proj=aea ${p.lat1} ${p.lat2} ${p.lat0} ${p.lon0} ${p.end}`
    case 12:
      return `+proj=aeqd ${p.lat0} ${p.lon0} ${p.end}`
    case 13:
      return `+proj=eqdc ${p.lat1} ${p.lat2} ${p.lat0} ${p.lon0} ${p.end}`
    case 14:
      return `+proj=stere ${p.lat0} ${p.lon0} ${p.k} ${p.end}`
    case 15: {
      // with a scale factor the true-scale latitude is the pole itself
      const pole = p.trueScale < 0 ? -90 : 90
      const ts = p.scale !== undefined && p.scale !== 1 ? p.k : `+lat_ts=${p.trueScale}`
      return `+proj=stere +lat_0=${pole} ${ts} ${p.poleLon} ${p.end}`
    }
    case 16:
      return `+proj=sterea ${p.lat0} ${p.lon0} ${p.k} ${p.end}`
    case 17:
      return `+proj=eqc +lat_ts=${p.standard ?? 0} ${p.lat0} ${p.lon0} ${p.end}`
    case 18:
      return `+proj=cass ${p.lat0} ${p.lon0} ${p.end}`
    case 19:
      return `+proj=gnom ${p.lat0} ${p.lon0} ${p.end}`
    case 20:
      return `+proj=mill ${p.lat0} ${p.lon0} ${p.end}`
    case 21:
      return `+proj=ortho ${p.lat0} ${p.lon0} ${p.end}`
    case 22:
      return `+proj=poly ${p.lat0} ${p.lon0} ${p.end}`
    case 23:
      return `+proj=robin ${p.lon0} ${p.end}`
    case 24:
      return `+proj=sinu ${p.lon0} ${p.end}`
    case 25:
      return `+proj=vandg ${p.lon0} ${p.end}`
    case 28:
      return `+proj=cea ${p.standard === undefined ? '' : `+lat_ts=${p.standard}`} ${p.lon0} ${p.end}`
    default:
      return null
  }
}
