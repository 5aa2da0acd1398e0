/**
 * When a request is sent again with another token: only where the token was turned away before anything was done, by the
 * server that the token is for. Over real HTTP; the sign-in is one that always has another token.
 */
import type { ServerResponse } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { readDocument, signedSession } from '../../../main/connections/session.ts'
import type { SignIns, SignInTarget } from '../../../main/connections/types.ts'
import { systemClock } from '../../../main/core/clock.ts'
import { createControlHttp, createRequestLog, fetchTransport } from '../../../main/core/http/index.ts'
import { createRedactor } from '../../../main/core/redact.ts'
import type { OpeneoRequest } from '../../../main/protocols/openeo.ts'
import { type Asked, type Loopback, startLoopback } from '../../fakes/loopback.ts'

const closing: Loopback[] = []
afterEach(async () => {
  for (const server of closing.splice(0)) await server.close()
})
type Route = (asked: Asked, response: ServerResponse) => void
async function serve(route: Route): Promise<Loopback> {
  const server = await startLoopback(route)
  closing.push(server)
  return server
}
const answer = (response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}) =>
  void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))

function sessionAt(rootUrl: string) {
  const redactor = createRedactor()
  const http = createControlHttp({
    requestLog: createRequestLog({ clock: systemClock, redactor }),
    redactor,
    userAgent: 'Swath/test',
    transport: fetchTransport(fetch),
    random: () => 0,
  })
  let refusals = 0
  const signIns = {
    restore: async () => {},
    authorization: async () => 'Bearer first',
    afterRefusal: async () => `Bearer other-${++refusals}`,
  } as unknown as SignIns
  const session = signedSession({ id: 'one', rootUrl, http } as unknown as SignInTarget, signIns)
  const codeOf = (request: Pick<OpeneoRequest, 'method' | 'path'>) =>
    session.send({ ...request, ...(request.method === 'GET' ? {} : { body: {} }) }).then(
      ({ status }) => String(status),
      (failure: { code: string }) => failure.code,
    )
  return { session, codeOf, refusals: () => refusals }
}
const REFUSAL = { code: 'TokenInvalid', message: 'No.' }

test.each(['GET', 'POST', 'PATCH'] as const)('a token that is turned away is replaced once: %s', async (method) => {
  const server = await serve(({ headers }, response) =>
    headers.authorization === 'Bearer first' ? answer(response, 403, REFUSAL) : answer(response, 200, {}),
  )
  const { codeOf } = sessionAt(server.url)
  expect(await codeOf({ method, path: '/x' })).toBe('200')
  expect(server.asked.map(({ headers }) => headers.authorization)).toEqual(['Bearer first', 'Bearer other-1'])
})

test.each(['GET', 'POST', 'PATCH'] as const)(
  'a server error with the code of a refusal is none: %s',
  async (method) => {
    const server = await serve((_, response) => answer(response, 500, REFUSAL))
    const { codeOf, refusals } = sessionAt(server.url)
    await codeOf({ method, path: '/result' })
    expect(server.asked.length).toBe(1)
    expect(refusals()).toBe(0)
  },
)

test('what was posted and forwarded is not sent again: it may have been taken', async () => {
  const server = await serve(({ method, path }, response) =>
    method === 'POST' && path === '/jobs'
      ? answer(response, 303, {}, { location: '/jobs/1' })
      : answer(response, 401, { code: 'AuthenticationRequired', message: 'No.' }),
  )
  const { codeOf } = sessionAt(server.url)
  expect(await codeOf({ method: 'POST', path: '/jobs' })).toBe('signed-out')
  expect(server.asked.map(({ method, path }) => `${method} ${path}`)).toEqual(['POST /jobs', 'GET /jobs/1'])
})

test('401 of another server says nothing about the token, which did not go there', async () => {
  const other = await serve((_, response) => answer(response, 401, {}))
  const server = await serve((_, response) => answer(response, 302, {}, { location: `${other.url}/file` }))
  const { codeOf, refusals } = sessionAt(server.url)
  expect(await codeOf({ method: 'GET', path: '/jobs/1/results' })).toBe('signed-out')
  expect(refusals()).toBe(0)
  expect(other.asked.map(({ headers }) => headers.authorization)).toEqual([undefined])
})

test('whoever sent the way elsewhere and back does not get the token at an address of its choice', async () => {
  let home = ''
  const other = await serve((_, response) => answer(response, 302, {}, { location: `${home}/chosen` }))
  const server = await serve(({ path }, response) =>
    path === '/x' ? answer(response, 302, {}, { location: `${other.url}/` }) : answer(response, 200, {}),
  )
  home = server.url
  expect(await sessionAt(server.url).codeOf({ method: 'GET', path: '/x' })).toBe('200')
  expect(server.asked.map(({ path, headers }) => [path, headers.authorization])).toEqual([
    ['/x', 'Bearer first'],
    ['/chosen', undefined],
  ])
})

test('a byte order mark is no fault of a document, whichever way it is read', async () => {
  const server = await serve(
    (_, response) => void response.setHeader('content-type', 'application/json').end('\uFEFF{"a":1}'),
  )
  const { session } = sessionAt(server.url)
  expect((await session.send({ method: 'GET', path: '/' })).body).toEqual({ a: 1 })
  expect(await readDocument(session, '/')).toMatchObject({ state: 'read', body: { a: 1 } })
})

test('an answer that is too long for its purpose is not read on', async () => {
  const server = await serve((_, response) => answer(response, 200, { text: 'x'.repeat(1_100_000) }))
  const { session } = sessionAt(server.url)
  const tooLong = { code: 'back-end', message: 'The answer of the server is too long.' }
  await expect(session.send({ method: 'GET', path: '/me' })).rejects.toMatchObject(tooLong)
  await expect(readDocument(session, '/')).rejects.toMatchObject(tooLong)
  expect((await session.send({ method: 'GET', path: '/jobs', mostBytes: 2_000_000 })).status).toBe(200)
})
