/**
 * The event stream from main to the window: one channel, one counter without gaps.
 * Owns: numbering, and at most four messages a second for one entity (the last state always arrives).
 * Does not: keep history. A window that misses a number loads its lists again.
 */
import type { AppEvent, NumberedEvent } from '../../preload/contract/index.ts'
import type { Clock } from '../core/clock.ts'

const GAP_MS = 250

export type Publish = (event: AppEvent) => void
export type Publisher = { publish: Publish; close(): void }

/** `send` delivers one message to every window that can take it; it must not throw. */
export function createPublisher(clock: Clock, send: (event: NumberedEvent) => void): Publisher {
  let seq = 0
  const lastSent = new Map<string, number>()
  const waiting = new Map<string, { event: AppEvent; cancel: () => void }>()

  function deliver(key: string, event: AppEvent): void {
    lastSent.set(key, clock.monotonicMs())
    if (lastSent.size > 5000) for (const old of [...lastSent.keys()].slice(0, 2500)) lastSent.delete(old)
    seq += 1
    send({ ...event, seq })
  }

  function publish(event: AppEvent): void {
    const key = keyOf(event)
    // an entity that is gone must not be overtaken by its own late change, nor one that is back by its late removal
    const opposite = event.name === 'removed' ? 'changed' : event.name === 'changed' ? 'removed' : null
    if (opposite) {
      const late = keyOf({ ...event, name: opposite } as AppEvent)
      waiting.get(late)?.cancel()
      waiting.delete(late)
    }
    const held = waiting.get(key)
    if (held) {
      held.event = event
      return
    }
    const sinceMs = clock.monotonicMs() - (lastSent.get(key) ?? Number.NEGATIVE_INFINITY)
    if (sinceMs >= GAP_MS) {
      deliver(key, event)
      return
    }
    const cancel = clock.setTimer(GAP_MS - sinceMs, () => {
      const due = waiting.get(key)
      waiting.delete(key)
      if (due) deliver(key, due.event)
    })
    waiting.set(key, { event, cancel })
  }

  return {
    publish,
    close: () => {
      for (const { cancel } of waiting.values()) cancel()
      waiting.clear()
    },
  }
}

/** What names the entity of an event: its id; for lists and entries of the catalogue, all that names them. */
function keyOf(event: AppEvent): string {
  const { id, connectionId, list, kind, namespace } = event.payload as Record<string, string | number | undefined>
  const name =
    list === undefined && namespace === undefined ? [id ?? connectionId] : [connectionId, list, kind, namespace, id]
  return [event.feature, event.name, ...name.map((part) => part ?? '')].join('.')
}
