/**
 * What a raster's name tells: the date, the band, and the rest that its scene's files have in common.
 * Owns: the patterns. Pure. Dates: YYYY-MM-DD, YYYYMMDD, YYYYDOY, each with or without a time; Sentinel-2 and Landsat
 * product names follow from these, since the time of sensing comes first in them.
 */

export type NamedDate = {
  /** RFC 3339, UTC. */
  instant: string
  /** Whether the name gives a time of day, too. */
  hasTime: boolean
}
export type NameParts = {
  date: NamedDate | null
  band: string | null
  /** What is left without date, band and resolution. */
  stem: string
}

const TIME = String.raw`(?:[T_ -]?(?<h>[01]\d|2[0-3])[-:]?(?<m>[0-5]\d)[-:]?(?<s>[0-5]\d)(?:\.\d+)?Z?|Z)?`
const DATES = [
  new RegExp(String.raw`(?<!\d)(?<y>(?:19|20)\d\d)-(?<mo>0[1-9]|1[0-2])-(?<d>0[1-9]|[12]\d|3[01])${TIME}(?!\d)`),
  /(?<!\d)(?<y>(?:19|20)\d\d)(?<mo>0[1-9]|1[0-2])(?<d>0[1-9]|[12]\d|3[01])(?:T(?<h>[01]\d|2[0-3])(?<m>[0-5]\d)(?<s>[0-5]\d)Z?)?(?!\d)/,
  /(?<!\d)(?<y>(?:19|20)\d\d)-?(?<doy>[0-3]\d\d)(?:T(?<h>[01]\d|2[0-3])(?<m>[0-5]\d)(?<s>[0-5]\d)Z?)?(?!\d)/,
  // scenes of Landsat's old archive, e.g. LC80130322018031LGN00
  /L[COTEM]\d\d{6}(?<y>(?:19|20)\d\d)(?<doy>[0-3]\d\d)[A-Z]{3}\d\d/,
]

/** The moment of a match, null where the calendar has no such day. */
function momentOf(groups: Record<string, string | undefined>): NamedDate | null {
  const part = (name: string, otherwise: number) => (groups[name] === undefined ? otherwise : Number(groups[name]))
  const year = part('y', 0)
  const day = groups.doy === undefined ? part('d', 0) : Number(groups.doy)
  const month = groups.doy === undefined ? part('mo', 0) : 1
  const at = new Date(Date.UTC(year, month - 1, day, part('h', 0), part('m', 0), part('s', 0)))
  const isReal =
    groups.doy === undefined
      ? at.getUTCMonth() === month - 1 && at.getUTCDate() === day
      : day >= 1 && at.getUTCFullYear() === year
  if (!isReal) return null
  return { instant: at.toISOString().replace('.000Z', 'Z'), hasTime: groups.h !== undefined }
}

/** The first date of a name, and the name without it. */
export function dateInName(name: string): { date: NamedDate; rest: string } | null {
  for (const pattern of DATES) {
    const match = pattern.exec(name)
    const date = match?.groups && momentOf(match.groups)
    if (match && date)
      return { date, rest: `${name.slice(0, match.index)} ${name.slice(match.index + match[0].length)}` }
  }
  return null
}

/** TIFFTAG_DATETIME (`YYYY:MM:DD HH:MM:SS`, also with dashes and T), taken as UTC; null where it is none. */
export function dateInTag(tag: string | null): string | null {
  const match = /^\s*(?<y>\d{4})[:-](?<mo>\d\d)[:-](?<d>\d\d)[ T](?<h>\d\d):(?<m>\d\d):(?<s>\d\d)/.exec(tag ?? '')
  if (!match?.groups || Number(match.groups.y) < 1950) return null
  return momentOf(match.groups)?.instant ?? null
}

/** Names that stand for a band, whole tokens in any case. Longer ones first: `QA_PIXEL` before `PIXEL`. */
const BAND =
  /^(?:S[RT]_B\d{1,2}|B0?\d|B1\d|B8A|B6_VCID_[12]|B[QP]?QA|QA_PIXEL|QA_RADSAT|QA_AEROSOL|SR_QA_AEROSOL|ST_QA|SCL|AOT|WVP|TCI|CLD|SNW|CLOUDMASK|MASK|FMASK|COASTAL|AEROSOL|BLUE|GREEN|RED|RED_?EDGE\d?|YELLOW|PAN|NIR\d{0,2}|SWIR\d{0,2}|CIRRUS|LWIR\d{0,2}|TIR\d?|VV|VH|HH|HV)$/i
const RESOLUTION = /^\d{1,4}m$/i

/** The band among the tokens: the last ones before a resolution, else the first one. */
function bandAmong(tokens: readonly string[]): { band: string; from: number; count: number } | null {
  for (const count of [3, 2, 1]) {
    for (const from of [tokens.length - count, 0]) {
      if (from < 0 || count > tokens.length) continue
      const band = tokens.slice(from, from + count).join('_')
      if (BAND.test(band)) return { band, from, count }
    }
  }
  return null
}

/** Parts of a file's name without its folder; the extension may be there or not. */
export function partsOfName(fileName: string): NameParts {
  const name = fileName.replace(/\.tiff?$/i, '')
  const dated = dateInName(name)
  const tokens = (dated?.rest ?? name).split(/[\s_.-]+/).filter((token) => token !== '')
  if (tokens.length > 1 && RESOLUTION.test(tokens.at(-1) ?? '')) tokens.pop()
  const found = bandAmong(tokens)
  const rest = found ? [...tokens.slice(0, found.from), ...tokens.slice(found.from + found.count)] : tokens
  return { date: dated?.date ?? null, band: found ? bandLabel(found.band) : null, stem: rest.join('_') }
}

/** Numbered bands are written in capitals whatever the file does; words stay as they are. */
const bandLabel = (band: string) => (/^(S[RT]_)?B\d/i.test(band) ? band.toUpperCase() : band)

/** B2 before B10, and every language's letters in their order. */
export const inNaturalOrder = new Intl.Collator('en', { numeric: true }).compare
