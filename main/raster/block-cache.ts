/**
 * Decoded blocks of one thread, least recently used out first, within a byte budget.
 * Owns: sharing of reads that are under way, and forgetting those that failed. Does not: decode.
 */
import type { Values } from './types.ts'

export type BlockCache = {
  /** Where true, values must lie in shared memory. */
  readonly shared: boolean
  /**
   * The values of one block for each key, in their order. `load` is called once with the positions of the keys that
   * are neither held nor under way, and gives one array for each.
   */
  get(keys: readonly string[], load: (missing: number[]) => Promise<Values[]>): Promise<Values[]>
  /** Forgets every block whose key begins so. */
  drop(prefix: string): void
}

const DEFAULT_BUDGET_BYTES = 128e6

export function createBlockCache(budgetBytes = DEFAULT_BUDGET_BYTES): BlockCache {
  const held = new Map<string, Values>() // insertion order is the order of use
  const underWay = new Map<string, Promise<Values>>()
  let bytes = 0

  const remember = (key: string, values: Values) => {
    if (values.byteLength > budgetBytes / 2) return
    held.set(key, values)
    bytes += values.byteLength
    for (const [old, other] of held) {
      if (bytes <= budgetBytes) break
      held.delete(old)
      bytes -= other.byteLength
    }
  }
  const find = (key: string): Values | Promise<Values> | undefined => {
    const values = held.get(key)
    if (!values) return underWay.get(key)
    held.delete(key)
    held.set(key, values)
    return values
  }

  return {
    shared: false,
    async get(keys, load) {
      const found = keys.map(find)
      const missing = found.flatMap((value, i) => (value === undefined ? [i] : []))
      if (missing.length > 0) {
        const loading = load(missing)
        missing.forEach((position, i) => {
          const key = keys[position] as string
          const one = loading.then((all) => all[i] as Values)
          found[position] = one
          underWay.set(key, one)
          one
            .then(
              (values) => {
                if (underWay.get(key) === one) remember(key, values)
              },
              () => undefined,
            )
            .finally(() => {
              if (underWay.get(key) === one) underWay.delete(key)
            })
        })
      }
      return Promise.all(found as (Values | Promise<Values>)[])
    },
    drop(prefix) {
      for (const [key, values] of held) {
        if (!key.startsWith(prefix)) continue
        held.delete(key)
        bytes -= values.byteLength
      }
      for (const key of underWay.keys()) if (key.startsWith(prefix)) underWay.delete(key)
    },
  }
}

let ofThisThread: BlockCache | undefined

/** The cache that all rasters of a thread share where they are given none. */
export function threadBlockCache(): BlockCache {
  ofThisThread ??= createBlockCache()
  return ofThisThread
}
