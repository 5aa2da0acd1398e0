/** Kinds of entries and what is missing, as words. Pure. */
import type { EntryKind } from '../../preload/contract/catalogue.ts'

export const entryKindWords: Record<EntryKind, string> = {
  collection: 'Collection',
  process: 'Process',
  'input-format': 'Input format',
  'output-format': 'Output format',
  'udf-runtime': 'UDF runtime',
  'service-type': 'Service type',
  'processing-parameter': 'Processing parameter',
}

const listed = (texts: readonly string[]) =>
  texts.length > 1 ? `${texts.slice(0, -1).join(', ')} and ${texts.at(-1)}` : (texts[0] ?? '')

/** Why an entry that is known here was not in the last list. */
export function missingWords(members: readonly string[]): string {
  const who = members.length ? listed(members) : 'the member that offers it'
  return `The last list came without ${who}. What is shown was read before.`
}
