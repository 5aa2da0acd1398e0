/** A download gets on, waits or gives up: never asks in a circle, and a server in trouble is not the end of it. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { HttpAnswer, HttpRequest } from '../../../main/core/http/index.ts'
import { createLog, memorySink } from '../../../main/core/log.ts'
import { download } from '../../../main/transfers/download.ts'
import { MOST_TRIES } from '../../../main/transfers/judge-answer.ts'
import type { PartRow, TransferChange, TransferRow, TransferStore } from '../../../main/transfers/transfer-store.ts'

const root = mkdtempSync(join(tmpdir(), 'swath-download-'))
afterAll(() => rmSync(root, { recursive: true }))
let count = 0

const MOST_REQUESTS = 60
type Served = { status: number; headers?: Record<string, string>; body?: Buffer }

/** Runs one download against `serve`; waits are noted and take no time. */
async function run(serve: (n: number, firstByte: number) => Served) {
  const row = {
    id: 't',
    state: 'running',
    target_path: join(root, `${count++}`, 'a.tif'),
    media_type: 'image/tiff',
    stated_bytes: null,
    checksum: null,
    own_checksum: null,
    total_bytes: null,
    etag: null,
    last_modified: null,
  } as unknown as TransferRow
  const parts: PartRow[] = []
  const change = (columns: TransferChange) => void Object.assign(row, columns)
  const store = {
    get: () => row,
    change: (_id: string, columns: TransferChange) => change(columns),
    parts: () => parts,
    addPart: (_id: string, part: PartRow) => void parts.push(part),
    dropParts(_id: string, from: number) {
      parts.splice(0, parts.length, ...parts.filter((part) => part.first_byte < from))
    },
  } as unknown as TransferStore
  const seen = { requests: 0, waits: [] as number[], renewals: 0 }
  const send = async (request: HttpRequest): Promise<HttpAnswer> => {
    if (++seen.requests > MOST_REQUESTS) throw new Error('asked in a circle')
    const firstByte = Number(/bytes=(\d+)-/.exec(request.headers?.range ?? '')?.[1] ?? 0)
    const { status, headers, body } = serve(seen.requests, firstByte)
    return {
      status,
      headers: new Headers(headers),
      url: request.url,
      body: (async function* () {
        if (body?.length) yield body
      })(),
      bytes: async () => body ?? Buffer.alloc(0),
      cancel() {},
    }
  }
  const ended = await download(row, {
    store,
    http: { send, ask: send },
    clock: {
      now: () => 0,
      monotonicMs: () => 0,
      setTimer(waitMs, work) {
        seen.waits.push(waitMs)
        queueMicrotask(work)
        return () => {}
      },
    },
    log: createLog({ sink: memorySink() }),
    signal: new AbortController().signal,
    async link(fresh) {
      if (fresh) seen.renewals++
      return 'https://files.example/a.tif'
    },
    accessOf: () => undefined,
    onProgress() {},
    change,
    random: () => 0,
  }).then(
    () => undefined,
    (failure: unknown) => failure,
  )
  return { ...seen, ended, row, bytes: () => readFileSync(row.target_path) }
}

const file = Buffer.alloc(400_000, 7)
const etag = { etag: '"v1"' }
const range = (first: number, body: Buffer): Served => ({
  status: 206,
  headers: { ...etag, 'content-range': `bytes ${first}-${file.length - 1}/${file.length}` },
  body,
})

test('ranges that bring no byte count as tries and wait, and the download gives up', async () => {
  const { ended, requests, waits } = await run((n) =>
    n === 1
      ? { status: 200, headers: { ...etag, 'content-length': `${file.length}` }, body: file.subarray(0, 100_000) }
      : range(100_000, Buffer.alloc(0)),
  )
  expect(ended).toMatchObject({ code: 'offline', retry: 'later' })
  expect(requests).toBe(MOST_TRIES)
  expect(waits.length).toBe(MOST_TRIES - 1)
})

test('a link that expires again and again is renewed as long as bytes come between', async () => {
  const { ended, renewals, bytes } = await run((n, first) => {
    if (n % 2 === 0) return { status: 403 }
    const body = file.subarray(first, first + 100_000)
    return first === 0
      ? { status: 200, headers: { ...etag, 'content-length': `${file.length}` }, body }
      : range(first, body)
  })
  expect(ended).toBeUndefined()
  expect(renewals).toBe(3)
  expect(bytes().equals(file)).toBe(true)
})

test('without a validator bytes start over: these do not renew a link without end', async () => {
  const { ended, requests } = await run((n) =>
    n % 2 === 0
      ? { status: 403 }
      : { status: 200, headers: { 'content-length': `${file.length}` }, body: file.subarray(1) },
  )
  expect(ended).toMatchObject({ code: 'forbidden' })
  expect(requests).toBeLessThan(10)
})

test.each([429, 500, 503])('HTTP %i passes: the download waits and goes on', async (status) => {
  const { ended, waits, bytes } = await run((n) =>
    n <= 3 ? { status } : { status: 200, headers: { ...etag, 'content-length': `${file.length}` }, body: file },
  )
  expect(ended).toBeUndefined()
  expect(waits.length).toBe(3)
  expect(bytes().equals(file)).toBe(true)
})

test('a server that stays in trouble is left alone after some tries, to be asked later', async () => {
  const { ended, requests } = await run(() => ({ status: 503 }))
  expect(ended).toMatchObject({ code: 'back-end', retry: 'later' })
  expect(requests).toBe(MOST_TRIES)
})
