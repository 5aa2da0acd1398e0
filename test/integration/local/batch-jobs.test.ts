/** Jobs end in the right state with whole results or none, whatever happens to them. */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { openDatabase } from '../../../main/core/database.ts'
import { createLog, memorySink } from '../../../main/core/log.ts'
import { MOST_INTERRUPTIONS } from '../../../main/local/batch-jobs/queue.ts'
import { BACK_END_MIGRATIONS } from '../../../main/local/batch-jobs/schema.ts'
import { startBackEnd } from '../../../main/local/server/index.ts'
import { createTestClock } from '../../fakes/clock.ts'
import { type Client, createJob, signIn, startForTest, temporaryFolder, untilJob } from './support/back-end.ts'
import { scriptedEngine, step } from './support/scripted-engine.ts'

type Entry = { id: string; level: string; message: string; code?: string }
const logsOf = async (client: Client, id: string, query = '') =>
  (await client.ask<{ logs: Entry[]; links: { rel: string; href: string }[] }>('GET', `/jobs/${id}/logs${query}`)).body

async function run(client: Client, graph: object, until: readonly string[]): Promise<string> {
  const id = await createJob(client, graph)
  await client.send('POST', `/jobs/${id}/results`)
  await untilJob(client, id, until)
  return id
}

test('one job runs at a time, the others wait in order and run by themselves', async () => {
  const { client } = await startForTest()
  const first = await run(client, step('wait'), ['running'])
  const others = []
  for (let i = 0; i < 3; i++) others.push(await createJob(client, step('write')))
  for (const id of others) await client.send('POST', `/jobs/${id}/results`)
  for (const id of others)
    expect((await client.ask('GET', `/jobs/${id}`)).body).toMatchObject({ status: 'queued', progress: 0 })
  await vi.waitFor(async () =>
    expect((await client.ask('GET', `/jobs/${first}`)).body).toMatchObject({ status: 'running', progress: 25 }),
  )
  await client.send('DELETE', `/jobs/${first}/results`)
  for (const id of others) await untilJob(client, id, ['finished'])
})

test('a running job stops within a second, leaves no files, and can be started again', async () => {
  const { client, stateDir } = await startForTest()
  const id = await run(client, step('wait'), ['running'])
  const startMs = performance.now()
  expect((await client.send('DELETE', `/jobs/${id}/results`)).status).toBe(204)
  expect(performance.now() - startMs).toBeLessThan(1000)
  expect((await client.ask('GET', `/jobs/${id}`)).body.status).toBe('created')
  expect((await client.ask('GET', `/jobs/${id}/results`)).body.code).toBe('JobNotStarted')
  await expect.poll(() => readdirSync(join(stateDir, 'jobs', id))).toEqual([])
  await client.send('PATCH', `/jobs/${id}`, { process: { process_graph: step('write') } })
  await client.send('POST', `/jobs/${id}/results`)
  await untilJob(client, id, ['finished'])
})

test('stopping and starting where there is nothing to stop or start changes nothing', async () => {
  const { client } = await startForTest()
  const id = await createJob(client, step('wait'))
  expect((await client.send('DELETE', `/jobs/${id}/results`)).status).toBe(204)
  expect((await client.ask('GET', `/jobs/${id}`)).body.status).toBe('created')
  await client.send('POST', `/jobs/${id}/results`)
  await expect.poll(async () => (await logsOf(client, id)).logs.length).toBe(2)
  const before = await logsOf(client, id)
  expect((await client.send('POST', `/jobs/${id}/results`)).status).toBe(202)
  expect((await client.ask('GET', `/jobs/${id}`)).body.status).toBe('running')
  expect(await logsOf(client, id)).toEqual(before)
})

test('deleting a running job ends it and removes everything of it', async () => {
  const { client, stateDir } = await startForTest()
  const id = await run(client, step('wait'), ['running'])
  expect((await client.send('DELETE', `/jobs/${id}`)).status).toBe(204)
  expect((await client.ask('GET', `/jobs/${id}`)).status).toBe(404)
  expect(existsSync(join(stateDir, 'jobs', id))).toBe(false)
  await run(client, step('write'), ['finished'])
})

test('a new run discards the results of the last one and its links', async () => {
  const { client } = await startForTest()
  const id = await run(client, step('write'), ['finished'])
  const { body } = await client.ask<{ assets: Record<string, { href: string }> }>('GET', `/jobs/${id}/results`)
  const href = body.assets['result.tif']?.href ?? ''
  expect((await fetch(href)).status).toBe(200)
  await client.send('PATCH', `/jobs/${id}`, { process: { process_graph: step('wait') } })
  await client.send('POST', `/jobs/${id}/results`)
  await untilJob(client, id, ['running'])
  expect((await fetch(href)).status).toBe(403)
  expect((await client.ask('GET', `/jobs/${id}/results`)).body.code).toBe('JobNotFinished')
  const partial = await client.ask('GET', `/jobs/${id}/results?partial=true`)
  expect(partial.body).toMatchObject({ 'openeo:status': 'running', assets: {} })
})

test('a back-end that is closed while jobs run takes them up again, with a line in the log', async () => {
  const stateDir = temporaryFolder()
  const sink = memorySink()
  let doesWait = true
  const scripted = scriptedEngine()
  const engine: typeof scripted = {
    ...scripted,
    run: (process, world, options) =>
      scripted.run(doesWait ? process : { process_graph: step('write') }, world, options),
  }
  const first = await startBackEnd({ stateDir, folders: [], engine, log: createLog({ sink }), isWatching: false })
  const before = await signIn(first)
  const running = await run(before, step('wait'), ['running'])
  const waiting = await createJob(before, step('wait'))
  await before.send('POST', `/jobs/${waiting}/results`)
  await first.stop()
  doesWait = false
  const { client } = await startForTest({ stateDir, engine })
  await untilJob(client, running, ['finished'])
  await untilJob(client, waiting, ['finished'])
  expect((await logsOf(client, running)).logs.map(({ message }) => message)).toContain(
    'The back-end was closed while this job ran. The job is queued again.',
  )
})

test('a job that was running at too many ends of the back-end is not started again', async () => {
  const stateDir = temporaryFolder()
  const first = await startForTest({ stateDir })
  const id = await run(first.client, step('write'), ['finished'])
  await first.backEnd.stop()
  const opened = await openDatabase({
    path: join(stateDir, 'back-end.db'),
    migrations: BACK_END_MIGRATIONS,
    log: createLog({ sink: memorySink() }),
  })
  opened.database.run("UPDATE job SET status = 'running', queue_place = 1, interruptions = ?", [MOST_INTERRUPTIONS - 1])
  opened.database.close()
  const { client } = await startForTest({ stateDir })
  await untilJob(client, id, ['error'])
  expect((await client.ask('GET', `/jobs/${id}/results`)).status).toBe(424)
})

test('a job whose graph is not valid fails with all findings in its log', async () => {
  const { client } = await startForTest()
  const id = await run(client, step('unknown'), ['error'])
  const { logs } = await logsOf(client, id, '?level=error')
  expect(logs.map(({ code }) => code)).toEqual(['ProcessParameterRequired', 'ProcessUnsupported'])
  expect((await client.ask('GET', `/jobs/${id}/results`)).body.code).toBe('ProcessUnsupported')
})

test('a full disk ends the job with a sentence, and the next job runs', async () => {
  const { client } = await startForTest()
  const id = await run(client, step('disk-full'), ['error'])
  const { logs } = await logsOf(client, id)
  expect(logs.at(-1)).toMatchObject({
    level: 'error',
    code: 'StorageFailure',
    message: expect.stringContaining('disk is full'),
  })
  await run(client, step('write'), ['finished'])
})

test('a folder that became read-only ends the job with a sentence', async () => {
  const { client } = await startForTest()
  const id = await run(client, step('read-only'), ['error'])
  expect((await logsOf(client, id)).logs.at(-1)).toMatchObject({
    code: 'StorageFailure',
    message: expect.stringContaining('does not allow writing'),
  })
})

test('a place where no folder can be made ends the job with a sentence', async () => {
  const { client, stateDir } = await startForTest()
  rmSync(join(stateDir, 'jobs'), { recursive: true, force: true })
  writeFileSync(join(stateDir, 'jobs'), 'in the way')
  const id = await run(client, step('write'), ['error'])
  expect((await logsOf(client, id)).logs.at(-1)?.level).toBe('error')
  rmSync(join(stateDir, 'jobs'))
  await run(client, step('write'), ['finished'])
})

test('results that were damaged on disk are not handed out', async () => {
  const { client, stateDir } = await startForTest()
  const id = await run(client, step('write'), ['finished'])
  truncateSync(join(stateDir, 'jobs', id, 'run-1', 'result.tif'), 3)
  expect((await client.ask('GET', `/jobs/${id}/results/assets/result.tif`)).body.code).toBe('FileNotFound')
})

test('logs are read on from the last id, cut by limit and filtered by level', async () => {
  const { client } = await startForTest()
  const id = await createJob(client, step('write'), { log_level: 'debug' })
  await client.send('POST', `/jobs/${id}/results`)
  await untilJob(client, id, ['finished'])
  const all = (await logsOf(client, id, '?level=debug')).logs
  expect(all).toHaveLength(4)
  expect((await logsOf(client, id)).logs).toHaveLength(3)
  expect((await logsOf(client, id, `?level=debug&offset=${all[1]?.id}`)).logs).toEqual(all.slice(2))
  const seen: Entry[] = []
  let next: string | undefined = `/jobs/${id}/logs?level=debug&limit=3`
  while (next !== undefined) {
    const { body }: { body: { logs: Entry[]; links: { rel: string; href: string }[] } } = await client.ask('GET', next)
    seen.push(...body.logs)
    next = body.links.find(({ rel }) => rel === 'next')?.href
  }
  expect(seen).toEqual(all)
  const quiet = await createJob(client, step('write'), { log_level: 'error' })
  await client.send('POST', `/jobs/${quiet}/results`)
  await untilJob(client, quiet, ['finished'])
  expect((await logsOf(client, quiet, '?level=debug')).logs).toEqual([])
})

test('the list of jobs is paged by keys: a job that comes meanwhile is neither doubled nor hides another', async () => {
  const { client } = await startForTest()
  const made: string[] = []
  for (let i = 0; i < 5; i++) made.unshift(await createJob(client, step('write')))
  type Page = { jobs: { id: string }[]; links: { rel: string; href: string }[] }
  const { body: first } = await client.ask<Page>('GET', '/jobs?limit=2')
  await createJob(client, step('write'))
  const { body: second } = await client.ask<Page>('GET', first.links.find(({ rel }) => rel === 'next')?.href ?? '')
  const { body: third } = await client.ask<Page>('GET', second.links.find(({ rel }) => rel === 'next')?.href ?? '')
  expect([...first.jobs, ...second.jobs, ...third.jobs].map(({ id }) => id)).toEqual(made)
  expect(third.links.map(({ rel }) => rel)).toEqual(['first'])
})

test('links expire', async () => {
  const clock = createTestClock()
  const { client } = await startForTest({ clock, linkLifetimeSeconds: 60 })
  const id = await run(client, step('write'), ['finished'])
  const { body } = await client.ask<{ assets: Record<string, { href: string }>; expires: string }>(
    'GET',
    `/jobs/${id}/results`,
  )
  const href = body.assets['result.tif']?.href ?? ''
  expect((await fetch(href)).status).toBe(200)
  expect((await fetch(`${href}x`)).status).toBe(403)
  expect((await fetch(href.replace(/expires=\d+/, 'expires=9999999999'))).status).toBe(403)
  expect((await fetch(href.replace('result.tif', 'other.tif'))).status).toBe(403)
  await clock.advance(61_000)
  const expired = await fetch(href)
  expect([expired.status, ((await expired.json()) as { code: string }).code]).toEqual([410, 'ResultLinkExpired'])
})

test('parts of a result: ranges, conditions, and what lies outside', async () => {
  const { client } = await startForTest()
  const id = await run(client, step('write', { files: { 'r.tif': '0123456789' } }), ['finished'])
  const { body } = await client.ask<{ assets: Record<string, { href: string }> }>('GET', `/jobs/${id}/results`)
  const href = body.assets['r.tif']?.href ?? ''
  const get = async (headers: Record<string, string>, method = 'GET') => {
    const response = await fetch(href, { method, headers })
    return [
      response.status,
      response.headers.get('content-range'),
      response.status < 300 ? await response.text() : '',
    ] as const
  }
  const whole = await fetch(href)
  const etag = whole.headers.get('etag') ?? ''
  const modified = whole.headers.get('last-modified') ?? ''
  expect([whole.status, await whole.text(), whole.headers.get('accept-ranges')]).toEqual([200, '0123456789', 'bytes'])
  expect(await get({ range: 'bytes=2-4' })).toEqual([206, 'bytes 2-4/10', '234'])
  expect(await get({ range: 'bytes=7-' })).toEqual([206, 'bytes 7-9/10', '789'])
  expect(await get({ range: 'bytes=-3' })).toEqual([206, 'bytes 7-9/10', '789'])
  expect(await get({ range: 'bytes=0-999' })).toEqual([206, 'bytes 0-9/10', '0123456789'])
  expect(await get({ range: 'bytes=10-' })).toEqual([416, 'bytes */10', ''])
  expect(await get({ range: 'bytes=-0' })).toEqual([416, 'bytes */10', ''])
  expect(await get({ range: 'bytes=5-2' })).toEqual([200, null, '0123456789'])
  expect(await get({ range: 'lines=1-2' })).toEqual([200, null, '0123456789'])
  expect(await get({ range: 'bytes=2-4', 'if-range': etag })).toEqual([206, 'bytes 2-4/10', '234'])
  expect(await get({ range: 'bytes=2-4', 'if-range': '"other"' })).toEqual([200, null, '0123456789'])
  expect(await get({ range: 'bytes=2-4', 'if-range': modified })).toEqual([206, 'bytes 2-4/10', '234'])
  expect(await get({ range: 'bytes=2-4', 'if-range': 'Mon, 01 Jan 2001 00:00:00 GMT' })).toEqual([
    200,
    null,
    '0123456789',
  ])
  expect(await get({ 'if-none-match': etag })).toEqual([304, null, ''])
  expect(await get({ range: 'bytes=2-4' }, 'HEAD')).toEqual([206, 'bytes 2-4/10', ''])
  expect((await fetch(href, { method: 'HEAD' })).headers.get('content-length')).toBe('10')
})

test('several files of a computation come as a tar that tar itself reads', async () => {
  const { client } = await startForTest()
  const files = { 'a.tif': 'x'.repeat(1000), 'b.tif': 'y'.repeat(512), 'c.tif': '' }
  const response = await client.send('POST', '/result', { process: { process_graph: step('write', { files }) } })
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/x-tar'])
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'r.tar'), Buffer.from(await response.arrayBuffer()))
  const list = execFileSync('tar', ['-tvf', join(folder, 'r.tar')], { encoding: 'utf8' })
  expect(
    list
      .trim()
      .split('\n')
      .map((line) =>
        line
          .split(/\s+/)
          .slice(2, 3)
          .concat(line.split(/\s+/).at(-1) ?? '')
          .join(' '),
      ),
  ).toEqual(['1000 a.tif', '512 b.tif', '0 c.tif'])
})

test('a client that goes away ends its computation', async () => {
  let wasAborted = false
  const scripted = scriptedEngine()
  const begun = Promise.withResolvers<void>()
  const engine: typeof scripted = {
    ...scripted,
    run: (process, world, options) => {
      options.signal?.addEventListener('abort', () => (wasAborted = true))
      begun.resolve()
      return scripted.run(process, world, options)
    },
  }
  const { client } = await startForTest({ engine })
  const leaving = new AbortController()
  const call = fetch(`${client.url}/result`, {
    method: 'POST',
    signal: leaving.signal,
    headers: { authorization: `Bearer basic//${client.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ process: { process_graph: step('wait') } }),
  }).catch(() => 'left')
  await begun.promise
  leaving.abort()
  expect(await call).toBe('left')
  await expect.poll(() => wasAborted).toBe(true)
})

test('two back-ends on one folder, a taken port, a newer database: refused with a sentence each', async () => {
  const { backEnd, stateDir } = await startForTest()
  const again = { stateDir, folders: [], engine: scriptedEngine(), log: createLog({ sink: memorySink() }) }
  await expect(startBackEnd(again)).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('data folder'),
  })
  const other = { ...again, stateDir: temporaryFolder() }
  await expect(startBackEnd({ ...other, port: Number(new URL(backEnd.url).port) })).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('in use'),
  })
  const opened = await openDatabase({
    path: join(other.stateDir, 'back-end.db'),
    migrations: BACK_END_MIGRATIONS,
    log: again.log,
  })
  opened.database.run('PRAGMA user_version = 99999')
  opened.database.close()
  await expect(startBackEnd(other)).rejects.toMatchObject({ code: 'newer-version' })
})

test('a damaged database is kept aside, and the back-end says so', async () => {
  const stateDir = temporaryFolder()
  writeFileSync(join(stateDir, 'back-end.db'), 'this is not a database, and long enough to be read as one'.repeat(100))
  const { backEnd, client } = await startForTest({ stateDir })
  expect(backEnd.setAside).toMatch(/^back-end\.damaged-/)
  expect(existsSync(join(stateDir, backEnd.setAside ?? ''))).toBe(true)
  expect((await client.ask('GET', '/jobs')).body.jobs).toEqual([])
})
