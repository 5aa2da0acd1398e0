/**
 * Stores that are made once for each owner, by need.
 * Owns: that a store belongs to its owner. Does not: know any store, or the application.
 * Why: what Svelte derives belongs to the component in which it was made and stands still when that is taken down; a
 * store that a page happens to ask for first must outlive the page.
 */
import { untrack } from 'svelte'

/** `make` runs at the first use of each owner; from then on the same store is answered, whoever asks. */
export function oncePer<Owner extends object, Store extends object>(make: (owner: Owner) => Store) {
  const made = new WeakMap<Owner, Store>()
  return (owner: Owner): Store => {
    const known = made.get(owner)
    if (known) return known
    let store: Store | undefined
    // a root of its own: nothing in it belongs to the component, effect or derived that asks
    $effect.root(() => {
      store = untrack(() => make(owner))
    })
    if (!store) throw new Error('a store was not made')
    made.set(owner, store)
    return store
  }
}
