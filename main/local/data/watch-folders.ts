/**
 * Notices that something changed in the folders, and says so once it is quiet again.
 * Owns: the watches. Why not recursive: on Linux that lists whole trees on the calling thread. A folder beyond the limit,
 * or on a disk that tells nothing, is looked at again when the user asks.
 */
import { type FSWatcher, watch } from 'node:fs'
import { join } from 'node:path'

export type FolderWatch = { close(): void }

const MOST_WATCHES = 512
const QUIET_MS = 2_000

export function watchFolders(
  folders: readonly { root: string; folder: string }[],
  onChange: () => void,
  quietMs = QUIET_MS,
): FolderWatch {
  const watches: FSWatcher[] = []
  let timer: NodeJS.Timeout | undefined
  const changed = () => {
    clearTimeout(timer)
    timer = setTimeout(onChange, quietMs)
    timer.unref()
  }
  for (const { root, folder } of folders.slice(0, MOST_WATCHES)) {
    try {
      const one = watch(join(root, folder), { persistent: false }, changed)
      one.on('error', () => one.close())
      watches.push(one)
    } catch {
      // the system has no watches left, or the folder went away
    }
  }
  return {
    close() {
      clearTimeout(timer)
      for (const one of watches) one.close()
    },
  }
}
