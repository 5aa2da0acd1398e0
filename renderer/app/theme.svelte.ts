/** Light or dark: what the user chose, or what the system says. The map asks here what to draw on. */
import { MediaQuery } from 'svelte/reactivity'
import type { Settings } from '../../preload/contract/settings.ts'

export class Theme {
  #system = new MediaQuery('(prefers-color-scheme: dark)')
  #choice: () => Settings['theme']

  constructor(choice: () => Settings['theme']) {
    this.#choice = choice
  }
  get isDark(): boolean {
    const choice = this.#choice()
    return choice === 'system' ? this.#system.current : choice === 'dark'
  }
  /** For the attribute `data-theme`; the system's choice needs none. */
  get attribute(): 'light' | 'dark' | null {
    const choice = this.#choice()
    return choice === 'system' ? null : choice
  }
}
