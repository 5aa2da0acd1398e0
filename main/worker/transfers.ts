/**
 * The transfers process: bytes on their way, away from the main process.
 * Owns: its own connection to the application's database (as a guest), the only writer of the transfer tables.
 * Does not: decide what to transfer, or keep secrets: links and headers come from main and live in memory.
 */
import { systemClock } from '../core/clock.ts'
import { openDatabase } from '../core/database.ts'
import { AppError } from '../core/errors.ts'
import { createBulkHttp, createCredential, createRequestLog } from '../core/http/index.ts'
import { createLog, forwardTo } from '../core/log.ts'
import { createPeer } from '../core/peer.ts'
import { createRedactor } from '../core/redact.ts'
import { applicationMigrations } from '../migrations/index.ts'
import type { Access } from '../transfers/download.ts'
import { createDownloadQueue, type DownloadQueue } from '../transfers/download-queue.ts'
import type { MainQuestions, WorkerQuestions } from '../transfers/messages.ts'
import { createTransferStore } from '../transfers/transfer-store.ts'
import { portToMain } from './port-to-main.ts'

const clock = systemClock
const redactor = createRedactor()
/** By connection: several accounts can be at one origin. */
const accesses = new Map<string, Access>()
let queue: DownloadQueue | undefined
let close = async () => {}

const started = () => {
  if (!queue) throw new AppError('canceled', 'The transfers have not started yet.', { retry: 'now' })
  return queue
}
const log = createLog({
  sink: forwardTo((line) => void main.ask('log', line).catch(() => {})),
  redactor,
  from: 'transfers',
})
const main = createPeer<WorkerQuestions, MainQuestions>(
  portToMain(),
  {
    start,
    download: ({ id, request }) => {
      noteLink(request.url)
      return started().download(id, request)
    },
    pause: ({ id }) => started().pause(id),
    resume: ({ id }) => started().resume(id),
    cancel: ({ id }) => started().cancel(id),
    forget: ({ resultId }) => started().forget(resultId),
    clearEnded: () => started().clearEnded(),
    access({ connectionId, access }) {
      if (access === null) accesses.delete(connectionId)
      else {
        const { url, headers, trust } = access
        for (const value of Object.values(headers ?? {})) redactor.addSecret(value)
        accesses.set(connectionId, { credential: headers === null ? undefined : createCredential(url, headers), trust })
      }
      return undefined
    },
    async stop() {
      await queue?.stop()
      await close()
      return undefined
    },
  },
  (failure) => log.error('The transfers process met an error', { failure }),
)
process.on('uncaughtException', (failure) => log.error('An error that nobody caught', { failure }))
process.on('unhandledRejection', (failure) => log.error('A promise that nobody awaited', { failure }))

/** What a link says behind its `?` is for nobody's eyes, whatever its names are. */
function noteLink(url: string): string {
  if (!URL.canParse(url)) throw new AppError('invalid-input', 'The address of the file is not valid.')
  for (const value of new URL(url).searchParams.values()) if (value.length >= 12) redactor.addSecret(value)
  return url
}

async function start({ databasePath, userAgent, ownCertificates }: WorkerQuestions['start']['input']) {
  if (queue) return undefined
  const opened = await openDatabase({ path: databasePath, migrations: applicationMigrations, log, role: 'guest' })
  const store = createTransferStore(opened.database, clock)
  const requestLog = createRequestLog({
    clock,
    redactor,
    onRecord: (record) => void main.ask('request', record).catch(() => {}),
  })
  const http = createBulkHttp({
    requestLog,
    redactor,
    userAgent,
    resolveProxy: (url) => main.ask('proxy', { url: new URL(url).origin }),
    ownCertificates: () => ownCertificates,
  })
  queue = createDownloadQueue({
    store,
    http,
    clock,
    log,
    askLink: async (resultId, assetKey) => noteLink(await main.ask('link', { resultId, assetKey })),
    accessOf: (connectionId) => accesses.get(connectionId),
    onChanged: (transfer) => void main.ask('changed', transfer).catch(() => {}),
  })
  close = async () => {
    http.close()
    opened.database.close()
  }
  queue.start()
  return undefined
}
