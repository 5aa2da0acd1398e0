/** No-data values as words, and typed words as values. Pure. */
import type { BandNodata } from '../../preload/contract/local.ts'

const valueWord = (nodata: BandNodata['nodata']) =>
  typeof nodata === 'number' ? String(nodata) : nodata === 'nan' ? 'NaN' : nodata === 'inf' ? 'Infinity' : '−Infinity'
const BY = { file: 'stated by the file', item: 'stated by a STAC item', here: 'stated here' }

function stateWords({ nodata, statedBy }: BandNodata): string {
  if (statedBy === 'several') return 'Differs from scene to scene'
  if (statedBy === null) return '0 is data'
  return `${valueWord(nodata)} means no data, ${BY[statedBy]}`
}

/** What holds, with the bands of which it holds where they differ. */
export function nodataStates(bands: readonly BandNodata[]): { says: string; bands: string[] }[] {
  const states = new Map<string, string[]>()
  for (const band of bands) {
    const says = stateWords(band)
    states.set(says, [...(states.get(says) ?? []), band.name])
  }
  return [...states].map(([says, names]) => ({ says, bands: states.size === 1 ? [] : names }))
}

/** Bands of which the user may state a value: nobody else does, at least not for every scene. */
export const openBands = (bands: readonly BandNodata[]): string[] =>
  bands.filter(({ statedBy }) => statedBy !== 'file' && statedBy !== 'item').map(({ name }) => name)

/** What may be taken back. */
export const statedBands = (bands: readonly BandNodata[]): string[] =>
  bands.filter(({ statedBy }) => statedBy === 'here' || statedBy === 'several').map(({ name }) => name)

/** A typed value; undefined where it is none. */
export function nodataOf(typed: string): number | 'nan' | undefined {
  const text = typed.trim().replace('−', '-')
  if (/^nan$/i.test(text)) return 'nan'
  const value = Number(text)
  return text !== '' && Number.isFinite(value) ? value : undefined
}
