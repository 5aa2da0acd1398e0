/** Requests of features over the real HTTP policy and Node's fetch, without waits between retries. */
import { systemClock } from '../../main/core/clock.ts'
import {
  askJson,
  createControlHttp,
  createCredential,
  createRequestLog,
  fetchTransport,
  type RequestLog,
} from '../../main/core/http/index.ts'
import type { Redactor } from '../../main/core/redact.ts'
import type { OpeneoReply, OpeneoRequest } from '../../main/protocols/openeo.ts'

export type SendJson = (rootUrl: string, request: OpeneoRequest, authorization: string | null) => Promise<OpeneoReply>

export function createSendJson(redactor: Redactor): { sendJson: SendJson; requestLog: RequestLog } {
  const requestLog = createRequestLog({ clock: systemClock, redactor })
  const http = createControlHttp({
    requestLog,
    redactor,
    userAgent: 'Swath/test',
    transport: fetchTransport(fetch),
    random: () => 0,
  })
  return {
    requestLog,
    async sendJson(rootUrl, { method, path, body, signal, priority }, authorization) {
      const { value, status, headers } = await askJson(http, {
        url: path.startsWith('/') ? rootUrl + path : path,
        method,
        ...(body === undefined ? {} : { json: body }),
        ...(authorization === null ? {} : { credential: createCredential(rootUrl, { authorization }) }),
        signal,
        priority: priority ?? 'user',
      })
      return { status, header: (name) => headers.get(name), body: value }
    },
  }
}
