/** What a transfer's state means in words, and what can be done in it. Pure. */
import type { Transfer } from '../../preload/contract/transfers.ts'
import { formatBytes, formatDuration, formatPercent } from '../ui/format.ts'

export const stateWords: Record<Transfer['state'], string> = {
  waiting: 'Waiting',
  running: 'Downloading',
  paused: 'Paused',
  verifying: 'Checking',
  done: 'Done',
  failed: 'Failed',
  canceled: 'Canceled',
}

export const canPause = ({ state }: Transfer): boolean => state === 'waiting' || state === 'running'
export const canResume = ({ state }: Transfer): boolean => state === 'paused' || state === 'failed'
export const canCancel = ({ state }: Transfer): boolean => ['waiting', 'running', 'paused', 'failed'].includes(state)
export const hasEnded = ({ state }: Transfer): boolean => ['done', 'failed', 'canceled'].includes(state)

/** 0 to 1; null where the size is not known. */
export const shareOf = ({ totalBytes, receivedBytes, state }: Transfer): number | null =>
  state === 'done' ? 1 : totalBytes ? Math.min(1, receivedBytes / totalBytes) : null

/** `1.2 of 4.0 MB, 30 %, 2 MB/s, 3 s left`, as far as it is known. */
export function progressWords(transfer: Transfer): string {
  const { totalBytes, receivedBytes, bytesPerSecond, state } = transfer
  if (state === 'done') return formatBytes(totalBytes ?? receivedBytes)
  if (!totalBytes) return formatBytes(receivedBytes)
  const parts = [
    `${formatBytes(receivedBytes)} of ${formatBytes(totalBytes)}`,
    formatPercent(receivedBytes / totalBytes),
  ]
  if (state === 'running' && bytesPerSecond) {
    parts.push(`${formatBytes(bytesPerSecond)}/s`)
    parts.push(`${formatDuration(((totalBytes - receivedBytes) / bytesPerSecond) * 1000)} left`)
  }
  return parts.join(', ')
}
