/** Local data as words. Pure. */
import type { LocalStatus } from '../../preload/contract/local.ts'

/** The last part of a folder's path, of any system. */
export const folderName = (path: string): string => path.split(/[\\/]/).filter(Boolean).at(-1) ?? path

/** For the rail: the back-end or files that need attention. */
export function localBadge(status: LocalStatus | undefined) {
  if (status?.state === 'failed') return { tone: 'attention', says: 'The embedded back-end has failed' } as const
  const count = status?.problems.length ?? 0
  if (count === 0) return undefined
  return { count, tone: 'attention', says: `${count === 1 ? 'One file' : `${count} files`} cannot be used` } as const
}
