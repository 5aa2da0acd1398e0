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
  return Object.fromEntries(
    all.filter(({ proj4 }) => !proj4.includes('+proj=geocent')).map((e) => [e.code, [e.name, definition(e, parents)]]),
  )
}

const hasShift = (proj4) => /\+(towgs84|nadgrids|datum)=/.test(proj4)
const withoutGrid = (proj4) =>
  proj4.replace(/\+nadgrids=("[^"]*"|\S+)( .*?gsb")?/, (all, name) => {
    if (name === '@null') return all
    const helmert = HELMERT_FOR_GRID[name] ?? HELMERT_FOR_GRID[name.split(' ')[0]]
    return helmert ? `+towgs84=${helmert}` : ''
  })

function definition({ name, proj4 }, parents) {
  let text = proj4
  if (!hasShift(text)) {
    const base = name.split(' + ')[0].split(' / ')[0]
    const parent =
      parents.get(name.split(' + ')[0]) ?? parents.get(base) ?? parents.get(base.replace(/ \([^)]*\)$/, ''))
    const shift = parent?.match(/\+(towgs84|nadgrids)=("[^"]*"|\S+)/)?.[0]
    if (shift) text += ` ${shift}`
  }
  return withoutGrid(text)
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
