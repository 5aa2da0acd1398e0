// Makes resources/generated/epsg.json: EPSG code → [name, proj4 definition with its shift to WGS 84].
// Quick, and repeated runs change nothing. Source: the package epsg-index (EPSG's register, by way of epsg.io).
//
// Datums that epsg-index ties to a grid file get EPSG's Helmert parameters instead, because grid files are not
// shipped; compound and Paris-based systems take the shift of their horizontal or Greenwich-based parent.
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const require = createRequire(import.meta.url)
const source = require.resolve('epsg-index/all.json')
const target = fileURLToPath(new URL('../resources/generated/epsg.json', import.meta.url))

/** Grid file → the EPSG operation that stands in for it (code in the comment), position vector convention. */
const HELMERT_FOR_GRID = {
  'NTv2_0.gsb': '-8,160,176,0,0,0,0', // 1173
  'CQ77NA83.GSB': '-10,158,187,0,0,0,0', // 1172
  'May76v20.gsb': '-10,158,187,0,0,0,0', // 1172
  'BETA2007.gsb': '598.1,73.7,418.2,0.202,0.045,-2.455,6.7', // 1777
  'nzgd2kgrid0005.gsb': '59.47,-5.04,187.44,0.47,-0.1,1.024,-4.5993', // 1564
  '"National': '-134,-48,149,0,0,0,0', // 1109
  'CA7072_003.gsb': '-205.57,168.77,-4.12,0,0,0,0', // 6192
  'CA61_003.gsb': '-206,172,-6,0,0,0,0', // 1132
  'OSTN15_NTv2_OSGBtoETRS.gsb': '446.448,-125.157,542.06,0.15,0.247,0.842,-20.489', // 1314
}

/**
 * EPSG states these by the coordinate frame convention; epsg-index repeats the rotations as if they were position
 * vectors, which puts data up to a kilometre off. Found by comparing every code with PROJ's own database: with the
 * rotations turned round each agrees.
 */
const COORDINATE_FRAME = new Set([
  '23.772,17.49,17.859,0.3132,1.85274,-1.67299,-5.4262', // Israel 1993
  '-162.619,-276.959,-161.764,-0.067753,2.243648,1.158828,-1.094246', // Hong Kong 1980 Grid System
  '-96.062,-82.428,-121.753,-4.801,-0.345,1.376,1.496', // KKJ
  '-44.183,-0.58,-38.489,-2.3867,-2.7072,3.5196,-8.2703', // Albanian 1987
  '24.47,-130.89,-81.56,0,0,-0.13,-0.22', // Pulkovo 1995
  '25,-141,-78.5,0,-0.35,-0.736,0', // Pulkovo 1942
  '414.1,41.3,603.1,0.855,-2.141,7.023,0', // RT90 7.5 gon V
  '-210.502,-66.902,-48.476,-2.094,15.067,5.817,0.485', // Porto Santo 1995
  '-208.719,129.685,52.092,0.195,0.014,-0.327,0.198', // Azores Oriental 1995
  '-103.088,162.481,-28.276,-0.167,-0.082,-0.168,-1.504', // Azores Central 1995
  '-117.808,-51.536,137.784,-0.303,-0.446,-0.234,-0.29', // AGD66
  '-127.62,-67.24,-47.04,3.068,-4.903,-1.578,-1.06', // PRS92
  '0.055,-0.541,-0.185,-0.0183,0.0003,0.007,-0.014', // Estonian Coordinate System of 1992
  '-292.295,248.758,429.447,-4.9971,-2.99,-6.6906,1.0289', // Bermuda 1957
  '595.48,121.69,515.35,-4.115,2.9383,-0.853,-3.408', // HD1909
  '-288.885,-91.744,126.244,1.691,-0.41,0.211,-4.598', // Lisbon
  '-1.977,-13.06,-9.993,-0.364,-0.254,-0.689,-1.037', // ID74
  '-33.722,153.789,94.959,8.581,4.478,-4.54,8.95', // JAD69
  '-239.749,88.181,30.488,-0.263,-0.082,-1.211,2.229', // Datum 73
  '-106.8686,52.2978,-103.7239,-0.3366,0.457,-1.8422,-1.2747', // BD72
  '226.702,-193.337,-35.371,2.229,4.391,-9.238,0.9798', // KUDAMS
  '631.392,-66.551,481.442,-1.09,4.445,4.487,-4.43', // Lisbon 1890
  '174.05,-25.49,112.57,0,0,-0.554,0.2263', // Chatham Islands 1979
  '-179.483,-69.379,-27.584,7.862,-8.163,-6.042,-13.925', // GCGD59
  '8.853,-52.644,180.304,0.393,2.323,-2.96,-24.081', // SIGD61
  '572.213,85.334,461.94,-4.9732,-1.529,-5.2484,3.5378', // S-JTSK/05
  '-0.293,766.95,87.713,-0.195704,-1.695068,-3.473016,-0.039338', // SLD99
  '-0.16959,0.35312,0.51846,-0.03385,0.16325,-0.03446,0.03693', // CR05
  '584.9636,107.7175,413.8067,-1.1155,-0.2824,3.1384,7.9922', // DB_REF
  '8.846,-4.394,-1.122,0.00237,0.146528,-0.130428,0.783926', // CGRS93
  '0.819,-0.5762,-1.6446,0.00378,0.03317,-0.00318,0.0693', // ONGD14
  '-93.799,-132.737,-219.073,1.844,-0.648,6.37,-0.169', // Camacupa 2015
  '1.16835,-1.42001,-2.24431,0.00822,0.05508,-0.01818,0.23388', // ONGD17
])

/** Rotations in other units than the seconds of arc that a definition needs. */
const OTHER_UNITS = {
  '565.4171,50.3319,465.5524,1.9342,-1.6677,9.1019,4.0725':
    '565.4171,50.3319,465.5524,-0.398957388,0.343987818,-1.877401640,4.0725', // Amersfoort: microradians, coordinate frame
  '0,0,0,-8.393,0.749,-10.276,0': '0,0,0,0.008393,-0.000749,0.010276,0', // KSA-GRF17: thousandths of a second
}

const isNewer = () => {
  try {
    const made = statSync(target).mtimeMs
    return made > statSync(source).mtimeMs && made > statSync(fileURLToPath(import.meta.url)).mtimeMs
  } catch {
    return false
  }
}

function definitions() {
  const all = Object.values(JSON.parse(readFileSync(source, 'utf8'))).filter(({ proj4 }) => proj4?.includes('+proj='))
  const parents = new Map()
  for (const { name, proj4 } of all) if (hasShift(proj4)) parents.set(name, proj4)
  return Object.fromEntries(all.filter(isUsable).map((e) => [e.code, [e.name, definition(e, parents)]]))
}

/** proj4 ignores other axes than east and north, and degrees from Paris are often grads: better unknown than wrong. */
const isUsable = ({ proj4 }) =>
  !/\+proj=geocent/.test(proj4) && !/\+axis=(?!en)/.test(proj4) && !/\+proj=longlat.*\+pm=/.test(proj4)
const hasShift = (proj4) => /\+(towgs84|nadgrids|datum)=/.test(proj4)
const withoutGrid = (proj4) =>
  proj4.replace(/\+nadgrids=("[^"]*"|\S+)( .*?gsb")?/, (all, name) => {
    if (name === '@null') return all
    const helmert = HELMERT_FOR_GRID[name] ?? HELMERT_FOR_GRID[name.split(' ')[0]]
    return helmert ? `+towgs84=${helmert}` : ''
  })

function corrected(shift) {
  if (shift in OTHER_UNITS) return OTHER_UNITS[shift]
  if (!COORDINATE_FRAME.has(shift)) return shift
  return shift
    .split(',')
    .map((value, i) => (i < 3 || i > 5 ? value : String(-Number(value))))
    .join(',')
}

function definition({ name, proj4 }, parents) {
  let text = proj4
  if (!hasShift(text)) {
    const base = name.split(' + ')[0].split(' / ')[0]
    const parent =
      parents.get(name.split(' + ')[0]) ?? parents.get(base) ?? parents.get(base.replace(/ \([^)]*\)$/, ''))
    const shift = parent?.match(/\+(towgs84|nadgrids)=("[^"]*"|\S+)/)?.[0]
    if (shift) text += ` ${shift}`
  }
  return withoutGrid(text.replace(/\+towgs84=(\S+)/, (_all, shift) => `+towgs84=${corrected(shift)}`))
    .replace(/\+(type=crs|no_defs|vunits=\S+|geoidgrids=\S+)/g, '')
    .replace(/\s+/g, ' ')
    .trim()
}

if (isNewer()) console.log('epsg.json is up to date')
else {
  mkdirSync(fileURLToPath(new URL('../resources/generated/', import.meta.url)), { recursive: true })
  const table = definitions()
  writeFileSync(target, `${JSON.stringify(table)}\n`)
  console.log(`epsg.json: ${Object.keys(table).length} coordinate reference systems`)
}
