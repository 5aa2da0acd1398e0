/** A main process that asks what it is told, by the application's own control way, and reports the answers. */
import { app } from 'electron'
import { systemClock } from '../../../../main/core/clock.ts'
import { AppError } from '../../../../main/core/errors.ts'
import {
  createControlHttp,
  createCredential,
  createRequestLog,
  type HttpRequest,
  netTransport,
} from '../../../../main/core/http/index.ts'
import { createRedactor } from '../../../../main/core/redact.ts'
import { chromiumNet, keepSessionsQuiet, setProxy, watchCertificates } from '../../../../main/shell/sessions.ts'
import { inputOfScript, runWhenReady } from '../../../fakes/electron-script.ts'

export type Step = Omit<HttpRequest, 'credential' | 'signal' | 'body'> & {
  /** Sent as the Authorization header of this origin. */
  secret?: { url: string; value: string }
  /** Set before this step. */
  proxy?: ['system' | 'none' | 'fixed', string]
  /** Body bytes that are read at most; then the request is canceled. */
  cancelAfter?: number
}
export type Answered = {
  status?: number
  url?: string
  body?: string
  byteCount?: number
  code?: string
  message?: string
  retry?: string
  certificate?: unknown
}

async function ask(step: Step): Promise<Answered> {
  const { secret, proxy, cancelAfter, ...request } = step
  if (proxy) await setProxy(...proxy)
  let byteCount = 0
  try {
    const answer = await http.ask({
      mostAttempts: 1,
      ...request,
      credential: secret && createCredential(secret.url, { authorization: secret.value }),
    })
    let body = ''
    for await (const chunk of answer.body) {
      byteCount += chunk.length
      if (body.length < 1_000) body += Buffer.from(chunk).toString('latin1').slice(0, 1_000)
      if (cancelAfter !== undefined && byteCount >= cancelAfter) break
    }
    return { status: answer.status, url: answer.url, body, byteCount }
  } catch (failure) {
    if (!(failure instanceof AppError)) throw failure
    const { code, message, retry, certificate } = failure
    return { code, message, retry, certificate, byteCount }
  }
}

const redactor = createRedactor()
const requestLog = createRequestLog({ clock: systemClock, redactor })
const transport = netTransport(chromiumNet)
const http = createControlHttp({ requestLog, redactor, userAgent: 'Swath/test', transport })
keepSessionsQuiet()
runWhenReady(app, async () => {
  watchCertificates()
  const answers: Answered[] = []
  for (const step of inputOfScript<Step[]>()) answers.push(await ask(step))
  return answers
})
