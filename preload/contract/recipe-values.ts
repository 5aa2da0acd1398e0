/**
 * The value that a recipe's parameter has while the user has not chosen one.
 * Owns: which band is taken by itself. Shared because the form shows it and main builds the graph with it.
 */
import type { CollectionBand } from './catalogue.ts'
import type { RecipeParameter } from './graphs.ts'
import type { Json } from './vocabulary.ts'

/** The bands whose common name, or else own name, is among the names; best name first, without case. */
export function bandsByCommonName(names: readonly string[], bands: readonly CollectionBand[]): string[] {
  const found = names.map((name) => {
    const wanted = name.toLowerCase()
    const fits = (text: string | undefined) => text?.toLowerCase() === wanted
    return (bands.find((band) => fits(band.commonName)) ?? bands.find((band) => fits(band.name)))?.name
  })
  return [...new Set(found.filter((name) => name !== undefined))]
}

/** What the user chose, else the recipe's default, else the first band that fits; null is "none". */
export function parameterValue(
  parameter: RecipeParameter,
  chosen: Readonly<Record<string, Json>>,
  bands: readonly CollectionBand[],
): Json {
  const own = Object.hasOwn(chosen, parameter.name) ? chosen[parameter.name] : undefined
  if (own !== undefined) return own
  if (parameter.default !== undefined) return parameter.default
  const fitting = bandsByCommonName(parameter.commonNames ?? [], bands)
  if (parameter.kind === 'band') return fitting[0] ?? null
  if (parameter.kind === 'bands') return fitting
  return null
}
