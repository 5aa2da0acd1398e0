/**
 * HTTP: two ways, one policy. Control calls go over Electron's network, bulk bytes over Node's.
 * Owns: how the parts are put together. Does not: import Electron (main hands in what is needed of it).
 */
import type { Clock } from '../clock.ts'
import type { Redactor } from '../redact.ts'
import { type BulkOptions, createBulkTransport } from './bulk-transport.ts'
import { createClient } from './client.ts'
import { BULK_TIME_OUTS, CONTROL_TIME_OUTS, type TimeOuts } from './policy.ts'
import type { RequestLog } from './request-log.ts'
import type { Transport } from './transport.ts'
import type { Http } from './types.ts'

export { createBulkTransport } from './bulk-transport.ts'
export { type Trust, type TrustedCertificate, trustFor } from './certificate.ts'
export { withTrust } from './client.ts'
export { type Credential, createCredential } from './credential.ts'
export { askJson, type JsonAnswer, type JsonRequest, textOf } from './json.ts'
export { createRequestLog, type RequestLog } from './request-log.ts'
export { fetchTransport, netTransport } from './transport.ts'
export type { Http, HttpAnswer, HttpRequest } from './types.ts'

type Needs = {
  requestLog: RequestLog
  redactor: Redactor
  /** e.g. `Swath/1.0.0` */
  userAgent: string
  clock?: Clock
  random?: () => number
  timeOuts?: Partial<TimeOuts>
}

/**
 * For control calls: small bodies, 6 at a time for each origin. What they answer decides where tokens go and what is run, so
 * that no way leads from https to http.
 */
export const createControlHttp = (needs: Needs & { transport: Transport }): Http =>
  createClient({
    ...needs,
    timeOuts: { ...CONTROL_TIME_OUTS, ...needs.timeOuts },
    mostAtOnce: 6,
    followsToOpen: false,
  })

/** For large bodies: no limit of total time, 8 at a time for each origin. `close` ends its kept connections. */
export function createBulkHttp(needs: Needs & BulkOptions): Http & { close(): void } {
  const transport = createBulkTransport(needs)
  const timeOuts = { ...BULK_TIME_OUTS, ...needs.timeOuts }
  const http = createClient({ ...needs, transport, timeOuts, mostAtOnce: 8, followsToOpen: true })
  return { ...http, close: () => transport.close() }
}
