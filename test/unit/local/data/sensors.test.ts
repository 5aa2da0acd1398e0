/** An NDVI finds red and near infrared of the known sensors. */
import { expect, test } from 'vitest'
import { classesOf, commonNameOf, sensorOf, sensorOfBands } from '../../../../main/local/data/sensors.ts'

test.each([
  ['S2A_MSIL2A_20230601T101031_N0509_R022_T32TPS_20230601T143059', 'sentinel-2', 'B04', 'B08'],
  ['T32TPS_20230601T101031_B04_10m.tif', 'sentinel-2', 'B04', 'B08'],
  ['LC08_L1TP_013032_20180131_B4.TIF', 'landsat-8-9', 'B4', 'B5'],
  ['LC09_L2SP_193027_20230601_20230603_02_T1_SR_B4.TIF', 'landsat-8-9', 'SR_B4', 'SR_B5'],
  ['LC80130322018031LGN00_B5.TIF', 'landsat-8-9', 'B4', 'B5'],
  ['LE07_L2SP_193027_20030601_20200903_02_T1_SR_B3.TIF', 'landsat-4-7', 'SR_B3', 'SR_B4'],
  ['LT05_L1TP_193027_19900601_20200915_02_T1_B3.TIF', 'landsat-4-7', 'B3', 'B4'],
  ['HLS.L30.T32TPS.2023152T101031.v2.0.B05.tif', 'landsat-8-9', 'B04', 'B05'],
  ['HLS.S30.T32TPS.2023152T101031.v2.0.B08.tif', 'sentinel-2', 'B04', 'B08'],
] as const)('%s', (name, sensor, red, nir) => {
  expect(sensorOf(name)).toBe(sensor)
  expect([commonNameOf(red, sensor), commonNameOf(nir, sensor)]).toEqual(['red', 'nir'])
})

test('numbers alone mean something only where their writing tells the sensor', () => {
  expect(sensorOfBands(['B04', 'B08'])).toBe('sentinel-2')
  expect(sensorOfBands(['B4', 'B8'])).toBeNull()
  expect(commonNameOf('B4', null)).toBeNull()
  expect(commonNameOf('NIR', null)).toBe('nir')
  expect(commonNameOf('constructor', 'sentinel-2')).toBeNull()
  for (const name of ['dem.tif', 'LATEST_5.tif', 'S2.tif', 'LC_map_2018.tif']) expect(sensorOf(name)).toBeNull()
})

test('the scene classification has its twelve classes', () => {
  expect(classesOf('SCL').map(({ value }) => value)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
  expect(classesOf('B04')).toEqual([])
})
