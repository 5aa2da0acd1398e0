/**
 * What is known of sensors whose files name bands by number: common names, and classes of their quality bands.
 * Owns: the tables. Sources: ESA Sentinel-2 MSI and USGS Landsat 4–9 band designations; common names as in STAC's eo
 * extension. Near infrared of Landsat 8/9 (band 5) is `nir`, so that an NDVI finds it.
 */
import type { BandInfo } from '../model.ts'

export type Sensor = 'sentinel-2' | 'landsat-8-9' | 'landsat-4-7'

const words = (text: string) => Object.fromEntries(text.split(' ').map((pair) => pair.split('=') as [string, string]))
const COMMON_NAMES: Record<Sensor, Record<string, string>> = {
  'sentinel-2': words(
    'B1=coastal B2=blue B3=green B4=red B5=rededge B6=rededge B7=rededge B8=nir B8A=nir08 B9=nir09 B10=cirrus B11=swir16 B12=swir22',
  ),
  'landsat-8-9': words(
    'B1=coastal B2=blue B3=green B4=red B5=nir B6=swir16 B7=swir22 B8=pan B9=cirrus B10=lwir11 B11=lwir12',
  ),
  'landsat-4-7': words('B1=blue B2=green B3=red B4=nir B5=swir16 B6=lwir B7=swir22 B8=pan'),
}

/** Names that say themselves what they are, in small letters. */
const SPOKEN: Record<string, string> = {
  ...Object.fromEntries(
    'coastal blue green red rededge yellow pan nir nir08 nir09 cirrus swir16 swir22 lwir lwir11 lwir12'
      .split(' ')
      .map((name) => [name, name]),
  ),
  ...words(
    'aerosol=coastal panchromatic=pan swir1=swir16 swir2=swir22 tir=lwir thermal=lwir rededge1=rededge rededge2=rededge rededge3=rededge nir1=nir',
  ),
}

/** The sensor by a file's or folder's name; null where it does not tell. */
export function sensorOf(name: string): Sensor | null {
  if (/(^|[_.])HLS[._]L30/i.test(name)) return 'landsat-8-9'
  if (/(^|[_.])HLS[._]S30|(^|_)S2[A-D]_|(^|_)S2[A-D]?MSI|(^|_)T\d{2}[C-X][A-Z]{2}_\d{8}T\d{6}/i.test(name))
    return 'sentinel-2'
  const landsat = /(^|_)L[COTEM]0?([4-9])(_|\d{6})/i.exec(name)
  if (!landsat) return null
  return Number(landsat[2]) >= 8 ? 'landsat-8-9' : 'landsat-4-7'
}

/** Two digits, or a letter behind one, are Sentinel-2's way of numbering bands. */
export function sensorOfBands(bands: readonly string[]): Sensor | null {
  return bands.some((band) => /^B(0[1-9]|8A)$/.test(band)) ? 'sentinel-2' : null
}

/** The common name of a band, null where nothing is known of it. */
export function commonNameOf(band: string, sensor: Sensor | null): string | null {
  const small = band.toLowerCase()
  if (Object.hasOwn(SPOKEN, small)) return SPOKEN[small] ?? null
  const number = /^(?:S[RT]_)?(B\d*[A-Z]?)(?:_VCID_\d)?$/i.exec(band)?.[1]
  if (number === undefined || sensor === null) return null
  const plain = number.toUpperCase().replace(/^B0+(?=\d)/, 'B')
  return COMMON_NAMES[sensor][plain] ?? null
}

/** Scene classification of Sentinel-2 Level-2A, by value from 0. */
const SCL = [
  ['no_data', 'No data'],
  ['saturated_or_defective', 'Saturated or defective'],
  ['dark_area', 'Dark area, cast shadow'],
  ['cloud_shadow', 'Cloud shadow'],
  ['vegetation', 'Vegetation'],
  ['not_vegetated', 'Bare ground, built-up'],
  ['water', 'Water'],
  ['unclassified', 'Unclassified'],
  ['cloud_medium_probability', 'Cloud, medium probability'],
  ['cloud_high_probability', 'Cloud, high probability'],
  ['thin_cirrus', 'Thin cirrus'],
  ['snow_or_ice', 'Snow or ice'],
] as const

/** Classes of a band that is known to be a classification. */
export function classesOf(band: string): BandInfo['classes'] {
  if (band.toUpperCase() !== 'SCL') return []
  return SCL.map(([name, description], value) => ({ value, name, description }))
}
