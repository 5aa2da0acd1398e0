/**
 * Coordinate reference system → GeoTIFF keys, the way back of geokeys.ts.
 * Owns: the EPSG code where there is one that fits the key's 16 bits, else the parameters spelled out.
 */
import proj4 from 'proj4'
import { AppError } from '../core/errors.ts'
import type { Crs } from './types.ts'

/** The three tags 34735, 34736 and 34737. */
export type GeoKeyTags = { directory: number[]; doubles: number[]; ascii: string }

/** What proj4 makes of a definition: angles in radians, lengths in metres. */
type Parsed = {
  projName: string
  a: number
  b: number
  lat0?: number
  lat1?: number
  lat2?: number
  lat_ts?: number
  long0?: number
  longc?: number
  x0?: number
  y0?: number
  k0?: number
  alpha?: number
  rectified_grid_angle?: number
  to_meter?: number
  zone?: number
  utmSouth?: boolean
  datum_params?: (string | number)[]
  from_greenwich?: number
}

/** @throws AppError `invalid-input` where GeoTIFF has no words for the projection */
export function geoKeyTags(crs: Crs): GeoKeyTags {
  const keys = new KeyList()
  const isGeographic = crs.unit === 'degree'
  keys.short(1024, isGeographic ? 2 : 1)
  keys.short(1025, 1) // PixelIsArea
  if (crs.epsg !== null && crs.epsg < 32767) {
    keys.short(isGeographic ? 2048 : 3072, crs.epsg)
    return keys.tags()
  }
  const parsed = new (proj4 as unknown as { Proj: new (definition: string) => Parsed }).Proj(crs.proj4)
  keys.ascii(1026, crs.name)
  writeDatum(keys, parsed)
  if (!isGeographic) writeProjection(keys, parsed)
  return keys.tags()
}

class KeyList {
  private readonly entries: [key: number, place: number, count: number, value: number][] = []
  private readonly numbers: number[] = []
  private text = ''

  short(key: number, value: number): void {
    this.entries.push([key, 0, 1, value])
  }
  double(key: number, ...values: number[]): void {
    this.entries.push([key, 34736, values.length, this.numbers.length])
    this.numbers.push(...values)
  }
  ascii(key: number, value: string): void {
    const plain = `${value.replace(/[^\x20-\x7e]/g, '?').replaceAll('|', '/')}|`
    this.entries.push([key, 34737, plain.length, this.text.length])
    this.text += plain
  }
  tags(): GeoKeyTags {
    const sorted = this.entries.toSorted((a, b) => a[0] - b[0])
    return { directory: [1, 1, 0, sorted.length, ...sorted.flat()], doubles: this.numbers, ascii: this.text }
  }
}

const degrees = (radians: number | undefined) => Number((((radians ?? 0) * 180) / Math.PI).toFixed(12))

function writeDatum(keys: KeyList, { a, b, datum_params, from_greenwich }: Parsed): void {
  keys.short(2048, 32767)
  keys.short(2050, 32767)
  keys.short(2054, 9102)
  keys.short(2056, 32767)
  keys.double(2057, a)
  if (Math.abs(a - b) < 1e-6) keys.double(2058, b)
  else keys.double(2059, a / (a - b))
  if (from_greenwich) keys.double(2061, degrees(from_greenwich))
  const shift = datum_params?.map(Number)
  if (!shift || (shift.length !== 3 && shift.length !== 7)) return
  keys.double(2062, ...shift)
}

/** proj4's name → [GeoTIFF method, key of latitude and longitude of origin] */
function writeProjection(keys: KeyList, p: Parsed): void {
  const metres = p.to_meter ?? 1
  keys.short(3072, 32767)
  keys.short(3074, 32767)
  if (Math.abs(metres - 1200 / 3937) < 1e-12) keys.short(3076, 9003)
  else if (metres === 0.3048) keys.short(3076, 9002)
  else if (metres === 1) keys.short(3076, 9001)
  else {
    keys.short(3076, 32767)
    keys.double(3077, metres)
  }
  const name = p.projName.toLowerCase()
  const write = METHODS[name]
  if (!write) throw new AppError('invalid-input', 'The coordinate reference system cannot be stored in a GeoTIFF.')
  write(keys, p, (length) => (length ?? 0) / metres)
}

type Length = (metres: number | undefined) => number
type Write = (keys: KeyList, p: Parsed, length: Length) => void

/** Method, natural origin and false origin, as most projections have them. */
const simple =
  (method: number, hasScale = false): Write =>
  (keys, p, length) => {
    keys.short(3075, method)
    keys.double(3080, degrees(p.long0))
    keys.double(3081, degrees(p.lat0))
    keys.double(3082, length(p.x0))
    keys.double(3083, length(p.y0))
    if (hasScale) keys.double(3092, p.k0 ?? 1)
  }

/** Method with its origin in the "centre" keys. */
const centred =
  (method: number): Write =>
  (keys, p, length) => {
    keys.short(3075, method)
    keys.double(3088, degrees(p.long0))
    keys.double(3089, degrees(p.lat0))
    keys.double(3082, length(p.x0))
    keys.double(3083, length(p.y0))
  }

const conic =
  (method: number, isFalseOrigin: boolean): Write =>
  (keys, p, length) => {
    keys.short(3075, method)
    keys.double(3078, degrees(p.lat1))
    keys.double(3079, degrees(p.lat2 ?? p.lat1))
    keys.double(isFalseOrigin ? 3084 : 3080, degrees(p.long0))
    keys.double(isFalseOrigin ? 3085 : 3081, degrees(p.lat0))
    keys.double(isFalseOrigin ? 3086 : 3082, length(p.x0))
    keys.double(isFalseOrigin ? 3087 : 3083, length(p.y0))
  }

const lambert: Write = (keys, p, length) => {
  const isTangent = p.lat2 === undefined || Math.abs(p.lat2 - (p.lat1 ?? 0)) < 1e-12
  if (isTangent) simple(9, true)(keys, { ...p, lat0: p.lat1 ?? p.lat0 ?? 0 }, length)
  else conic(8, true)(keys, p, length)
}

const mercator: Write = (keys, p, length) => {
  if (p.lat_ts) {
    keys.double(3078, degrees(p.lat_ts))
    simple(7)(keys, p, length)
  } else simple(7, true)(keys, p, length)
}

const stereographic: Write = (keys, p, length) => {
  const isPolar = Math.abs(Math.abs(p.lat0 ?? 0) - Math.PI / 2) < 1e-9
  if (!isPolar) {
    centred(14)(keys, p, length)
    keys.double(3092, p.k0 ?? 1)
    return
  }
  keys.short(3075, 15)
  keys.double(3081, degrees(p.lat_ts ?? p.lat0))
  keys.double(3082, length(p.x0))
  keys.double(3083, length(p.y0))
  // with a latitude of true scale proj4 has worked its factor out; only one of the two may be stated
  const isTrueScale = p.lat_ts !== undefined && Math.abs(Math.abs(p.lat_ts) - Math.PI / 2) > 1e-9
  keys.double(3092, isTrueScale ? 1 : (p.k0 ?? 1))
  keys.double(3095, degrees(p.long0))
}

const oblique: Write = (keys, p, length) => {
  keys.short(3075, 3)
  keys.double(3088, degrees(p.longc ?? p.long0))
  keys.double(3089, degrees(p.lat0))
  keys.double(3082, length(p.x0))
  keys.double(3083, length(p.y0))
  keys.double(3093, p.k0 ?? 1)
  keys.double(3094, degrees(p.alpha))
  keys.double(3096, degrees(p.rectified_grid_angle ?? p.alpha))
}

const universal: Write = (keys, p) => keys.short(3074, (p.utmSouth ? 16100 : 16000) + (p.zone ?? 1))

const METHODS: Readonly<Record<string, Write>> = {
  utm: (keys, p, length) =>
    p.zone
      ? simple(1, true)(
          keys,
          {
            ...p,
            lat0: 0,
            long0: (((p.zone - 1) * 6 - 177) * Math.PI) / 180,
            x0: 500_000,
            y0: p.utmSouth ? 10_000_000 : 0,
            k0: 0.9996,
          },
          length,
        )
      : universal(keys, p, length),
  'universal transverse mercator system': universal,
  tmerc: simple(1, true),
  etmerc: simple(1, true),
  aea: conic(11, false),
  lcc: lambert,
  laea: centred(10),
  aeqd: centred(12),
  eqdc: conic(13, false),
  merc: mercator,
  stere: stereographic,
  sterea: simple(16, true),
  omerc: oblique,
  eqc: (keys, p, length) => {
    keys.double(3078, degrees(p.lat_ts))
    centred(17)(keys, p, length)
  },
  cass: simple(18),
  gnom: centred(19),
  mill: centred(20),
  ortho: centred(21),
  poly: simple(22),
  robin: centred(23),
  sinu: centred(24),
  vandg: centred(25),
  cea: (keys, p, length) => {
    keys.double(3078, degrees(p.lat_ts))
    simple(28)(keys, p, length)
  },
}
