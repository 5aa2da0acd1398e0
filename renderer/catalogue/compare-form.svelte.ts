/** How the comparison is shown; outlives the page. */
import { oncePerApp } from '../app/once-per-app.svelte.ts'

class CompareForm {
  isOnlyDifferences = $state(false)
}
export const compareFormOf = oncePerApp(() => new CompareForm())
