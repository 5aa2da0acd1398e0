/**
 * Documents that nobody should send, at the level of connections: too deep, too long, with a byte order mark, with codes that
 * every object has. A failure is the back-end's, nothing is half added, and nothing long is carried along.
 */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Database, openDatabase } from '../../../main/core/database.ts'
import { createLog, memorySink } from '../../../main/core/log.ts'
import { applicationMigrations } from '../../../main/migrations/index.ts'
import { Account } from '../../../preload/contract/connections.ts'
import { openConnections } from '../../fakes/connections.ts'
import { startLoopback } from '../../fakes/loopback.ts'

let database: Database
const closing: (() => unknown)[] = []
beforeEach(async () => {
  const log = createLog({ sink: memorySink() })
  database = (await openDatabase({ path: ':memory:', migrations: applicationMigrations, log })).database
})
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
  database.close()
})
const CAPABILITIES = {
  api_version: '1.2.0',
  stac_version: '1.0.0',
  id: 'bad',
  title: 'Bad',
  description: '',
  endpoints: [
    { path: '/me', methods: ['GET'] },
    { path: '/credentials/basic', methods: ['GET'] },
  ],
  links: [],
}
const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`
const with_ = (document: object, name: string, json: string) =>
  `${JSON.stringify(document).slice(0, -1)},"${name}":${json}}`

/** Answers by path; a number is a status with an openEO error. */
async function open(pages: { root?: string; me?: string; fault?: { status: number; code: string } | undefined }) {
  const server = await startLoopback(({ path }, response) => {
    const send = (text: string, status = 200) =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(text)
    if (pages.fault) return send(JSON.stringify({ code: pages.fault.code, message: 'No.' }), pages.fault.status)
    if (path === '/') return send(pages.root ?? JSON.stringify(CAPABILITIES))
    if (path === '/credentials/basic') return send('{"access_token":"abcdef"}')
    if (path === '/me') return send(pages.me ?? '{"user_id":"u"}')
    send('{"code":"NotFound","message":"No."}', 404)
  })
  const world = openConnections({ database })
  closing.push(
    () => server.close(),
    () => world.close(),
  )
  const kinds = async () => (await world.calls.list()).map(({ kind }) => kind)
  const signIn = (id: Parameters<typeof world.calls.startSignIn>[0]['id']) =>
    world.calls.startSignIn({ id, method: { way: 'basic', user: 'u', password: 'secret-pass' } })
  return { ...world, url: server.url, asked: server.asked, kinds, signIn }
}

test.each([101, 1_500, 100_000])('capabilities that are nested %d times are the fault of the server', async (depth) => {
  const { calls, url, kinds, events } = await open({ root: with_(CAPABILITIES, 'x', nested(depth)) })
  const fault = { code: 'back-end', message: expect.stringContaining('nested too deep') }
  await expect(calls.discover({ address: url })).rejects.toMatchObject(fault)
  await expect(calls.add({ url, agreed: [] })).rejects.toMatchObject(fault)
  expect(await kinds()).toEqual(['embedded'])
  expect(events).toEqual([])
})

test('what cannot be written down adds nothing: neither a row nor an agreement', async () => {
  const terms = { rel: 'terms-of-service', href: 'https://example.org/terms', title: 'Terms' }
  const { calls, url, kinds } = await open({ root: JSON.stringify({ ...CAPABILITIES, links: [terms] }) })
  database.run(`CREATE TRIGGER full BEFORE INSERT ON connection_document BEGIN SELECT RAISE(ABORT, 'full'); END`)
  await expect(calls.add({ url, agreed: [terms.href] })).rejects.toThrow()
  expect(await kinds()).toEqual(['embedded'])
  expect(database.all('SELECT * FROM consent')).toEqual([])
  database.run('DROP TRIGGER full')
  await calls.add({ url, agreed: [terms.href] })
  expect(await kinds()).toEqual(['embedded', 'openeo'])
})

test('capabilities of more than 1 MB are not read', async () => {
  const path = `/endpoint/{id}/with/a/path/that/is/long`
  const endpoints = Array.from({ length: 20_000 }, (_, n) => ({ path: `${path}/${n}`, methods: ['GET', 'POST'] }))
  const { calls, url, kinds } = await open({ root: JSON.stringify({ ...CAPABILITIES, endpoints }) })
  const tooLong = { code: 'back-end', message: 'The answer of the server is too long.' }
  await expect(calls.discover({ address: url })).rejects.toMatchObject(tooLong)
  await expect(calls.add({ url, agreed: [] })).rejects.toMatchObject(tooLong)
  expect(await kinds()).toEqual(['embedded'])
})

test('a byte order mark before the capabilities is none of the user’s business', async () => {
  const { calls, url, become } = await open({ root: `\uFEFF${JSON.stringify(CAPABILITIES)}` })
  expect(await calls.discover({ address: url })).toMatchObject({ state: 'found', title: 'Bad' })
  const { id } = await calls.add({ url, agreed: [] })
  expect(await become('connected', id)).toMatchObject({ apiVersion: '1.2.0' })
})

test.each(['constructor', '__proto__', 'toString'])('a back-end whose failures have the code %s', async (code) => {
  const pages = { fault: undefined as { status: number; code: string } | undefined }
  const { calls, url, become, kinds } = await open(pages)
  pages.fault = { status: 500, code }
  await expect(calls.add({ url, agreed: [] })).rejects.toMatchObject({ code: 'back-end', serverCode: code })
  expect(await kinds()).toEqual(['embedded'])
  pages.fault = undefined
  const { id } = await calls.add({ url, agreed: [] })
  await become('connected', id)
  pages.fault = { status: 500, code }
  expect(await calls.reconnect({ id })).toMatchObject({ state: 'failed', failure: { code: 'back-end' } })
})

test('an account of many megabytes is not read; signing in goes on', async () => {
  const { calls, url, become, signIn, until, event } = await open({
    me: JSON.stringify({ user_id: 'u', info: 'x'.repeat(3_000_000) }),
  })
  const { id } = await calls.add({ url, agreed: [] })
  await become('connected', id)
  await signIn(id)
  await until(id, ({ signIn: is }) => is === 'signed-in')
  await event(({ name }) => name === 'changed')
  await expect(calls.refreshAccount({ id })).rejects.toMatchObject({ code: 'back-end' })
  expect(await calls.account({ id })).toBeNull()
})

test.each([
  ['long', `{"user_id":"u","budget":5,"short":"stays","info":"${'x'.repeat(70_000)}"}`],
  ['deep', `{"user_id":"u","budget":5,"short":"stays","info":${nested(990)}}`],
])('of an account only what is worth keeping is kept: %s', async (_what, me) => {
  const { calls, url, become, signIn, until } = await open({ me })
  const { id } = await calls.add({ url, agreed: [] })
  await become('connected', id)
  await signIn(id)
  await until(id, ({ userId }) => userId === 'u')
  const account = Account.parse(await calls.account({ id }))
  expect(account).toMatchObject({ budget: 5, more: { short: 'stays' }, isMoreCut: true })
  expect(account.more).not.toHaveProperty('info')
  expect(await calls.list()).toHaveLength(2)
})

test('the row that is read at every change has neither the account nor the document', async () => {
  const { calls, url, become, signIn, until } = await open({ me: '{"user_id":"u","info":"this is the account"}' })
  const { id } = await calls.add({ url, agreed: [] })
  await become('connected', id)
  await signIn(id)
  await until(id, ({ userId }) => userId === 'u')
  expect(JSON.stringify(database.all('SELECT * FROM connection'))).not.toContain('this is the account')
  expect(await calls.account({ id })).toMatchObject({ more: { info: 'this is the account' } })
  await calls.signOut({ id })
  expect(await calls.account({ id })).toBeNull()
  expect(database.all('SELECT * FROM connection_account')).toEqual([])
})
