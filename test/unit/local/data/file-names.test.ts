/** Dates, bands and stems are read out of names as products and people write them; what is no date is not taken for one. */
import { expect, test } from 'vitest'
import { dateInName, dateInTag, partsOfName } from '../../../../main/local/data/file-names.ts'

test.each([
  ['openEO_2023-06-01Z.tif', '2023-06-01T00:00:00Z', null, 'openEO'],
  ['LC08_L1TP_013032_20180131_B4.TIF', '2018-01-31T00:00:00Z', 'B4', 'LC08_L1TP_013032'],
  [
    'LC08_L1TP_013032_20180131_20180207_01_T1_B10.TIF',
    '2018-01-31T00:00:00Z',
    'B10',
    'LC08_L1TP_013032_20180207_01_T1',
  ],
  [
    'LC09_L2SP_193027_20230601_20230603_02_T1_SR_B4.TIF',
    '2023-06-01T00:00:00Z',
    'SR_B4',
    'LC09_L2SP_193027_20230603_02_T1',
  ],
  [
    'LC09_L2SP_193027_20230601_20230603_02_T1_QA_PIXEL.TIF',
    '2023-06-01T00:00:00Z',
    'QA_PIXEL',
    'LC09_L2SP_193027_20230603_02_T1',
  ],
  ['LC80130322018031LGN00_B5.TIF', '2018-01-31T00:00:00Z', 'B5', ''],
  ['T32TPS_20230601T101031_B8A_20m.tif', '2023-06-01T10:10:31Z', 'B8A', 'T32TPS'],
  ['T32TPS_20230601T101031_SCL_20m.tif', '2023-06-01T10:10:31Z', 'SCL', 'T32TPS'],
  [
    'S2A_MSIL2A_20230601T101031_N0509_R022_T32TPS_20230601T143059_B04.tif',
    '2023-06-01T10:10:31Z',
    'B04',
    'S2A_MSIL2A_N0509_R022_T32TPS_20230601T143059',
  ],
  ['MOD13Q1.A2018031.h18v04.006_ndvi.tif', '2018-01-31T00:00:00Z', null, 'MOD13Q1_A_h18v04_006_ndvi'],
  ['field 2024-02-29T10-30-00 nir.tiff', '2024-02-29T10:30:00Z', 'nir', 'field'],
  ['20240229T103000Z_red.tif', '2024-02-29T10:30:00Z', 'red', ''],
  ['2023060_temp.tif', '2023-03-01T00:00:00Z', null, 'temp'],
  ['B04.tif', null, 'B04', ''],
  ['B02_flat_color.tif', null, 'B02', 'flat_color'],
  ['s2_b08_f32_lerc.tif', null, null, 's2_b08_f32_lerc'],
  ['dem.tif', null, null, 'dem'],
  ['tile_20231399.tif', null, null, 'tile_20231399'],
  ['tile_2023-02-30.tif', null, null, 'tile_2023_02_30'],
  ['part_120230601.tif', null, null, 'part_120230601'],
])('%s', (name, instant, band, stem) => {
  const parts = partsOfName(name)
  expect([parts.date?.instant ?? null, parts.band, parts.stem]).toEqual([instant, band, stem])
})

test('a day of the year beyond the year is no date', () => {
  expect(dateInName('a2023366b')).toBeNull()
  expect(dateInName('a2024366b')?.date.instant).toBe('2024-12-31T00:00:00Z')
  expect(dateInName('a2024000b')).toBeNull()
})

test('TIFFTAG_DATETIME is read as UTC; what is not one is none', () => {
  expect(dateInTag('2018:07:16 06:06:23')).toBe('2018-07-16T06:06:23Z')
  expect(dateInTag('2018-07-16T06:06:23')).toBe('2018-07-16T06:06:23Z')
  for (const text of [null, '', '    :  :     :  :  ', '0000:00:00 00:00:00', '2018:13:01 00:00:00', 'yesterday'])
    expect(dateInTag(text)).toBeNull()
})

test('names of any length and letters end in time', () => {
  const startMs = performance.now()
  for (const name of [
    '1'.repeat(50_000),
    'B'.repeat(50_000),
    '2023-'.repeat(10_000),
    '_'.repeat(50_000),
    '20230101T'.repeat(5_000),
  ])
    partsOfName(name)
  expect(performance.now() - startMs).toBeLessThan(1_000)
})
