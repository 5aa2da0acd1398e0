/** Whatever comes over HTTP, the answer is an error of the API, and the back-end goes on. */
import { copyFileSync } from 'node:fs'
import { request } from 'node:http'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { OWN_CODES } from '../../../main/local/server/errors.ts'
import { evaluator } from '../../../main/local/server/evaluator.ts'
import { errorCodes } from './support/api-schemas.ts'
import { type Client, createJob, dataFolder, startForTest, temporaryFolder, untilJob } from './support/back-end.ts'
import { step } from './support/scripted-engine.ts'

type Answer = { status: number; body: { code?: string; id?: string } }

/** A request as it is told, byte by byte; what fetch would put right stays wrong. */
function raw(url: string, head: string, body: Buffer | string = ''): Promise<string> {
  const { port } = new URL(url)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), '127.0.0.1')
    let text = ''
    socket.on('data', (chunk) => (text += chunk))
    socket.on('close', () => resolve(text))
    socket.on('error', reject)
    socket.write(head.replaceAll('\n', '\r\n'))
    socket.write(body)
  })
}

function send(
  client: Client,
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: Buffer,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = request(
      client.url + path,
      { method, headers: { authorization: `Bearer basic//${client.token}`, ...headers } },
      (response) => {
        let text = ''
        response.on('data', (chunk) => (text += chunk))
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: JSON.parse(text || '{}') }))
      },
    )
    call.on('error', reject)
    call.end(body)
  })
}

const expectAlive = async (client: Client) => expect((await fetch(`${client.url}/health`)).status).toBe(200)
const json = { 'content-type': 'application/json' }

test('a body of 100 MB is refused with an answer that the client can read, announced or not', async () => {
  const { client } = await startForTest()
  const big = Buffer.alloc(100_000_000, 0x20)
  const announced = await send(client, 'POST', '/jobs', json, big)
  expect(announced).toMatchObject({ status: 413, body: { code: 'RequestTooLarge' } })
  const chunked = await send(client, 'POST', '/result', { ...json, 'transfer-encoding': 'chunked' }, big)
  expect(chunked).toMatchObject({ status: 413, body: { code: 'RequestTooLarge' } })
  await expectAlive(client)
})

test('JSON that is too deep, broken, not UTF-8, of another type, or after prototypes', async () => {
  const { client } = await startForTest()
  const deep = `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`
  const tries: [string | Buffer, Record<string, string>, string][] = [
    [deep, json, 'RequestInvalid'],
    ['['.repeat(1_000_000), json, 'RequestInvalid'],
    ['{"process":', json, 'RequestInvalid'],
    ['{"process": {"process_graph": {"__proto__": {"polluted": true}}}}', json, 'RequestInvalid'],
    [Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), json, 'RequestInvalid'],
    ['"text"', json, 'RequestInvalid'],
    ['[]', json, 'RequestInvalid'],
    ['null', json, 'RequestInvalid'],
    ['{}', { 'content-type': 'text/plain' }, 'ContentTypeInvalid'],
    ['{}', { 'content-type': 'application/json; charset=latin1' }, 'ContentTypeInvalid'],
    ['process=1', { 'content-type': 'application/x-www-form-urlencoded' }, 'ContentTypeInvalid'],
  ]
  for (const [body, headers, code] of tries)
    for (const path of ['/jobs', '/result', '/validation']) {
      const answer = await send(client, 'POST', path, headers, Buffer.from(body))
      expect([path, answer.body.code, answer.status], String(body).slice(0, 60)).toEqual([path, code, 400])
    }
  expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  await expectAlive(client)
})

test('wrong types in every field of a job are refused, and none is created', async () => {
  const { client } = await startForTest()
  const good = { process: { process_graph: step('write') } }
  const wrong = [1, true, [], {}, 'x'.repeat(200_000)]
  for (const field of ['title', 'description', 'log_level', 'process', 'plan', 'budget'])
    for (const value of wrong) {
      if (field === 'budget' && value === 1) continue
      const { status, body } = await client.ask('POST', '/jobs', { ...good, [field]: value })
      expect([field, status], `${JSON.stringify(value).slice(0, 40)} ${JSON.stringify(body)}`).toEqual([field, 400])
      expect({ ...errorCodes, ...OWN_CODES }).toHaveProperty(String(body.code))
    }
  for (const graph of [null, 1, 'x', [], {}]) {
    const { status } = await client.ask('POST', '/jobs', { process: { process_graph: graph } })
    expect(status).toBe(400)
  }
  expect((await client.ask('GET', '/jobs')).body.jobs).toEqual([])
})

test('queries that make no sense are refused', async () => {
  const { client } = await startForTest()
  const id = await createJob(client, step('write'))
  for (const path of [
    '/jobs?limit=0',
    '/jobs?limit=-1',
    '/jobs?limit=x',
    '/jobs?offset=x',
    '/collections?limit=1e9',
    '/processes?limit=1&offset=-1',
    `/jobs/${id}/logs?offset=x`,
    `/jobs/${id}/logs?level=loud`,
    `/jobs/${id}/results?partial=perhaps`,
  ]) {
    const answer = await client.ask(`GET`, path)
    expect([path, answer.status, answer.body.code]).toEqual([path, 400, 'RequestInvalid'])
  }
})

test('paths that climb, or mean nothing, lead nowhere', async () => {
  const { client, stateDir } = await startForTest()
  const id = await createJob(client, step('write'))
  await client.send('POST', `/jobs/${id}/results`)
  await untilJob(client, id, ['finished'])
  const paths = [
    '/../../etc/passwd',
    '/jobs/../jobs',
    '/jobs/%2e%2e/%2e%2e/x',
    `/jobs/${id}/results/assets/..%2fmanifest.json`,
    `/jobs/${id}/results/assets/manifest.json`,
    `/jobs/${id}/results/assets/%2e%2e%2f%2e%2e%2fback-end.db`,
    `/jobs/${id}/results/assets/..%5cx`,
    '/jobs/%00',
    '/jobs/%zz',
    '//evil.example/jobs',
    `/jobs/${encodeURIComponent(stateDir)}`,
    '/collections/..%2f..%2fetc',
    '/jobs//results',
    '/constructor',
    '/jobs/__proto__',
  ]
  for (const path of paths) {
    const answer = await raw(
      client.url,
      `GET ${path} HTTP/1.1\nHost: ${new URL(client.url).host}\nAuthorization: Bearer basic//${client.token}\nConnection: close\n\n`,
    )
    expect(answer, path).toMatch(/^HTTP\/1\.1 404 /)
    expect(answer).not.toContain('root:')
  }
  await expectAlive(client)
})

test('only the loopback names with the right port are answered', async () => {
  const { client } = await startForTest()
  const { port } = new URL(client.url)
  for (const [host, status] of [
    [`127.0.0.1:${port}`, 200],
    [`localhost:${port}`, 200],
    [`LOCALHOST:${port}`, 200],
    [`[::1]:${port}`, 200],
    [`evil.example:${port}`, 421],
    ['127.0.0.1', 421],
    [`127.0.0.1:${Number(port) + 1}`, 421],
    [`127.0.0.1.evil.example:${port}`, 421],
    ['', 421],
  ] as const) {
    const answer = await raw(client.url, `GET /health HTTP/1.1\nHost: ${host}\nConnection: close\n\n`)
    expect(answer, host).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
  }
  const localhost = await fetch(`http://localhost:${port}/.well-known/openeo`).catch(() => undefined)
  if (localhost) expect(await localhost.json()).toMatchObject({ versions: [{ url: `http://localhost:${port}/` }] })
})

test('without the right token nothing of the user is told', async () => {
  const { client, backEnd } = await startForTest()
  const id = await createJob(client, step('write'))
  const tries: [Record<string, string>, number, string][] = [
    [{}, 401, 'AuthenticationRequired'],
    [{ authorization: 'Bearer basic//wrong' }, 403, 'TokenInvalid'],
    [{ authorization: `Bearer ${client.token}` }, 403, 'TokenInvalid'],
    [{ authorization: `Bearer basic//${client.token}x` }, 403, 'TokenInvalid'],
    [{ authorization: `Bearer oidc/egi/${client.token}` }, 403, 'AuthenticationSchemeInvalid'],
    [{ authorization: `Digest ${client.token}` }, 403, 'AuthenticationSchemeInvalid'],
    [
      { authorization: `Basic ${Buffer.from(`${backEnd.user}:${backEnd.password}`).toString('base64')}` },
      403,
      'AuthenticationSchemeInvalid',
    ],
  ]
  for (const [headers, status, code] of tries)
    for (const [method, path] of [
      ['GET', '/me'],
      ['GET', '/jobs'],
      ['GET', `/jobs/${id}`],
      ['DELETE', `/jobs/${id}`],
      ['GET', `/jobs/${id}/results`],
      ['POST', '/result'],
    ] as const) {
      const answer = await fetch(client.url + path, { method, headers })
      expect([path, answer.status, ((await answer.json()) as { code: string }).code]).toEqual([path, status, code])
      if (status === 401) expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/)
    }
  const basic = (user: string, password: string) => ({
    authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
  })
  for (const [headers, code] of [
    [basic(backEnd.user, 'wrong'), 'CredentialsInvalid'],
    [basic('other', backEnd.password), 'CredentialsInvalid'],
    [basic('', ''), 'CredentialsInvalid'],
    [{ authorization: 'Basic ***' }, 'CredentialsInvalid'],
    [{}, 'AuthenticationRequired'],
  ] as const) {
    const answer = await fetch(`${client.url}/credentials/basic`, { headers })
    expect(((await answer.json()) as { code: string }).code).toBe(code)
  }
})

test('pages of other sites see no collection of the user without the token, and never a job', async () => {
  const folder = temporaryFolder()
  copyFileSync(`${import.meta.dirname}/../../../../shared/data/B02.tif`, `${folder}/B02.tif`)
  const { client } = await startForTest({ folders: [dataFolder(folder)] })
  const count = async (headers: Record<string, string>) =>
    ((await (await fetch(`${client.url}/collections`, { headers })).json()) as { collections: unknown[] }).collections
      .length
  expect(await count({})).toBe(1)
  expect(await count({ origin: 'https://editor.example' })).toBe(0)
  expect(await count({ origin: 'null' })).toBe(0)
  expect(await count({ origin: 'https://editor.example', authorization: `Bearer basic//${client.token}` })).toBe(1)
})

test('pages of other sites cannot find out by a check whether the user has a collection', async () => {
  const folder = temporaryFolder()
  copyFileSync(`${import.meta.dirname}/../../../../shared/data/B02.tif`, `${folder}/B02.tif`)
  const { client } = await startForTest({ folders: [dataFolder(folder)], engine: evaluator })
  const { collections } = (await (await fetch(`${client.url}/collections`)).json()) as { collections: { id: string }[] }
  const codes = async (id: string | undefined, headers: Record<string, string>) => {
    const graph = {
      load: { process_id: 'load_collection', arguments: { id, spatial_extent: null, temporal_extent: null } },
      save: { process_id: 'save_result', arguments: { data: { from_node: 'load' }, format: 'GTiff' }, result: true },
    }
    const answer = await fetch(`${client.url}/validation`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ process_graph: graph }),
    })
    return ((await answer.json()) as { errors: { code: string; message: string }[] }).errors.map(({ code }) => code)
  }
  const id = collections[0]?.id
  const absent = await codes('no-such-collection', { origin: 'https://editor.example' })
  expect(absent.length).toBeGreaterThan(0)
  expect(await codes(id, {})).not.toEqual(absent)
  expect(await codes(id, { origin: 'https://editor.example' })).toEqual(absent)
  expect(await codes(id, { origin: 'null' })).toEqual(absent)
  const signedIn = { origin: 'https://editor.example', authorization: `Bearer basic//${client.token}` }
  expect(await codes(id, signedIn)).not.toEqual(absent)
})

test('preflights, HEAD and wrong methods', async () => {
  const { client } = await startForTest()
  const preflight = await fetch(`${client.url}/jobs`, {
    method: 'OPTIONS',
    headers: { origin: 'https://editor.example', 'access-control-request-method': 'POST' },
  })
  expect([preflight.status, preflight.headers.get('access-control-allow-methods'), await preflight.text()]).toEqual([
    204,
    'OPTIONS, GET, HEAD, POST',
    '',
  ])
  expect(preflight.headers.get('access-control-allow-headers')).toContain('Authorization')
  const head = await fetch(`${client.url}/processes`, { method: 'HEAD' })
  expect([head.status, Number(head.headers.get('content-length')) > 1000, await head.text()]).toEqual([200, true, ''])
  const wrong = await client.send('PUT', '/jobs')
  expect([wrong.status, wrong.headers.get('allow'), ((await wrong.json()) as { code: string }).code]).toEqual([
    405,
    'GET, POST, OPTIONS',
    'MethodNotAllowed',
  ])
  expect((await fetch(`${client.url}/nothing`, { method: 'OPTIONS' })).status).toBe(404)
})

test('the id of an error is in the log', async () => {
  const { client, lines } = await startForTest()
  const { body } = await client.ask('GET', '/jobs/none')
  expect(lines.some(({ fields }) => (fields as { id?: string } | undefined)?.id === body.id)).toBe(true)
})

test('clients that send slowly, or nonsense, are answered and cut', async () => {
  const { client } = await startForTest({ timeOuts: { headersMs: 300, requestMs: 600 } })
  const { host, port } = new URL(client.url)
  const slow = (text: string) =>
    new Promise<string>((resolve) => {
      const socket = connect(Number(port), '127.0.0.1')
      let answer = ''
      socket.on('data', (chunk) => (answer += chunk))
      socket.on('close', () => resolve(answer))
      socket.on('error', () => resolve(answer))
      socket.write(text)
    })
  const [headers, body] = await Promise.all([
    slow(`GET / HTTP/1.1\r\nHost: ${host}\r\nX-Slow: `),
    slow(
      `POST /jobs HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer basic//${client.token}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{`,
    ),
  ])
  expect(headers).toContain('"code":"RequestTimeout"')
  expect(body).toContain('"code":"RequestTimeout"')
  expect(await raw(client.url, 'NONSENSE\n\n')).toMatch(/^HTTP\/1\.1 400 [\s\S]*"code":"RequestInvalid"/)
  expect(await raw(client.url, `GET / HTTP/1.1\nHost: ${host}\nX-Big: ${'x'.repeat(100_000)}\n\n`)).toMatch(
    /^HTTP\/1\.1 431 /,
  )
  await expectAlive(client)
})
