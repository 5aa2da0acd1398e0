/** Whether the window is cut off from the network, and how old what it shows may be. Pure. */
import type { Connection } from '../../preload/contract/connections.ts'

/** `cut-off`: this computer has no network; `unreachable`: it has one, but none of the user's back-ends answers. */
export type Network = { state: 'there' | 'cut-off' | 'unreachable'; lastAnswerAt: string | null }

const isSilent = ({ state, failure }: Connection) =>
  state === 'failed' && (failure?.code === 'offline' || failure?.code === 'time-out')

/** The embedded back-end needs no network, so it tells nothing about it; nor do back-ends that are switched off. */
export function networkOf(isOnline: boolean, connections: readonly Connection[]): Network {
  const remote = connections.filter(({ kind, state }) => kind !== 'embedded' && state !== 'disabled')
  const isAllSilent = remote.length > 0 && remote.every(isSilent)
  const answers = remote.flatMap(({ checkedAt }) => checkedAt ?? [])
  return {
    state: !isOnline ? 'cut-off' : isAllSilent ? 'unreachable' : 'there',
    lastAnswerAt: answers.reduce<string | null>((a, b) => (a !== null && a > b ? a : b), null),
  }
}
