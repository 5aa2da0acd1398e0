/** The states of a connection as words. Pure. */
import type { Connection } from '../../preload/contract/connections.ts'

const STATES = {
  connecting: { says: 'Connecting …', tone: 'info' },
  connected: { says: 'Connected', tone: 'good' },
  failed: { says: 'Does not answer', tone: 'bad' },
  disabled: { says: 'Off', tone: 'neutral' },
} as const
export const connectionState = (state: Connection['state']) => STATES[state]
