/**
 * One download from its row to the file in its place: asks, resumes, renews, verifies.
 * Owns: the order of steps. Does not: decide what answers mean (judge-answer.ts), queue (download-queue.ts).
 * Every step is safe to be cut off by kill -9: the row and the parts say where to go on.
 */
import { basename, dirname } from 'node:path'
import type { ErrorCode } from '../../preload/contract/errors.ts'
import type { Clock } from '../core/clock.ts'
import { AppError } from '../core/errors.ts'
import { ensureFolder, requireSpace } from '../core/files.ts'
import type { Credential, Http, HttpAnswer, Trust } from '../core/http/index.ts'
import type { Log } from '../core/log.ts'
import { hashFile, readMultihash, sha256Multihash } from './checksum.ts'
import { judgeAnswer, looksLikePage, MOST_TRIES, validatorOf, waitBeforeTry } from './judge-answer.ts'
import { exists, openPartFile, type PartFile, putIntoPlace, removePartFile } from './part-file.ts'
import type { TransferChange, TransferRow, TransferStore } from './transfer-store.ts'

/** What a connection lends to its downloads. */
export type Access = { credential?: Credential | undefined; trust?: Trust | undefined }
export type DownloadNeeds = {
  store: TransferStore
  http: Http
  clock: Clock
  log: Log
  signal: AbortSignal
  /** The address of the file; `fresh` asks main for a new one. */
  link(fresh: boolean): Promise<string>
  /** As it is now: it may be another one at the next request. */
  accessOf(connectionId: string): Access | undefined
  onProgress(receivedBytes: number): void
  /** Changes the row and tells of it. */
  change(columns: TransferChange): void
  random?: () => number
}

const damaged = (says: string) => new AppError('unreadable-data', says, { retry: 'now' })

/** Ends with the file in its place and the row `done`. @throws AppError */
export async function download(row: TransferRow, needs: DownloadNeeds): Promise<void> {
  if (row.own_checksum !== null && (await isInPlace(row))) {
    await removePartFile(row.target_path)
    return needs.change({ state: 'done' })
  }
  if (await exists(row.target_path))
    throw new AppError('conflict', `There is a file already: ${basename(row.target_path)}.`)
  await ensureFolder(dirname(row.target_path))
  const part = await openPartFile(row.id, row.target_path, needs.store)
  let checksum: string
  try {
    checksum = await fetchAndVerify(row, part, needs)
  } finally {
    await part.close()
  }
  needs.signal.throwIfAborted()
  await putIntoPlace(row.target_path)
  needs.change({ state: 'done', own_checksum: checksum, failure: null })
}

/** A crash came between moving the file and writing the row. */
async function isInPlace(row: TransferRow): Promise<boolean> {
  if (!(await exists(row.target_path))) return false
  return row.own_checksum === `1220${await hashFile(row.target_path, 'sha256')}`
}

/** The answer is the file's own multihash. A file that came damaged is fetched once more. */
async function fetchAndVerify(row: TransferRow, part: PartFile, needs: DownloadNeeds): Promise<string> {
  for (let round = 1; ; round++) {
    await fetchAll(row, part, needs)
    const own = sha256Multihash(part.sha256())
    needs.change({ state: 'verifying', own_checksum: own, total_bytes: part.position, received_bytes: part.position })
    const wrong = await findFault(row, part, own)
    if (wrong === undefined) return own
    needs.log.warn('A file came damaged', { transfer: row.id, says: wrong, round })
    await part.restart()
    needs.change({ state: 'running', own_checksum: null, etag: null, last_modified: null, received_bytes: 0 })
    if (round === 2) throw damaged(wrong)
  }
}

async function findFault(row: TransferRow, part: PartFile, own: string): Promise<string | undefined> {
  if (row.stated_bytes !== null && row.stated_bytes !== part.position)
    return `The file has ${part.position} bytes; the back-end stated ${row.stated_bytes}.`
  const stated = row.checksum === null ? undefined : readMultihash(row.checksum)
  if (stated === undefined) return undefined
  const found =
    stated.algorithm === 'sha256' ? own.slice(4) : await hashFile(`${row.target_path}.part`, stated.algorithm)
  return found === stated.digest ? undefined : 'The file does not have the checksum that the back-end stated.'
}

type Progress = {
  tries: number
  /** Since new bytes came: a link that expires every hour is renewed every hour. */
  isRenewed: boolean
  asksWhole: boolean
  /** The farthest byte so far; what is fetched a second time is no progress. */
  farthest: number
}

/** A round that brings so much got on: tries are counted anew. */
const GETTING_ON_BYTES = 65_536

/** Failures that pass by themselves: no network, or a server in trouble. */
const PASSING: ReadonlySet<ErrorCode> = new Set(['offline', 'time-out', 'rate-limited', 'back-end'])

/** Asks until every byte is there. Breaks are resumed; tries count as long as nothing comes. */
async function fetchAll(row: TransferRow, part: PartFile, needs: DownloadNeeds): Promise<void> {
  const progress: Progress = { tries: 0, isRenewed: false, asksWhole: false, farthest: part.position }
  for (;;) {
    const before = part.position
    try {
      if (await fetchOnce(row, part, needs, progress)) return
      if (part.position - before >= GETTING_ON_BYTES) progress.tries = 0
    } catch (failure) {
      await part.keep()
      const isPassing = failure instanceof AppError && PASSING.has(failure.code) && failure.retry !== 'never'
      if (!isPassing) throw failure
      if (part.position - before >= GETTING_ON_BYTES) progress.tries = 0
      if (++progress.tries >= MOST_TRIES) throw failure
      needs.log.info('A download broke off and goes on', { transfer: row.id, at: part.position, try: progress.tries })
      await pause(waitBeforeTry(progress.tries, (needs.random ?? Math.random)()), needs)
    }
  }
}

function pause(waitMs: number, { clock, signal }: DownloadNeeds): Promise<void> {
  return new Promise((resolve, reject) => {
    const disarm = clock.setTimer(waitMs, resolve)
    const stop = () => {
      disarm()
      reject(signal.reason)
    }
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
  })
}

/** One request. True: the file is whole. False: ask again. */
async function fetchOnce(row: TransferRow, part: PartFile, needs: DownloadNeeds, progress: Progress): Promise<boolean> {
  const now = needs.store.get(row.id) ?? row
  if (part.position > 0 && part.position === now.total_bytes) return true
  const validator = validatorOf({ etag: now.etag, lastModified: now.last_modified })
  if (part.position > 0 && (validator === undefined || progress.asksWhole)) await part.restart()
  const known = {
    position: part.position,
    etag: part.position > 0 ? now.etag : null,
    lastModified: part.position > 0 ? now.last_modified : null,
    totalBytes: part.position > 0 ? now.total_bytes : null,
    mediaType: row.media_type,
  }
  const url = await needs.link(false)
  const answer = await needs.http.send({
    url,
    headers: {
      'accept-encoding': 'identity',
      ...(part.position > 0 && validator ? { range: `bytes=${part.position}-`, 'if-range': validator } : {}),
    },
    ...(row.connection_id === null ? {} : needs.accessOf(row.connection_id)),
    signal: needs.signal,
    mostAttempts: 3,
  })
  const judgement = judgeAnswer(known, { status: answer.status, header: (name) => answer.headers.get(name) })
  switch (judgement.do) {
    case 'complete':
      answer.cancel()
      return true
    case 'ask-whole':
      answer.cancel()
      if (progress.asksWhole) throw damaged('The server does not give the whole file.')
      progress.asksWhole = true
      return false
    case 'renew':
      return renew(answer, needs, progress)
    case 'fail':
      return refuse(answer, judgement.because, needs, progress)
    case 'from-start':
      if (part.position > 0) await part.restart()
      break
    case 'go-on':
  }
  progress.asksWhole = false
  await begin(row, part, answer, judgement.totalBytes, needs)
  return read(row, part, answer, judgement.totalBytes, needs, progress)
}

/** Asks main for another link, once; then the server's words stand. */
async function renew(answer: HttpAnswer, needs: DownloadNeeds, progress: Progress): Promise<false> {
  if (progress.isRenewed) throw await failureOf(answer)
  answer.cancel()
  progress.isRenewed = true
  await needs.link(true)
  return false
}

async function failureOf(answer: HttpAnswer): Promise<AppError> {
  answer.cancel()
  const { status } = answer
  if (status === 401) return new AppError('signed-out', 'The back-end asks for a sign-in before it gives the file.')
  if (status === 404 || status === 410)
    return new AppError('not-found', 'The back-end does not have the file any more.')
  if (status === 429) return new AppError('rate-limited', 'The server asks for fewer requests.')
  if (status >= 500) return new AppError('back-end', `The server could not give the file (HTTP ${status}).`)
  return new AppError('forbidden', `The server refused the file (HTTP ${status}). The link may have expired.`)
}

async function refuse(
  answer: HttpAnswer,
  because: 'page' | 'packed' | 'status',
  needs: DownloadNeeds,
  progress: Progress,
): Promise<false> {
  if (because === 'status') throw await failureOf(answer)
  // a page is often the sign-in that stands before an expired link
  if (because === 'page' && !progress.isRenewed) return renew(answer, needs, progress)
  answer.cancel()
  throw damaged(
    because === 'page'
      ? 'The server answered with a web page instead of the file.'
      : 'The server packed the file on the way although it was asked not to.',
  )
}

/** Before the first byte: room, and what the parts will belong to. */
async function begin(
  row: TransferRow,
  part: PartFile,
  answer: HttpAnswer,
  totalBytes: number | null,
  needs: DownloadNeeds,
): Promise<void> {
  try {
    // known before the first byte: nothing is fetched that could not be verified
    if (row.stated_bytes !== null && totalBytes !== null && totalBytes !== row.stated_bytes)
      throw damaged(`The file has ${totalBytes} bytes; the back-end stated ${row.stated_bytes}.`)
    const expected = totalBytes ?? row.stated_bytes
    if (expected !== null)
      await requireSpace(dirname(row.target_path), expected - part.position, basename(row.target_path))
  } catch (failure) {
    answer.cancel()
    throw failure
  }
  const etag = answer.headers.get('etag')
  const lastModified = answer.headers.get('last-modified')
  needs.change({
    state: 'running',
    total_bytes: totalBytes ?? row.stated_bytes,
    received_bytes: part.position,
    ...(part.position === 0 ? { etag, last_modified: lastModified } : {}),
  })
}

async function read(
  row: TransferRow,
  part: PartFile,
  answer: HttpAnswer,
  totalBytes: number | null,
  needs: DownloadNeeds,
  progress: Progress,
): Promise<boolean> {
  const firstByte = part.position
  for await (const chunk of answer.body) {
    if (part.position === 0 && looksLikePage(chunk) && !/html/i.test(row.media_type ?? '')) {
      if (progress.isRenewed) throw damaged('The server answered with a web page instead of the file.')
      return renew(answer, needs, progress)
    }
    if (totalBytes !== null && part.position + chunk.length > totalBytes)
      throw damaged('The server sent more than the whole file.')
    await part.write(chunk)
    if (part.position > progress.farthest) {
      progress.farthest = part.position
      progress.isRenewed = false
    }
    needs.onProgress(part.position)
  }
  await part.keep()
  if (totalBytes === null || part.position === totalBytes) return true
  // a 206 may end before the file does, but not where it begins; a 200 may not
  if (answer.status === 206 && part.position > firstByte) return false
  throw new AppError('offline', 'The connection broke off.')
}

/** Takes away what a canceled download left. */
export async function discard(row: TransferRow, store: TransferStore): Promise<void> {
  store.dropParts(row.id, 0)
  await removePartFile(row.target_path)
}
