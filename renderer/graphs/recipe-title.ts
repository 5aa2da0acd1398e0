/** The title of a recipe by its id; the id where the recipes are not read yet. */
import type { App } from '../app/app.ts'
import { runsOf } from './runs.ts'

export const recipeTitle = (app: App, id: string | null): string | null =>
  id && (runsOf(app).compose.recipes.find((recipe) => recipe.id === id)?.title ?? id)
