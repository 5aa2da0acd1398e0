/**
 * One block cache for all threads of the engine: a block is decoded by one of them and seen by all.
 * Owns: BlockDirectory (in the engine: who has or loads which block, byte budget) and its end in each thread.
 * Why not a cache for each thread: neighbouring tiles need the same blocks, and would decode them again.
 */
import { type BlockCache, createBlockCache } from './block-cache.ts'
import { unreadable } from './byte-source.ts'
import type { FromThread, ToThread } from './thread-messages.ts'
import type { Values } from './types.ts'

type Entry = { values: Values | null; owner: number; waiting: Set<number> }
export type SendToThread = (thread: number, message: ToThread) => void

export class BlockDirectory {
  private readonly entries = new Map<string, Entry>() // in order of use
  private bytes = 0
  private readonly budgetBytes: number
  private readonly send: SendToThread

  constructor(budgetBytes: number, send: SendToThread) {
    this.budgetBytes = budgetBytes
    this.send = send
  }

  claim(thread: number, id: number, keys: readonly string[]): void {
    const found = keys.map((key): Values | 'load' | 'wait' => {
      const entry = this.entries.get(key)
      if (!entry) {
        this.entries.set(key, { values: null, owner: thread, waiting: new Set() })
        return 'load'
      }
      this.entries.delete(key)
      this.entries.set(key, entry)
      if (entry.values) return entry.values
      entry.waiting.add(thread)
      return 'wait'
    })
    this.send(thread, { kind: 'claimed', id, found })
  }

  deliver(thread: number, keys: readonly string[], values: readonly Values[] | null): void {
    keys.forEach((key, i) => {
      const entry = this.entries.get(key)
      if (!entry || entry.values || entry.owner !== thread) return
      const block = values?.[i] ?? null
      if (block) {
        entry.values = block
        this.bytes += block.byteLength
      } else this.entries.delete(key)
      for (const waiting of entry.waiting) this.send(waiting, { kind: 'delivered', key, values: block })
      entry.waiting.clear()
    })
    this.shrink()
  }

  private shrink(): void {
    for (const [key, { values }] of this.entries) {
      if (this.bytes <= this.budgetBytes) return
      if (!values) continue
      this.entries.delete(key)
      this.bytes -= values.byteLength
    }
  }

  /** What a thread that died was loading is failed to those who wait. */
  release(thread: number): void {
    const keys = [...this.entries].flatMap(([key, { owner, values }]) => (owner === thread && !values ? [key] : []))
    for (const { waiting } of this.entries.values()) waiting.delete(thread)
    this.deliver(thread, keys, null)
  }

  drop(prefix: string): void {
    for (const [key, { values }] of this.entries) {
      if (!key.startsWith(prefix) || !values) continue
      this.entries.delete(key)
      this.bytes -= values.byteLength
    }
  }
}

/** Blocks that a thread used last, held without asking. */
const NEAR_BYTES = 32e6

/** The thread's end. `receive` takes the messages `claimed` and `delivered`. */
export function createSharedBlockCache(send: (message: FromThread) => void) {
  const near = createBlockCache(NEAR_BYTES)
  const claims = new Map<number, (found: (Values | 'load' | 'wait')[]) => void>()
  const waiting = new Map<string, ((values: Values | null) => void)[]>()
  let next = 0

  async function fetch(keys: string[], load: (missing: number[]) => Promise<Values[]>): Promise<Values[]> {
    const id = ++next
    // registered before asking: a delivery may follow the answer at once
    const promised = new Map(keys.map((key) => [key, waitFor(key)] as const))
    const found = await new Promise<(Values | 'load' | 'wait')[]>((resolve) => {
      claims.set(id, resolve)
      send({ kind: 'claim', id, keys })
    })
    const mine = found.flatMap((f, i) => (f === 'load' ? [i] : []))
    const loaded = mine.length > 0 ? loadAndDeliver(keys, mine, load) : Promise.resolve([])
    const others = keys.map((key, i) => (found[i] === 'wait' ? (promised.get(key) as Waiter).promise : null))
    keys.forEach((key, i) => {
      if (found[i] !== 'wait') promised.get(key)?.forget()
    })
    const [values, awaited] = await Promise.all([loaded, Promise.all(others)])
    return keys.map((_, i) => {
      const here = found[i]
      const value = here === 'load' ? values[mine.indexOf(i)] : here === 'wait' ? awaited[i] : here
      if (!value || typeof value === 'string') throw unreadable('A part of the file could not be read.')
      return value
    })
  }

  async function loadAndDeliver(keys: string[], mine: number[], load: (missing: number[]) => Promise<Values[]>) {
    const names = mine.map((i) => keys[i] as string)
    try {
      const values = await load(mine)
      send({ kind: 'deliver', keys: names, values })
      return values
    } catch (failure) {
      send({ kind: 'deliver', keys: names, values: null })
      throw failure
    }
  }

  type Waiter = { promise: Promise<Values | null>; forget: () => void }
  function waitFor(key: string): Waiter {
    let resolve: (values: Values | null) => void = () => undefined
    const promise = new Promise<Values | null>((done) => {
      resolve = done
    })
    waiting.set(key, [...(waiting.get(key) ?? []), resolve])
    const forget = () => {
      const left = (waiting.get(key) ?? []).filter((one) => one !== resolve)
      if (left.length > 0) waiting.set(key, left)
      else waiting.delete(key)
    }
    return { promise, forget }
  }

  const cache: BlockCache = {
    shared: true,
    get: (keys, load) =>
      near.get(keys, (missing) =>
        fetch(
          missing.map((i) => keys[i] as string),
          (positions) => load(positions.map((p) => missing[p] as number)),
        ),
      ),
    drop: (prefix) => near.drop(prefix),
  }
  const receive = (message: Extract<ToThread, { kind: 'claimed' | 'delivered' }>) => {
    if (message.kind === 'claimed') {
      claims.get(message.id)?.(message.found)
      claims.delete(message.id)
      return
    }
    const resolvers = waiting.get(message.key) ?? []
    waiting.delete(message.key)
    for (const resolve of resolvers) resolve(message.values)
  }
  return { cache, receive }
}
