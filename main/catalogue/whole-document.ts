/** Checks the answer of a back-end that was asked for one document. Pure. */
import { AppError } from '../core/errors.ts'
import type { CacheKey } from './messages.ts'
import { createListSplitter, SPLIT_LIMITS } from './split-list.ts'

/** @throws AppError back-end where it is no JSON, nested too deep, or not the one that was asked for */
export function wholeDocument({ id }: Pick<CacheKey, 'id'>, bytes: Uint8Array): Record<string, unknown> {
  const wrong = (says: string) => new AppError('back-end', says, { retry: 'later' })
  // the same limits as for an entry of a list: seen as a list of one
  let document: unknown
  const splitter = createListSplitter(
    'one',
    (entry) => {
      document = entry
    },
    () => {},
    { ...SPLIT_LIMITS, mostDepth: SPLIT_LIMITS.mostDepth + 2 },
  )
  splitter.push(Buffer.from('{"one":['))
  splitter.push(bytes)
  splitter.push(Buffer.from(']}'))
  splitter.end()
  if (!Buffer.isBuffer(document)) throw wrong('The back-end answered with something other than a document in JSON.')
  try {
    document = JSON.parse(document.toString('utf8'))
  } catch {
    throw wrong('The back-end answered with something other than JSON.')
  }
  const found = document as Record<string, unknown>
  if (found.id !== id) throw wrong('The back-end answered with another document than the one that was asked for.')
  return found
}
