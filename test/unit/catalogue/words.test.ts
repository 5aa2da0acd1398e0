/** What analysts type finds what they mean: the cases as pairs, matched by hand as FTS5 does. */
import { expect, test } from 'vitest'
import { indexTokens, matchExpression, searchTerms } from '../../../main/catalogue/words.ts'

/** An expression of prefixes with AND, OR and brackets, read on its own. */
function isMatch(expression: string, tokens: readonly string[]): boolean {
  const parts = expression.match(/"[^"]*" \*|AND|OR|\(|\)/g) ?? []
  let at = 0
  const one = (): boolean => {
    const part = parts[at++] as string
    if (part !== '(') return tokens.some((token) => token.startsWith(part.slice(1, -3)))
    const inside = either()
    expect(parts[at++]).toBe(')')
    return inside
  }
  const both = (): boolean => {
    let is = one()
    while (parts[at] === 'AND') {
      at++
      is = one() && is
    }
    return is
  }
  function either(): boolean {
    let is = both()
    while (parts[at] === 'OR') {
      at++
      is = both() || is
    }
    return is
  }
  const is = either()
  expect(at).toBe(parts.length)
  return is
}
const finds = (text: string, query: string, areBands = false) =>
  isMatch(matchExpression(searchTerms(query)), indexTokens(text, { areBands }).split(' '))

test.each([
  ['SENTINEL2_L2A', 'sentinel 2'],
  ['SENTINEL2_L2A', 'sentinel2 l2a'],
  ['SENTINEL2_L2A', 'senti l2a'],
  ['SENTINEL2_L2A', 's2 l2a'],
  ['SENTINEL2_L2A', 's2_l2a'],
  ['Sentinel 2 MSI', 's2'],
  ['COPERNICUS/S2_SR', 'COPERNICUS/S2_SR'],
  ['COPERNICUS/S2_SR', 's2 sr'],
  ['COPERNICUS/S2_SR', 'copernicus/s2'],
  ['COPERNICUS/S2_SR', 'sentinel 2'],
  ['COPERNICUS/S2_SR', 'sentinel-2 sr'],
  ['TERRASCOPE_S2_TOC_V2', 'sentinel-2 toc'],
  ['Sentinel-2A', 'sentinel2'],
  ['SENTINEL1_GRD', 's1grd'],
  ['sentinel-1-grd', 's1 grd'],
  ['COPERNICUS/S3/OLCI', 'sentinel 3'],
  ['Sentinel-5P', 's5p'],
  ['SENTINEL_5P_L2', 's5 p'],
  ['SENTINEL_5P_L2', 'sentinel5p'],
  ['S5P_OFFL_L3', 'sentinel-5p'],
  ['LANDSAT8-9_L2', 'landsat 8'],
  ['LANDSAT8-9_L2', 'landsat9'],
  ['LANDSAT8-9_L2', 'L9'],
  ['LANDSAT8-9_L2', 'l8'],
  ['LANDSAT8-9_L2', 'landsat-9 l2'],
  ['Landsat 8-9 OLI', 'landsat9'],
  ['LANDSAT/LC08/C02/T1_L2', 'landsat 8'],
  ['LANDSAT/LC08/C02/T1_L2', 'l8'],
  ['LANDSAT/LC08/C02/T1_L2', 'lc8'],
  ['LANDSAT_8_OLI', 'lc08'],
  ['PROBAV_L3_S1_TOC_333M', 'proba v'],
  ['PROBA-V', 'probav'],
  ['PROBAV_L3_S10_TOC', 'proba-v'],
  ['ESA_WORLDCOVER_10M_2021_V2', 'world cover'],
  ['ESA_WORLDCOVER_10M_2021_V2', 'esa world cover'],
  ['ESA WorldCover 10m', 'cover'],
  ['ESA WorldCover 10m', 'worldcover'],
  ['CopDEM 30', 'dem'],
  ['CopDEM 30', 'copdem'],
  ['AgERA5', 'era5'],
  ['AgERA5', 'agera5'],
  ['SoilGrids250m', 'grids 250'],
  ['loadCollection', 'collection'],
  ['load_collection', 'load coll'],
  ['load_collection', 'loadCollection'],
  ['aggregate_temporal_period', 'temp agg'],
  ['Überschwemmung', 'uberschwemmung'],
  ['Überschwemmung', 'ueberschwemmung'],
  ['Ueberschwemmung', 'Überschwemmung'],
  ['Uberschwemmung', 'Überschwemmung'],
  ['U\u0308berschwemmung', 'ueber'],
  ['straße', 'strasse'],
  ['Strasse', 'straße'],
  ['Ångström', 'angstrom'],
  ['ČESKO', 'cesko'],
  ['Łódź', 'lodz'],
  ['日本', '日'],
  ['NDVI (300m)', '300 m'],
  ['10m', '10 m'],
  ['EO:CLMS:DAT:CLC', 'clc'],
  ['a_b_c_d_e_f_g_h_i_dem', 'dem'],
  ['a_b_c_d_e_f_g_h_i_dem', 'a_b_c_d_e_f_g_h_i_d'],
])('%s is found by %s', (text, query) => expect(finds(text, query)).toBe(true))

test.each([
  ['B08', 'B8'],
  ['B8', 'b08'],
  ['B8A', 'b08a'],
])('band %s is found by %s', (name, query) => expect(finds(name, query, true)).toBe(true))

test.each([
  ['SENTINEL2_L2A', 'sentinel 3'],
  ['PROBAV_L3_S1_TOC_333M', 'sentinel 1'],
  ['GEDI_L4A', 'landsat 4'],
  ['S10', 'sentinel'],
  ['MODIS2', 'sentinel'],
  ['B18', 'b8'],
  ['blue', 'blu e x'],
  ['collection', 'ollection'],
])('%s is not found by %s', (text, query) => expect(finds(text, query)).toBe(false))
test('a band called S2 is no satellite', () => expect(finds('S2', 'sentinel', true)).toBe(false))

test('what is kept and asked for is bounded', () => {
  for (const text of [
    'a1'.repeat(5_000),
    's2'.repeat(3_000),
    'sentinel-2-'.repeat(1_000),
    'Aa'.repeat(5_000),
    '_'.repeat(9_000),
  ]) {
    expect(indexTokens(text).length).toBeLessThan(200_000)
    expect(matchExpression(searchTerms(text)).length).toBeLessThan(3_000)
  }
})
