/** A process as its document states it, read for the page and for a graph. Pure; the document may be wrong anywhere. */
import type { Json, JsonObject } from '../../preload/contract/vocabulary.ts'
import { isObject, objectOf, objectsOf, textOf, textsOf } from './schema/json.ts'
import { type Parameter, processParameters } from './schema/parameters.ts'
import { typeWords, type Variant, variantsOf } from './schema/type-words.ts'

export type ProcessExample = {
  title: string
  description: string
  arguments: JsonObject | null
  returns: Json | undefined
}
export type ProcessPage = {
  id: string
  summary: string
  description: string
  version: string
  categories: string[]
  parameters: Parameter[]
  returns: { type: string; description: string; variants: Variant[] } | null
  exceptions: { name: string; message: string; description: string; http: string }[]
  examples: ProcessExample[]
  graph: JsonObject | null
  isDeprecated: boolean
  isExperimental: boolean
  members: string[]
}
const MOST = 100

export function processPage(document: JsonObject): ProcessPage {
  const returns = isObject(document.returns) ? document.returns : null
  const graph = objectOf(document.process_graph)
  return {
    id: textOf(document.id),
    summary: textOf(document.summary),
    description: textOf(document.description),
    version: textOf(document.version),
    categories: textsOf(document.categories).slice(0, MOST),
    parameters: processParameters(document.parameters),
    returns: returns && {
      type: typeWords(returns.schema),
      description: textOf(returns.description),
      variants: variantsOf(returns.schema),
    },
    exceptions: Object.entries(objectOf(document.exceptions))
      .slice(0, MOST)
      .map(([name, stated]) => {
        const { message, description, http } = objectOf(stated)
        return {
          name,
          message: textOf(message),
          description: textOf(description),
          http: typeof http === 'number' ? String(http) : '',
        }
      }),
    examples: objectsOf(document.examples)
      .slice(0, MOST)
      .map((one) => ({
        title: textOf(one.title),
        description: textOf(one.description),
        arguments: isObject(one.arguments) ? one.arguments : null,
        returns: one.returns,
      })),
    graph: Object.keys(graph).length ? graph : null,
    isDeprecated: document.deprecated === true,
    isExperimental: document.experimental === true,
    members: textsOf(document['federation:backends']),
  }
}

export type SignaturePart = { name: string; type: string; isRequired: boolean }
/** `name(a: type, b?: type) → type`, in parts, so that a line can break between them. */
export function signatureParts({ parameters }: ProcessPage): SignaturePart[] {
  return parameters.map(({ name, type, isRequired }) => ({ name, type, isRequired }))
}
export function signature(page: ProcessPage): string {
  const inside = signatureParts(page).map(({ name, type, isRequired }) => `${name}${isRequired ? '' : '?'}: ${type}`)
  return `${page.id}(${inside.join(', ')})${page.returns ? ` → ${page.returns.type}` : ''}`
}
