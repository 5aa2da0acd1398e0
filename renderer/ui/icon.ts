/** An icon of the set, as a component: `import Play from '@lucide/svelte/icons/play'`. */
import type { Component } from 'svelte'

// biome-ignore lint/suspicious/noExplicitAny: the icons' own props type is not exported per icon
export type IconOf = Component<any>
