/** The states of a connection as words. Pure. */
import type { Connection } from '../../preload/contract/connections.ts'

const STATES = {
  connecting: { says: 'Connecting …', tone: 'info' },
  connected: { says: 'Connected', tone: 'good' },
  failed: { says: 'Does not answer', tone: 'bad' },
  disabled: { says: 'Off', tone: 'neutral' },
} as const
export const connectionState = (state: Connection['state']) => STATES[state]

/** For the rail: connections that do not answer. */
export function connectionBadge(connections: readonly Connection[]) {
  const failed = connections.filter(({ state }) => state === 'failed').length
  if (failed === 0) return undefined
  return {
    count: failed,
    tone: 'attention',
    says: `${failed === 1 ? 'One connection does' : `${failed} connections do`} not answer`,
  } as const
}
