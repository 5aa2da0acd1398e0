/** What goes along when a connection is removed, and what stays, in sentences. Pure. */
import type { RemovalConsequences } from '../../preload/contract/connections.ts'
import { countOf } from '../ui/format.ts'

export function removalWords(known: RemovalConsequences): string[] {
  const { jobCount, openJobCount, resultCount, catalogueEntryCount, isSignedIn } = known
  const one = (count: number, single: string, many: string) => (count === 1 ? single : many)
  return [
    isSignedIn && 'You will be signed out, and the sign-in is deleted from this computer.',
    openJobCount > 0 &&
      `${countOf(openJobCount, 'job')} ${one(openJobCount, 'has not ended. It goes', 'have not ended. They go')} on at the back-end, which may cost credits; Swath will not follow ${one(openJobCount, 'it', 'them')} any more.`,
    catalogueEntryCount > 0 &&
      `${countOf(catalogueEntryCount, 'entry', 'entries')} of the catalogue ${one(catalogueEntryCount, 'is', 'are')} deleted here and cannot be read without a network any more.`,
    jobCount > 0 && `${countOf(jobCount, 'job')} ${one(jobCount, 'stays', 'stay')} in the list of jobs.`,
    resultCount > 0
      ? `${countOf(resultCount, 'result')} ${one(resultCount, 'stays', 'stay')} in the library.`
      : 'Nothing at the back-end itself is deleted.',
  ].filter((line) => line !== false)
}
