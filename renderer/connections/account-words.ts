/** Budget and storage in words. Pure. */
import type { Account, ConnectionDetails } from '../../preload/contract/connections.ts'
import { formatBytes, formatNumber, formatPercent } from '../ui/format.ts'

/** The openEO API writes `null` both for no limit and for nothing known. */
export function budgetWords(budget: number | null, billing: ConnectionDetails['billing']): string {
  if (budget === null) return billing && billing.currency === null ? 'Free of charge' : 'Not limited, or not stated'
  return `${formatNumber(budget, 8)} ${billing?.currency ?? 'credits'}`
}

/** `used`: 0 to 1. */
export function storageOf({ freeBytes, quotaBytes }: NonNullable<Account['storage']>): {
  used: number
  share: string
  says: string
} {
  const usedBytes = Math.max(0, quotaBytes - freeBytes)
  const used = quotaBytes > 0 ? Math.min(1, usedBytes / quotaBytes) : 1
  return {
    used,
    share: `${formatPercent(used)} used`,
    says: `${formatBytes(usedBytes)} of ${formatBytes(quotaBytes)} in use, ${formatBytes(Math.max(0, freeBytes))} free`,
  }
}
