/** `summaries` of a STAC collection as facts: known properties by their names, the others as they are called. Pure. */
import type { Json, JsonObject } from '../../preload/contract/vocabulary.ts'
import { formatNumber } from '../ui/format.ts'
import { resolutionWords } from './collection-words.ts'
import type { Fact } from './fact.ts'
import { isObject, listOf, numberOf, objectOf, own, shortJson, textOf } from './schema/json.ts'

const LABELS: Record<string, string> = {
  constellation: 'Constellation',
  platform: 'Platform',
  instruments: 'Instruments',
  mission: 'Mission',
  'eo:cloud_cover': 'Cloud cover',
  'eo:snow_cover': 'Snow cover',
  'processing:level': 'Processing level',
  'processing:facility': 'Processing facility',
  'processing:software': 'Software',
  'proj:epsg': 'Reference systems',
  'proj:code': 'Reference systems',
  'sar:instrument_mode': 'Instrument mode',
  'sar:polarizations': 'Polarisations',
  'sar:frequency_band': 'Frequency band',
  'sar:center_frequency': 'Centre frequency',
  'sar:product_type': 'Product type',
  'product:type': 'Product type',
  'product:timeliness': 'Timeliness',
  'sat:orbit_state': 'Orbit state',
  'sat:relative_orbit': 'Relative orbit',
  'sat:absolute_orbit': 'Absolute orbit',
  'view:off_nadir': 'Off-nadir angle',
  'view:sun_elevation': 'Sun elevation',
  'view:sun_azimuth': 'Sun azimuth',
  'view:azimuth': 'View azimuth',
  'view:incidence_angle': 'Incidence angle',
  datetime: 'Time',
  created: 'Made',
  updated: 'Changed',
}
const UNITS: Record<string, string> = {
  'eo:cloud_cover': ' %',
  'eo:snow_cover': ' %',
  'sar:center_frequency': ' GHz',
  'view:off_nadir': '°',
  'view:sun_elevation': '°',
  'view:sun_azimuth': '°',
  'view:azimuth': '°',
  'view:incidence_angle': '°',
}
/** These have a place of their own on the page. */
const ELSEWHERE = new Set(['gsd', 'bands', 'eo:bands', 'raster:bands', 'federation:backends'])
const MOST = 60
const MOST_VALUES = 12

const valueWords = (value: Json, unit: string): string =>
  typeof value === 'number'
    ? `${formatNumber(value, 7)}${unit}`
    : typeof value === 'string'
      ? value.slice(0, 200)
      : shortJson(value, 120)

function rangeWords(range: JsonObject, unit: string): string {
  const [low, high] = [range.minimum ?? range.min, range.maximum ?? range.max]
  if (low === undefined || high === undefined) return ''
  if (low === high) return valueWords(low, unit)
  // the unit once is enough
  return `${valueWords(low, numberOf(low) !== null && numberOf(high) !== null ? '' : unit)} to ${valueWords(high, unit)}`
}

/** A value of whatever shape a summary may have: a list of values, a range, or a JSON Schema. */
export function summaryWords(value: Json | undefined, unit = ''): string {
  if (value === undefined || value === null) return ''
  if (Array.isArray(value)) {
    // two numbers are a range with some back-ends and a list with others: the list cannot be wrong
    const some = value
      .filter((one) => one !== null)
      .slice(0, MOST_VALUES)
      .map((one) => valueWords(one, unit))
    return value.length > MOST_VALUES ? `${some.join(', ')} … (${value.length})` : some.join(', ')
  }
  if (!isObject(value)) return valueWords(value, unit)
  const range = rangeWords(value, unit)
  if (range) return range
  const choices = listOf(value.enum)
  if (choices.length) return summaryWords(choices, unit)
  return Object.entries(value)
    .slice(0, MOST_VALUES)
    .map(([name, one]) => `${name}: ${shortJson(one, 60)}`)
    .join(', ')
}

export function summaryFacts(document: JsonObject): Fact[] {
  return Object.entries(objectOf(document.summaries))
    .filter(([name]) => !ELSEWHERE.has(name))
    .slice(0, MOST)
    .map(([name, value]) => ({
      label: own(LABELS, name) ?? name,
      value:
        name === 'proj:epsg'
          ? listOf(value)
              .map((code) => (typeof code === 'number' ? `EPSG:${code}` : textOf(code)))
              .filter(Boolean)
              .slice(0, MOST_VALUES)
              .join(', ')
          : summaryWords(value, own(UNITS, name)),
    }))
    .filter((fact, index, all) => fact.value && all.findIndex(({ label }) => label === fact.label) === index)
}

/** The ground sample distances that the document states; where it states none, the one that was worked out. */
export function resolutionOf(document: JsonObject, resolutionM: number | undefined): string {
  return summaryWords(objectOf(document.summaries).gsd, ' m') || resolutionWords(resolutionM)
}
