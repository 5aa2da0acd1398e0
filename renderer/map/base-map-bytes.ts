/**
 * The coarse base map on its way: asked for as soon as this is imported, so that it arrives beside the code that draws
 * it and not after it.
 */
import coarseUrl from '../../resources/generated/base-map-110m.bin?url'

export async function fetched(url: string): Promise<Response> {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`The base map could not be read (${response.status}).`)
  return response
}

const underWay = fetched(coarseUrl).then((response) => response.arrayBuffer())
// whoever draws it hears of a failure; until then nobody else has to
underWay.catch(() => undefined)

export const coarseBytes = (): Promise<ArrayBuffer> => underWay
