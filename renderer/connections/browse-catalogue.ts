/** The catalogue page with what one connection offers. */
import type { App } from '../app/app.ts'
import { catalogueOf } from '../catalogue/catalogue.svelte.ts'

export function browseCatalogue(app: App, id: string): void {
  catalogueOf(app).browse(id)
  app.shell.open('catalogue')
}
