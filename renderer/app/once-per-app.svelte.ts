/**
 * The one way to a store that a feature keeps beside the general ones: made once for each window, by need.
 * Owns: that it belongs to the window. Does not: know any store.
 * Why: what Svelte derives belongs to the component in which it was made and stands still when that is taken down; a
 * store that a page happens to ask for first must outlive the page.
 */
import { untrack } from 'svelte'
import type { App } from './app.ts'

/** `make` runs at the first use of each App; from then on the same store is answered, whoever asks. */
export function oncePerApp<Store extends object>(make: (app: App) => Store): (app: App) => Store {
  const made = new WeakMap<App, Store>()
  return (app) => {
    const known = made.get(app)
    if (known) return known
    let store: Store | undefined
    // a root of its own: nothing in it belongs to the component, effect or derived that asks
    $effect.root(() => {
      store = untrack(() => make(app))
    })
    if (!store) throw new Error('a store was not made')
    made.set(app, store)
    return store
  }
}
