/** What main and the transfers process ask of one another. Secrets (links, headers) cross in memory only. */
import type { RequestRecord } from '../../preload/contract/diagnostics.ts'
import type { Transfer } from '../../preload/contract/transfers.ts'
import type { Trust } from '../core/http/index.ts'
import type { LogLine } from '../core/log.ts'

export type DownloadRequest = {
  resultId: string
  assetKey: string
  /** Whose credential and trusted certificate it may use; null: nobody's. */
  connectionId: string | null
  title: string
  /** May be signed; kept in memory only. */
  url: string
  /** Where the file goes. Never overwritten. */
  targetPath: string
  mediaType: string | null
  /** file:size */
  sizeBytes: number | null
  /** file:checksum: multihash in hex. */
  checksum: string | null
}
/** Headers for the origin of `url` and no other; a certificate that is trusted at its host. */
export type DownloadAccess = {
  url: string
  headers: Record<string, string> | null
  trust?: Trust | undefined
}
type Nothing = undefined

/** Main → transfers. */
export type WorkerQuestions = {
  start: {
    input: { databasePath: string; userAgent: string; ownCertificates: string[] }
    answer: Nothing
  }
  download: { input: { id: string; request: DownloadRequest }; answer: Transfer }
  pause: { input: { id: string }; answer: Transfer }
  resume: { input: { id: string }; answer: Transfer }
  cancel: { input: { id: string }; answer: Transfer }
  forget: { input: { resultId: string }; answer: string[] }
  clearEnded: { input: Nothing; answer: string[] }
  /** What the downloads of a connection may use from now on, in place of what they had. */
  access: { input: { connectionId: string; access: DownloadAccess | null }; answer: Nothing }
  /** Puts away what is under way; the process can be ended then. */
  stop: { input: Nothing; answer: Nothing }
}

/** Transfers → main. */
export type MainQuestions = {
  /** A fresh address of the file. */
  link: { input: { resultId: string; assetKey: string }; answer: string }
  proxy: { input: { url: string }; answer: string }
  changed: { input: Transfer; answer: Nothing }
  request: { input: RequestRecord; answer: Nothing }
  log: { input: LogLine; answer: Nothing }
}
