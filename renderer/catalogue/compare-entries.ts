/**
 * Entries side by side: rows of the same fact of each, and whether they differ. Pure.
 * Owns: which facts are compared, what counts as the same (the words that are shown), tables to copy.
 */
import type { Entry } from '../../preload/contract/catalogue.ts'
import { type BandRow, bandRows } from './band-words.ts'
import { bboxesOf, intervalsOf, licenceOf, providersOf } from './collection-page.ts'
import { bboxWords, intervalWords } from './collection-words.ts'
import { dimensionRows } from './dimension-words.ts'
import { offerFacts, parameterParts, runtimeVersions } from './offer-words.ts'
import { processPage } from './process-words.ts'
import { textOf, textsOf } from './schema/json.ts'
import type { Parameter } from './schema/parameters.ts'
import { resolutionOf, summaryFacts } from './summary-words.ts'

export type CompareRow = {
  label: string
  /** One for each entry; null: this entry does not have it. */
  values: (string | null)[]
  isDifferent: boolean
}
export type CompareGroup = { title: string; rows: CompareRow[] }
type Facts = { title: string; facts: Map<string, string> }[]

const MOST_ROWS = 400
const mapOf = (pairs: readonly (readonly [string, string | null | undefined])[]) =>
  new Map(pairs.filter((pair): pair is [string, string] => Boolean(pair[1])))

const yes = (isSo: boolean) => (isSo ? 'yes' : '')
function generalOf({ document, title, key }: Entry): [string, string | null | undefined][] {
  return [
    ['Title', title === key.id ? '' : title],
    ['Id', key.id],
    ['Deprecated', yes(document.deprecated === true)],
    ['Experimental', yes(document.experimental === true)],
    ['Version', textOf(document.version)],
  ]
}

const bandWords = (band: BandRow): string =>
  [
    band.commonName,
    band.wavelength,
    band.resolution,
    band.dataType,
    band.nodata && `no data ${band.nodata}`,
    band.scaling,
    band.unit,
  ]
    .filter(Boolean)
    .join(', ') || 'stated without more'

function collectionFacts(entry: Entry): Facts {
  const { document, collection } = entry
  return [
    {
      title: 'Collection',
      facts: mapOf([
        ...generalOf(entry),
        ['Extent', bboxWords(bboxesOf(document)[0] ?? collection?.bbox)],
        ['Time', intervalWords(intervalsOf(document)[0] ?? collection?.interval)],
        ['Resolution', resolutionOf(document, collection?.resolutionM)],
        ['Licence', licenceOf(document)?.words],
        [
          'Providers',
          providersOf(document)
            .map(({ name }) => name)
            .join(', '),
        ],
        ['Keywords', [...textsOf(document.keywords)].sort().join(', ')],
        ['STAC version', textOf(document.stac_version)],
      ]),
    },
    { title: 'Bands', facts: mapOf(bandRows(document).map((band) => [band.name, bandWords(band)])) },
    {
      title: 'Dimensions',
      facts: mapOf(
        dimensionRows(document).map(({ name, type, extent, more }) => [
          name,
          [type, extent, more].filter(Boolean).join(', '),
        ]),
      ),
    },
    { title: 'Summaries', facts: mapOf(summaryFacts(document).map(({ label, value }) => [label, value])) },
  ]
}

const parameterWords = (parameter: Parameter): string =>
  [
    parameter.type,
    parameter.isRequired ? 'required' : 'optional',
    parameter.defaultWords && `default ${parameter.defaultWords}`,
    ...parameter.variants.flatMap(({ limits }) => limits),
    parameter.isDeprecated && 'deprecated',
    parameter.isExperimental && 'experimental',
  ]
    .filter(Boolean)
    .join(', ')
const parametersOf = (parameters: readonly Parameter[]) =>
  mapOf(parameters.map((one) => [one.name, parameterWords(one)]))

function processFacts(entry: Entry): Facts {
  const page = processPage(entry.document)
  return [
    {
      title: 'Process',
      facts: mapOf([
        ...generalOf(entry),
        ['Summary', page.summary],
        ['Categories', [...page.categories].sort().join(', ')],
        ['Returns', page.returns?.type],
      ]),
    },
    // the order matters where arguments are written without names
    { title: 'Parameters', facts: parametersOf(page.parameters) },
    {
      title: 'Exceptions',
      facts: mapOf(page.exceptions.map(({ name, message }) => [name, message || 'stated without more'])),
    },
  ]
}

function offerFactsOf(entry: Entry): Facts {
  const versions = runtimeVersions(entry.document)
  return [
    {
      title: 'Entry',
      facts: mapOf([...generalOf(entry), ...offerFacts(entry).map(({ label, value }) => [label, value] as const)]),
    },
    ...versions.map(({ version, libraries }) => ({
      title: `Version ${version}`,
      facts: mapOf(libraries.map((library) => [library.name, library.version || 'version not stated'])),
    })),
    ...parameterParts(entry).map(({ title, parameters }) => ({ title, facts: parametersOf(parameters) })),
  ]
}

function factsOf(entry: Entry): Facts {
  if (entry.key.kind === 'collection') return collectionFacts(entry)
  return entry.key.kind === 'process' ? processFacts(entry) : offerFactsOf(entry)
}

/** Words for people: how they are set is no difference. Elsewhere `t` and `T` may be two dimensions. */
const PROSE = new Set(['Title', 'Summary', 'Providers', 'Licence'])
/** What is compared of a value: never its spaces, and of prose not its case. */
function plain(label: string, value: string | null): string | null {
  if (value === null) return null
  const text = value.replace(/\s+/g, ' ').trim()
  return PROSE.has(label) ? text.toLowerCase() : text
}

/** Groups of rows in the order of the first entry; what only others have follows. */
export function compareEntries(entries: readonly Entry[]): CompareGroup[] {
  const all = entries.map(factsOf)
  const titles = [...new Set(all.flatMap((facts) => facts.map(({ title }) => title)))]
  return titles
    .map((title) => {
      const columns = all.map(
        (facts) => facts.find((group) => group.title === title)?.facts ?? new Map<string, string>(),
      )
      const labels = [...new Set(columns.flatMap((facts) => [...facts.keys()]))].slice(0, MOST_ROWS)
      const rows = labels.map((label) => {
        const values = columns.map((facts) => facts.get(label) ?? null)
        return { label, values, isDifferent: new Set(values.map((value) => plain(label, value))).size > 1 }
      })
      return { title, rows }
    })
    .filter(({ rows }) => rows.length > 0)
}

/** How a row differs, in a word. */
export function differenceWord({ label, values, isDifferent }: CompareRow): '' | 'differs' | 'missing' {
  if (!isDifferent) return ''
  const present = values.filter((value) => value !== null).map((value) => plain(label, value))
  return present.length < values.length && new Set(present).size === 1 ? 'missing' : 'differs'
}

export const onlyDifferences = (groups: readonly CompareGroup[]): CompareGroup[] =>
  groups
    .map(({ title, rows }) => ({ title, rows: rows.filter(({ isDifferent }) => isDifferent) }))
    .filter(({ rows }) => rows.length > 0)

const markdownCell = (text: string) => text.replace(/\r?\n/g, ' ').replace(/[\\|<>`*_[\]]/g, '\\$&')
export function asMarkdown(heads: readonly string[], groups: readonly CompareGroup[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(markdownCell).join(' | ')} |`
  return groups
    .map(({ title, rows }) =>
      [
        `### ${markdownCell(title)}`,
        '',
        line(['', ...heads, 'Difference']),
        `|${' --- |'.repeat(heads.length + 2)}`,
        ...rows.map((row) => line([row.label, ...row.values.map((value) => value ?? '–'), differenceWord(row)])),
      ].join('\n'),
    )
    .join('\n\n')
}

/** RFC 4180; a text that a spreadsheet would take for a formula is marked as text. */
const csvCell = (text: string) => {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
export function asCsv(heads: readonly string[], groups: readonly CompareGroup[]): string {
  const lines = groups.flatMap(({ title, rows }) =>
    rows.map((row) => [title, row.label, ...row.values.map((value) => value ?? ''), differenceWord(row)]),
  )
  return [['Part', 'Fact', ...heads, 'Difference'], ...lines].map((cells) => cells.map(csvCell).join(',')).join('\r\n')
}
