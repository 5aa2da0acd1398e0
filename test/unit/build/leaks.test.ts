/** The check for leaks finds what is planted, in every form and place, and nothing else. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { checkLeaks } from '../../../build/testing/check-leaks.mjs'
import { createFinder, formsOf } from '../../../build/testing/leaks.mjs'

const HOME = 'http://127.0.0.1:4000'
const AWAY = 'http://127.0.0.1:4001'
const token = { name: 'the token', value: 'eyJhbGciOiJSUzI1NiJ9.planted/canary+of~the=test', origins: [HOME] }
const others = Array.from({ length: 500 }, (_, n) => ({
  name: `other ${n}`,
  value: `token-${(n * 7919).toString(16)}-of-somebody-else`,
  origins: [AWAY],
}))

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'swath-leaks-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

type Lines = { requests?: object[]; secrets?: object[]; scans?: object[] }
function record(lines: Lines, name = 'a'): void {
  mkdirSync(join(folder, 'records'), { recursive: true })
  for (const [kind, entries] of Object.entries(lines))
    writeFileSync(
      join(folder, 'records', `${kind}-${name}.jsonl`),
      entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''),
    )
}
async function problems(isWhole = false): Promise<string[]> {
  const records = join(folder, 'records')
  const { checks } = await checkLeaks({ records, kept: [join(folder, 'out')], isWhole })
  return checks.flatMap((check) => check.problems as string[])
}
const request = (more: object) => ({ origin: AWAY, method: 'GET', url: '/', headers: [], body: '', ...more })

const { value } = token
const base64 = (text: string) => Buffer.from(text).toString('base64')
test.each([
  ['a bearer', { headers: ['Authorization', `Bearer oidc/egi/${value}`] }],
  ['a header with another name', { headers: ['X-Whatever', `"${value}"`] }],
  ['the address', { url: `/jobs?access=${value}` }],
  ['the address, encoded', { url: `/jobs?access=${encodeURIComponent(value)}` }],
  ['a body', { method: 'POST', body: JSON.stringify({ process: { token: [value] } }) }],
  ['Basic as password', { headers: ['Authorization', `Basic ${base64(`me:${value}`)}`] }],
  ['Basic as user', { headers: ['Authorization', `Basic ${base64(`${value}:`)}`] }],
  ['base64 at another place', { headers: ['X-Proxy', base64(`ab${value}cd`)] }],
])('a token that went elsewhere in %s', async (_, planted) => {
  record({ secrets: [token, ...others], requests: [request({}), request(planted)] })
  expect(await problems()).toEqual([expect.stringMatching(/^the token \(.+\) went to http:\/\/127\.0\.0\.1:4001/)])
  expect((await problems())[0]).not.toContain('canary')
  record({ requests: [request({ ...planted, origin: HOME })] })
  expect(await problems()).toEqual([])
})

test('what one process registered is looked for in what another one was asked; all origins told count', async () => {
  record({ secrets: [token] }, 'a')
  record({ secrets: [{ ...token, origins: [AWAY] }], requests: [request({ body: value })] }, 'b')
  expect(await problems()).toEqual([])
  record({ requests: [request({ body: value, origin: 'https://127.0.0.1:4001' })] }, 'b')
  expect(await problems()).toHaveLength(1)
})

test('a secret in what the run kept is found, across the borders of pieces too; so is what a test found', async () => {
  record({
    secrets: [token],
    scans: [{ kind: 'folder', what: 'a profile', files: 1, bytes: 9, leaks: ['x.db: the token'] }],
  })
  mkdirSync(join(folder, 'out'))
  const padding = Buffer.alloc(4 * 2 ** 20 - 20, '.')
  writeFileSync(join(folder, 'out', 'unit.log'), Buffer.concat([padding, Buffer.from(value), padding]))
  const found = await problems()
  expect(found).toEqual(['a profile: x.db: the token', expect.stringContaining('unit.log: the token (as it is)')])
})

test('a whole run without records fails; a part may have none', async () => {
  expect(await problems(true)).toHaveLength(5)
  expect(await problems(false)).toEqual([])
  const scans = ['folder', 'traffic', 'heap'].map((kind) => ({ kind, what: 'w', files: 1, bytes: 1, leaks: [] }))
  record({ secrets: [token], scans, requests: [request({ origin: HOME, body: value })] })
  expect(await problems(true)).toEqual([])
})

test('every form of a secret is found wherever it starts; what is like it is not', () => {
  const finder = createFinder([token, ...others])
  for (const [form, bytes] of formsOf(value))
    for (const before of ['', 'a', 'abcdefg', 'x'.repeat(70_000)]) {
      const hits = finder.find(Buffer.concat([Buffer.from(before), bytes, Buffer.from('z')]))
      expect(hits.map(({ secret, at }) => [form, secret.name, at])).toEqual([[form, 'the token', before.length]])
    }
  expect(finder.find(Buffer.from(value.slice(0, -1)))).toEqual([])
  expect(finder.find(Buffer.from(value.replace('planted', 'Planted')))).toEqual([])
})
