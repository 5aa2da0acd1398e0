/**
 * The window's way to main: every call of the contract as a typed function.
 * Owns: the one place where state is copied out of its proxies and where replies are unwrapped.
 * Does not: show failures (ErrorNote.svelte does), route events (events.ts does).
 */

import type { Reply, WireError } from '../../preload/contract/errors.ts'
import type { Client, NumberedEvent } from '../../preload/contract/index.ts'

/** What the preload script exposes as `window.bridge`. */
export type Bridge = {
  call(feature: string, name: string, input: unknown): Promise<Reply<unknown>>
  onEvent(listener: (event: NumberedEvent) => void): () => void
  /** The path of a dropped file or folder; the window hands it back to main and keeps nothing. */
  droppedPath(file: File): string
}

declare global {
  interface Window {
    bridge?: Bridge
  }
}

/** A call that main answered with an error, or did not answer at all. */
export class Failure extends Error {
  readonly error: WireError
  constructor(error: WireError) {
    super(error.message)
    this.name = 'Failure'
    this.error = error
  }
}

/** Whatever was thrown, as the value that ErrorNote shows. */
export function wireErrorOf(thrown: unknown): WireError {
  if (thrown instanceof Failure) return thrown.error
  return { code: 'bug', message: 'Something went wrong in the window.', retry: 'never', logRef: 'window' }
}

type AnyCall = (input?: unknown) => Promise<unknown>

/**
 * The typed client over a bridge; tests hand in a fake one.
 * A failed call rejects with `Failure`, which carries the WireError.
 */
export function createClient(bridge: Bridge): Client {
  const call = async (feature: string, name: string, input: unknown): Promise<unknown> => {
    let reply: Reply<unknown>
    try {
      reply = await bridge.call(feature, name, $state.snapshot(input))
    } catch {
      throw new Failure({ code: 'bug', message: 'Swath did not answer.', retry: 'now', logRef: `${feature}.${name}` })
    }
    if (reply.ok) return reply.value
    throw new Failure(reply.error)
  }
  const features = new Map<string, Record<string, AnyCall>>()
  const featureOf = (feature: string): Record<string, AnyCall> => {
    const known = features.get(feature)
    if (known) return known
    const calls = new Map<string, AnyCall>()
    const made = new Proxy({} as Record<string, AnyCall>, {
      get(_target, name) {
        // a promise-like look would make `await client.jobs` a call to main
        if (typeof name !== 'string' || name === 'then') return undefined
        const run = calls.get(name) ?? ((input?: unknown) => call(feature, name, input))
        calls.set(name, run)
        return run
      },
    })
    features.set(feature, made)
    return made
  }
  return new Proxy({} as Client, {
    get: (_target, name) => (typeof name === 'string' && name !== 'then' ? featureOf(name) : undefined),
  })
}
