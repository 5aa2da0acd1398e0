/** The one way to a store that a feature keeps beside the general ones: made once for each window, by need. */
import { oncePer } from '../ui/once-per.svelte.ts'
import type { App } from './app.ts'

/** `make` runs at the first use of each App; see oncePer. */
export const oncePerApp = <Store extends object>(make: (app: App) => Store) => oncePer<App, Store>(make)
