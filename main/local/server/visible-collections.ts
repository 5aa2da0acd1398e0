/**
 * What a caller may know of the user's collections.
 * Owns: the one rule for it: a page of another site without the token sees sample collections, nothing of the user's.
 */
import type { OfferedCollection } from '../data/index.ts'
import type { World } from '../evaluate/api.ts'
import type { BackEnd } from './back-end.ts'
import type { Exchange } from './exchange.ts'

type Caller = Pick<Exchange, 'isSignedIn' | 'isForeignPage'>

/** In alphabetical order of their ids. */
export const visibleCollections = (backEnd: BackEnd, { isSignedIn, isForeignPage }: Caller): OfferedCollection[] =>
  backEnd.collections().filter(({ isPublic }) => isSignedIn || isPublic || !isForeignPage)

/** The world as the caller may see it, for checks whose answer goes to that caller. */
export function visibleWorld(backEnd: BackEnd, caller: Caller): World {
  const world = backEnd.world()
  const ids = new Set(visibleCollections(backEnd, caller).map(({ collection }) => collection.id))
  return { ...world, collections: new Map([...world.collections].filter(([id]) => ids.has(id))) }
}
