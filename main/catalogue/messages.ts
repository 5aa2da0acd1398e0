/**
 * What main and the catalogue's process ask of one another. Main fetches and hands the bytes on; the process takes them
 * apart, keeps them and makes them searchable. No credentials cross.
 */
import type { EntryKind, ListName } from '../../preload/contract/catalogue.ts'
import type { WireError } from '../../preload/contract/errors.ts'
import type { LogLine } from '../core/log.ts'
import type { WmtsLayer } from './wmts.ts'

type Nothing = undefined
export type CacheKey = { connectionId: string; kind: EntryKind; namespace: string; id: string }

export type PageEnd = {
  /** Entries on the page. */
  count: number
  /** An earlier page of this reading had the same entries in the same order. */
  isRepeated: boolean
  /** Entries of the reading so far. */
  readCount: number
  /** As written in the page's links. */
  next: string | null
  missing: string[]
}
export type ReadingEnd = {
  asOf: string
  freshUntil: string
  /** Members that the list came without. */
  missing: string[]
  /** False: its pages led in a circle, so that what did not come may be there all the same. */
  isWhole: boolean
}
/** Entries that were left out of a list: without an id that is a text, of an id that came before, too long or too deep. */
export type Skipped = { noId: number; double: number; refused: number }

/** Main → process. */
export type CacheQuestions = {
  /**
   * `connectionIds`: all that there are; what is kept of others goes. `wasDiscarded`: what was there could not be used;
   * everything has to be read again. `isNew`: there was no file.
   */
  start: { input: { path: string; connectionIds: string[] }; answer: { wasDiscarded: boolean; isNew: boolean } }
  /** A new reading of one list as `account` ('': nobody is signed in); the answer names it. */
  beginReading: { input: { connectionId: string; list: ListName; now: string; account: string }; answer: number }
  /** What a page had when this account last read it; null: not known. */
  knownPage: { input: { reading: number; url: string }; answer: { etag: string } | null }
  beginPage: { input: { reading: number; url: string }; answer: Nothing }
  chunk: { input: { reading: number; bytes: Uint8Array }; answer: { readCount: number } }
  endPage: { input: { reading: number; etag: string | null }; answer: PageEnd }
  /** 304: the page is as it was. */
  samePage: { input: { reading: number; url: string }; answer: PageEnd }
  /** The list was read to its end: what it did not have goes, but for what belongs to missing members. */
  finishReading: { input: { reading: number } & ReadingEnd; answer: { count: number } }
  /** The reading of this list broke off: what came is kept, and nothing goes. null: somebody canceled it. */
  abandonList: {
    input: { connectionId: string; list: ListName; failure: WireError | null }
    answer: { count: number }
  }
  /** Another user is there, or none: what was read as anybody else goes. */
  dropOthers: { input: { connectionId: string; account: string }; answer: Nothing }
  /** The list is not offered any more. */
  dropList: { input: { connectionId: string; list: ListName }; answer: Nothing }
  /** Collections whose whole document was not read yet, nor tried since. */
  incomplete: { input: { connectionId: string; notSince: string; most: number }; answer: string[] }
  whole: {
    input: { key: CacheKey; at: string } & ({ bytes: Uint8Array } | { failure: WireError })
    answer: { isKept: boolean }
  }
  /** Kept where the entry is there still. */
  extra: { input: { key: CacheKey; what: string; body: string; at: string }; answer: Nothing }
  /** The layer of capabilities that has tiles in Web Mercator; '' is the first. null: there is none. */
  wmts: {
    input: { xml: Uint8Array; url: string; layer: string; dimensions: Record<string, string> }
    answer: WmtsLayer | null
  }
  forget: { input: { connectionId: string }; answer: Nothing }
  /** The cache was found damaged by main: away with it. */
  renew: { input: Nothing; answer: Nothing }
  /** Makes what was changed searchable now instead of in a moment. */
  publish: { input: Nothing; answer: Nothing }
  stop: { input: Nothing; answer: Nothing }
}

/** Process → main. */
export type CatalogueMainQuestions = {
  /** What can be searched is another one; the connections whose entries changed. */
  changed: { input: { connectionIds: string[] }; answer: Nothing }
  /** The file goes away now: main closes it. */
  release: { input: Nothing; answer: Nothing }
  /** The file was begun anew while it was in use: everything has to be read again. */
  emptied: { input: Nothing; answer: Nothing }
  log: { input: LogLine; answer: Nothing }
}
