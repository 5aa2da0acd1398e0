/** A back-end in this process, on temporary folders, and a client that signs in. Everything goes when the test ends. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { createLog, memorySink } from '../../../../main/core/log.ts'
import { type BackEndOptions, type RunningBackEnd, startBackEnd } from '../../../../main/local/server/index.ts'
import { scriptedEngine } from './scripted-engine.ts'

export const dataFolder = (path: string, isSample = false) => ({ id: path, path, isSample })

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'swath-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export type Client = {
  url: string
  token: string
  /** A request with the token. */
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>
  /** As `send`, and the answer's JSON. */
  ask<T = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; body: T; headers: Headers }>
}

export async function signIn({
  url,
  user,
  password,
}: Pick<RunningBackEnd, 'url' | 'user' | 'password'>): Promise<Client> {
  const basic = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
  const answer = await fetch(`${url}/credentials/basic`, { headers: { authorization: basic } })
  const { access_token: token } = (await answer.json()) as { access_token: string }
  const send: Client['send'] = (method, path, body, headers = {}) =>
    fetch(path.startsWith('http') ? path : url + path, {
      method,
      headers: {
        authorization: `Bearer basic//${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
  return {
    url,
    token,
    send,
    async ask(method, path, body) {
      const response = await send(method, path, body)
      const text = await response.text()
      return { status: response.status, body: text === '' ? {} : JSON.parse(text), headers: response.headers }
    },
  }
}

/** Started with the scripted engine unless another is given; stopped at the end of the test. */
export async function startForTest(options: Partial<BackEndOptions> = {}) {
  const sink = memorySink()
  const stateDir = options.stateDir ?? temporaryFolder()
  const backEnd = await startBackEnd({
    engine: scriptedEngine(),
    folders: [],
    isWatching: false,
    log: createLog({ sink, level: 'debug' }),
    ...options,
    stateDir,
  })
  onTestFinished(() => backEnd.stop())
  await backEnd.data.whenIdle()
  return { backEnd, client: await signIn(backEnd), lines: sink.lines, stateDir }
}

/** Asks until the job is in one of the states; the pause between two looks is the client's, not a guess of durations. */
export async function untilJob(client: Client, id: string, statuses: readonly string[], mostMs = 20_000) {
  const endMs = performance.now() + mostMs
  for (;;) {
    const { body } = await client.ask<{ status: string; progress?: number }>('GET', `/jobs/${id}`)
    if (statuses.includes(body.status)) return body
    if (performance.now() > endMs) throw new Error(`the job is ${body.status}, not ${statuses.join(' or ')}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** Creates a job and gives its id. */
export async function createJob(client: Client, graph: object, more: object = {}): Promise<string> {
  const response = await client.send('POST', '/jobs', { process: { process_graph: graph }, ...more })
  if (response.status !== 201) throw new Error(`POST /jobs: ${response.status} ${await response.text()}`)
  return response.headers.get('openeo-identifier') as string
}
