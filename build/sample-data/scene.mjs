/**
 * Where, when and what: the facts of the sample collection that its other parts share.
 * The place is on the map (Danube plain, UTM zone 32), the landscape on it is invented.
 */
export const SIZE = 768
export const RESOLUTION_M = 10
export const EPSG = 32632
/** Easting and northing of the outer corner of the first pixel. */
export const ORIGIN = [600_000, 5_400_000]
const LATITUDE_DEG = 48.7
export const BAND_NAMES = ['B02', 'B03', 'B04', 'B08', 'SCL']
/** Reflectance 1 is stored as 10000; 0 is no data. */
export const SCALE = 0.0001

const DAY_MS = 86_400_000
const FIRST_DAY = Date.UTC(2024, 0, 4)

/**
 * Cloud cover by overpass, every ten days of 2024. `kind`: how the clouds look; `edge`: the share of the scene that the
 * swath leaves out, on the east (positive) or west (negative).
 */
const SKIES = [
  [1, 'stratus'],
  [0.35, 'stratus', 0.3],
  [0, 'clear'],
  [0.62, 'stratus'],
  [0.12, 'cumulus'],
  [1, 'stratus'],
  [0.2, 'cumulus', -0.25],
  [0, 'clear'],
  [0.45, 'cumulus'],
  [0.04, 'cumulus'],
  [0.7, 'stratus'],
  [0, 'clear'],
  [0.16, 'cumulus', 0.4],
  [0.3, 'cumulus'],
  [0, 'clear'],
  [0.08, 'cumulus'],
  [1, 'stratus'],
  [0.22, 'cumulus'],
  [0, 'clear'],
  [0.02, 'cumulus'],
  [0.38, 'cumulus', -0.35],
  [0, 'cirrus'],
  [0.1, 'cumulus'],
  [0, 'clear'],
  [0.55, 'stratus'],
  [0.14, 'cumulus'],
  [0, 'clear', 0.2],
  [0.28, 'cumulus'],
  [0, 'cirrus'],
  [0.5, 'stratus'],
  [0.06, 'cumulus'],
  [1, 'stratus'],
  [0.33, 'stratus', -0.3],
  [0.8, 'stratus'],
  [0, 'clear'],
  [0.4, 'stratus'],
]

const dayOfYear = (time) => Math.floor((time - Date.UTC(2024, 0, 0)) / DAY_MS)

/** The overpasses: name, instant, day of the year, sky and the sun's place. */
export const OVERPASSES = SKIES.map(([cover, kind, edge = 0], index) => {
  const time = FIRST_DAY + index * 10 * DAY_MS
  const day = dayOfYear(time)
  const date = new Date(time).toISOString().slice(0, 10)
  const declination = (-23.44 * Math.PI * Math.cos((2 * Math.PI * (day + 10)) / 365)) / 180
  const latitude = (LATITUDE_DEG * Math.PI) / 180
  const hourAngle = (-20 * Math.PI) / 180 // some 80 minutes before noon
  const cosZenith =
    Math.sin(latitude) * Math.sin(declination) + Math.cos(latitude) * Math.cos(declination) * Math.cos(hourAngle)
  return {
    index,
    id: `S2_${date.replaceAll('-', '')}`,
    datetime: `${date}T10:16:31Z`,
    day,
    cover,
    kind,
    edge,
    hasSnow: index === 2,
    sunZenithDeg: (Math.acos(cosZenith) * 180) / Math.PI,
    sunAzimuthDeg: 158,
  }
})

/** Scene classification as in Sentinel-2 level 2A products. */
export const CLASSES = [
  [0, 'no_data', 'No data'],
  [3, 'cloud_shadow', 'Shadow of a cloud'],
  [4, 'vegetation', 'Vegetation'],
  [5, 'not_vegetated', 'Bare or built-up'],
  [6, 'water', 'Water'],
  [7, 'unclassified', 'Not classified'],
  [8, 'cloud_medium_probability', 'Cloud, medium probability'],
  [9, 'cloud_high_probability', 'Cloud, high probability'],
  [10, 'thin_cirrus', 'Thin cirrus'],
  [11, 'snow', 'Snow or ice'],
].map(([value, name, description]) => ({ value, name, description }))
