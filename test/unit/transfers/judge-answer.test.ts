/** Promises of downloads, as decisions: nothing is appended that is not the rest of the same file. */
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { readMultihash, sha256Multihash } from '../../../main/transfers/checksum.ts'
import {
  contentRange,
  judgeAnswer,
  type Known,
  looksLikePage,
  validatorOf,
  waitBeforeTry,
} from '../../../main/transfers/judge-answer.ts'

const known: Known = { position: 100, etag: '"v1"', lastModified: null, totalBytes: 1_000, mediaType: 'image/tiff' }
const judge = (status: number, headers: Record<string, string> = {}, more: Partial<Known> = {}) =>
  judgeAnswer({ ...known, ...more }, { status, header: (name) => headers[name] ?? null })

test.each([
  ['the rest', 206, { 'content-range': 'bytes 100-999/1000', etag: '"v1"' }, { do: 'go-on', totalBytes: 1_000 }],
  [
    'the rest of a length that is not told',
    206,
    { 'content-range': 'bytes 100-999/*' },
    { do: 'go-on', totalBytes: 1_000 },
  ],
  ['another place', 206, { 'content-range': 'bytes 99-999/1000' }, { do: 'ask-whole' }],
  ['no place at all', 206, {}, { do: 'ask-whole' }],
  ['several ranges', 206, { 'content-type': 'multipart/byteranges; boundary=x' }, { do: 'ask-whole' }],
  ['another file by its tag', 206, { 'content-range': 'bytes 100-999/1000', etag: '"v2"' }, { do: 'ask-whole' }],
  ['another file by its length', 206, { 'content-range': 'bytes 100-1999/2000' }, { do: 'ask-whole' }],
  ['the whole file', 200, { 'content-length': '1000' }, { do: 'from-start', totalBytes: 1_000 }],
  ['the whole file, length not told', 200, {}, { do: 'from-start', totalBytes: null }],
  ['nothing left', 416, { 'content-range': 'bytes */100' }, { do: 'complete' }],
  ['a shorter file', 416, { 'content-range': 'bytes */50' }, { do: 'ask-whole' }],
  ['nothing left of another file', 416, { 'content-range': 'bytes */100', etag: '"v2"' }, { do: 'ask-whole' }],
  ['another file', 412, {}, { do: 'ask-whole' }],
  ['a page', 200, { 'content-type': 'text/html; charset=utf-8' }, { do: 'fail', because: 'page' }],
  ['packed bytes', 200, { 'content-encoding': 'gzip' }, { do: 'fail', because: 'packed' }],
  ['identity', 200, { 'content-encoding': 'identity' }, { do: 'from-start', totalBytes: null }],
  ['an error', 500, {}, { do: 'fail', because: 'status' }],
  ['a redirect without address', 302, {}, { do: 'fail', because: 'status' }],
])('%s', (_what, status, headers, judgement) => {
  expect(judge(status, headers as Record<string, string>)).toEqual(judgement)
})
test.each([400, 401, 403, 404, 410])('%i may be an expired link', (status) => {
  expect(judge(status)).toEqual({ do: 'renew' })
})
test('at the beginning a part is not taken for the whole, and a page may be wanted', () => {
  expect(judge(206, { 'content-range': 'bytes 0-9/1000' }, { position: 0 })).toEqual({ do: 'ask-whole' })
  expect(judge(200, { 'content-type': 'text/html' }, { mediaType: 'text/html' }).do).toBe('from-start')
})
test('weak tags do not prove that bytes are the same', () => {
  expect(validatorOf({ etag: 'W/"v1"', lastModified: null })).toBeUndefined()
  expect(validatorOf({ etag: 'W/"v1"', lastModified: 'Fri, 20 Nov 2026 09:30:00 GMT' })).toMatch(/^Fri/)
  expect(validatorOf({ etag: '"v1"', lastModified: 'x' })).toBe('"v1"')
})
test.each(['bytes 5-9', 'items 5-9/10', 'bytes -9/10', '', 'bytes a-b/c'])('%j is no range', (text) => {
  expect(contentRange(text)).toBeUndefined()
})
test('pages are known by their beginning', () => {
  for (const page of ['<!DOCTYPE html><html>', '\n  <html lang="en">', '\ufeff<!doctype html>'])
    expect(looksLikePage(Buffer.from(page))).toBe(true)
  for (const data of ['II*\0', '{"a":1}', '<?xml version="1.0"?>', ''])
    expect(looksLikePage(Buffer.from(data))).toBe(false)
})
test('waits between tries grow and are bounded', () => {
  expect([1, 2, 3, 9].map((n) => waitBeforeTry(n, 0))).toEqual([250, 500, 1_000, 7_500])
  expect(waitBeforeTry(99, 1)).toBe(15_000)
})

test('multihashes are read as they are written', () => {
  const digest = (name: string) => createHash(name).update('swath').digest()
  expect(readMultihash(sha256Multihash(digest('sha256')))).toEqual({
    algorithm: 'sha256',
    digest: digest('sha256').toString('hex'),
  })
  expect(readMultihash(`d50110${digest('md5').toString('hex')}`)).toMatchObject({ algorithm: 'md5' })
  expect(readMultihash(`1114${digest('sha1').toString('hex')}`)).toMatchObject({ algorithm: 'sha1' })
  expect(readMultihash(`1340${digest('sha512').toString('hex')}`.toUpperCase())).toMatchObject({ algorithm: 'sha512' })
  for (const wrong of ['', 'xyz', '1220', `1220${'00'.repeat(31)}`, `9920${'00'.repeat(32)}`, '122', 'ffffffffff'])
    expect(readMultihash(wrong), wrong).toBeUndefined()
})
