/** Every endpoint answers in the form that the openEO API document states, and what is listed exists. */
import { readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { apiErrors, apiPaths, errorCodes, stacErrors } from './support/api-schemas.ts'
import { type Client, createJob, dataFolder, startForTest, temporaryFolder, untilJob } from './support/back-end.ts'
import { step } from './support/scripted-engine.ts'

const data = resolve(import.meta.dirname, '../../../../shared/data')

async function expectAnswer(
  client: Client,
  method: string,
  template: string,
  path: string,
  status: number,
  body?: unknown,
) {
  const answer = await client.ask(method, path, body)
  expect([path, answer.status], JSON.stringify(answer.body)).toEqual([path, status])
  expect(answer.headers.get('access-control-allow-origin')).toBe('*')
  const exposed = answer.headers.get('access-control-expose-headers') ?? ''
  for (const name of ['Link', 'Location', 'OpenEO-Costs', 'OpenEO-Identifier']) expect(exposed).toContain(name)
  if (status < 300 && status !== 200) expect(answer.body).toEqual({})
  else expect(apiErrors(template, method.toLowerCase(), status, answer.body), path).toEqual([])
  return answer
}

test('discovery, catalogue and account', async () => {
  const { client } = await startForTest({ folders: [dataFolder(data)] })
  for (const path of [
    '/',
    '/.well-known/openeo',
    '/conformance',
    '/file_formats',
    '/udf_runtimes',
    '/service_types',
    '/processes',
    '/collections',
    '/me',
  ])
    await expectAnswer(client, 'GET', path, path, 200)
  expect((await client.ask('GET', '/health')).status).toBe(200)
})

test('the capabilities name exactly the endpoints that exist, by the paths of the API document', async () => {
  const { client } = await startForTest()
  const { body } = await client.ask<{ endpoints: { path: string; methods: string[] }[]; conformsTo: string[] }>(
    'GET',
    '/',
  )
  for (const { path, methods } of body.endpoints) {
    if (path !== '/health') expect(Object.keys(apiPaths), path).toContain(path)
    for (const method of methods) {
      const answer = await client.send(method, path.replaceAll(/\{\w+\}/g, 'none'))
      expect([method, path, answer.status], await answer.text()).not.toEqual([method, path, 405])
      if (!path.includes('{')) expect([method, path, answer.status]).not.toEqual([method, path, 404])
    }
  }
  const { body: conformance } = await client.ask<{ conformsTo: string[] }>('GET', '/conformance')
  expect(conformance.conformsTo).toEqual(body.conformsTo)
})

test('every collection of real files is a valid STAC Collection with the dimensions of its cube', async () => {
  const { client } = await startForTest({ folders: [dataFolder(data)] })
  const { body } = await client.ask<{ collections: { id: string }[] }>('GET', '/collections')
  expect(body.collections.length).toBeGreaterThan(15)
  for (const { id } of body.collections) {
    const { body: collection } = await expectAnswer(
      client,
      'GET',
      '/collections/{collection_id}',
      `/collections/${id}`,
      200,
    )
    expect(stacErrors(collection), id).toEqual([])
  }
  const { body: landsat } = await client.ask<{
    'cube:dimensions': Record<
      string,
      { values?: unknown[]; step?: number; reference_system?: number; extent: unknown[] }
    >
    summaries: { 'eo:bands': { name: string; common_name?: string }[] }
  }>('GET', '/collections/timeseries_l8')
  const dimensions = landsat['cube:dimensions']
  expect(dimensions.t?.values).toHaveLength(17)
  expect(dimensions.x).toMatchObject({ reference_system: 32618, step: expect.closeTo(1505.94, 2) })
  expect(dimensions.t?.extent).toEqual(['2018-01-06T00:00:00Z', '2018-12-17T00:00:00Z'])
  const common = Object.fromEntries(landsat.summaries['eo:bands'].map(({ name, common_name }) => [name, common_name]))
  expect(common).toMatchObject({ B4: 'red', B5: 'nir', B8: 'pan' })
})

test('the results in a state folder inside of a data folder are no data', async () => {
  const folder = temporaryFolder()
  const { client, backEnd } = await startForTest({ folders: [dataFolder(folder)], stateDir: join(folder, 'state') })
  const id = await createJob(client, step('write'))
  await client.send('POST', `/jobs/${id}/results`)
  await untilJob(client, id, ['finished'])
  backEnd.data.rescan()
  await backEnd.data.whenIdle()
  expect([backEnd.data.offered, backEnd.data.problems]).toEqual([[], []])
})

test('lists are cut by limit, and their links lead through the whole', async () => {
  const { client } = await startForTest({ folders: [dataFolder(data)] })
  const { body: whole } = await client.ask<{ collections: { id: string }[] }>('GET', '/collections')
  const seen: string[] = []
  let next: string | undefined = '/collections?limit=4'
  while (next !== undefined) {
    const { body }: { body: { collections: { id: string }[]; links: { rel: string; href: string }[] } } =
      await client.ask('GET', next)
    expect(body.collections.length).toBeLessThanOrEqual(4)
    seen.push(...body.collections.map(({ id }) => id))
    next = body.links.find(({ rel }) => rel === 'next')?.href
  }
  expect(seen).toEqual(whole.collections.map(({ id }) => id))
  await expectAnswer(client, 'GET', '/processes', '/processes?limit=3', 200)
})

test('the life of a job, answer by answer', async () => {
  const { client } = await startForTest()
  const job = {
    title: 'A job',
    description: 'What it does',
    process: { process_graph: step('write') },
    log_level: 'debug',
    plan: null,
    budget: 5,
  }
  const made = await expectAnswer(client, 'POST', '/jobs', '/jobs', 201, job)
  const id = made.headers.get('openeo-identifier') as string
  expect(made.headers.get('location')).toBe(`${client.url}/jobs/${id}`)
  const path = `/jobs/${id}`
  const created = await expectAnswer(client, 'GET', '/jobs/{job_id}', path, 200)
  expect(created.body).toMatchObject({ id, status: 'created', title: 'A job', budget: 5, log_level: 'debug' })
  expect(created.body.process).toEqual(job.process)
  await expectAnswer(client, 'PATCH', '/jobs/{job_id}', path, 204, { title: 'Another title', description: null })
  await expectAnswer(client, 'GET', '/jobs/{job_id}/results', `${path}/results`, 400)
  await expectAnswer(client, 'POST', '/jobs/{job_id}/results', `${path}/results`, 202)
  const finished = await untilJob(client, id, ['finished'])
  expect(finished).toMatchObject({ progress: 100, title: 'Another title', usage: { duration: { unit: 'seconds' } } })
  expect(finished).not.toHaveProperty('description')
  await expectAnswer(client, 'GET', '/jobs/{job_id}', path, 200)
  const list = await expectAnswer(client, 'GET', '/jobs', '/jobs', 200)
  expect(list.body.jobs).toMatchObject([{ id, status: 'finished', progress: 100 }])
  const logs = await expectAnswer(client, 'GET', '/jobs/{job_id}/logs', `${path}/logs?level=debug`, 200)
  expect(logs.body.logs).toMatchObject([
    { level: 'info' },
    { message: 'Reading 3 scenes of test.' },
    { level: 'debug' },
    { level: 'info' },
  ])
  const results = await expectAnswer(client, 'GET', '/jobs/{job_id}/results', `${path}/results`, 200)
  expect(stacErrors(results.body)).toEqual([])
  expect(results.body).toMatchObject({ 'openeo:status': 'finished' })
  await expectAnswer(client, 'DELETE', '/jobs/{job_id}', path, 204)
  const gone = await expectAnswer(client, 'GET', '/jobs/{job_id}', path, 404)
  expect(gone.body).toMatchObject({ code: 'JobNotFound' })
})

test('results as documents: Collection, Items and a Feature are valid STAC, their links work without a token', async () => {
  const { client } = await startForTest()
  const id = await createJob(client, step('write', { files: { 'a.tif': 'aaa', 'b b&?#.tif': 'bbbb' } }))
  await client.send('POST', `/jobs/${id}/results`)
  await untilJob(client, id, ['finished'])
  const { body } = await client.ask<{
    assets: Record<string, { href: string; 'file:size': number }>
    links: { rel: string; href: string }[]
  }>('GET', `/jobs/${id}/results`)
  expect(Object.keys(body.assets)).toEqual(['a.tif', 'b b&?#.tif'])
  expect(await (await fetch(body.assets['b b&?#.tif']?.href ?? '')).text()).toBe('bbbb')
  const items = body.links.filter(({ rel }) => rel === 'item')
  expect(items).toHaveLength(2)
  for (const { href } of items) {
    const item = (await (await fetch(href)).json()) as Record<string, unknown>
    expect(stacErrors(item)).toEqual([])
    for (const asset of Object.values((item as unknown as typeof body).assets))
      expect((await fetch(asset.href)).status).toBe(200)
  }
  const canonical = body.links.find(({ rel }) => rel === 'canonical')?.href ?? ''
  const again = await fetch(canonical)
  expect(again.status).toBe(200)
  expect(stacErrors((await again.json()) as Record<string, unknown>)).toEqual([])
  const feature = await client.send('GET', `/jobs/${id}/results`, undefined, { accept: 'application/geo+json' })
  expect(feature.headers.get('content-type')).toBe('application/geo+json')
  const value = await feature.json()
  expect(stacErrors(value as Record<string, unknown>)).toEqual([])
  expect(apiErrors('/jobs/{job_id}/results', 'get', 200, value, 'application/geo+json')).toEqual([])
})

test('a failed job answers its results with 424 and the last error of its log', async () => {
  const { client } = await startForTest()
  const id = await createJob(client, step('fail', { code: 'ProcessParameterInvalid' }))
  await client.send('POST', `/jobs/${id}/results`)
  await untilJob(client, id, ['error'])
  const answer = await expectAnswer(client, 'GET', '/jobs/{job_id}/results', `/jobs/${id}/results`, 424)
  expect(answer.body).toMatchObject({
    level: 'error',
    code: 'ProcessParameterInvalid',
    path: [{ node_id: 'step', parameter: 'code' }],
  })
  const broken = await createJob(client, step('break'))
  await client.send('POST', `/jobs/${broken}/results`)
  await untilJob(client, broken, ['error'])
  const { body } = await client.ask('GET', `/jobs/${broken}/results`)
  expect(JSON.stringify(body)).not.toContain('secret detail')
})

test('validation and synchronous computation', async () => {
  const { client, stateDir } = await startForTest()
  const valid = await expectAnswer(client, 'POST', '/validation', '/validation', 200, { process_graph: step('write') })
  expect(valid.body.errors).toEqual([])
  const invalid = await expectAnswer(client, 'POST', '/validation', '/validation', 200, {
    process_graph: step('unknown'),
  })
  expect(invalid.body.errors).toMatchObject([{ code: 'ProcessUnsupported' }, { code: 'ProcessParameterRequired' }])
  const one = await client.send('POST', '/result', { process: { process_graph: step('write') } })
  expect([one.status, one.headers.get('content-type'), await one.text()]).toEqual([
    200,
    'image/tiff; application=geotiff; profile=cloud-optimized',
    'a result',
  ])
  const failed = await expectAnswer(client, 'POST', '/result', '/result', 400, {
    process: { process_graph: step('fail', { code: 'ProcessGraphInvalid' }) },
  })
  expect(failed.body.code).toBe('ProcessGraphInvalid')
  await expect.poll(() => readdirSync(`${stateDir}/computations`)).toEqual([])
})

test('every standard code that the back-end answers with has the status of the specification', async () => {
  const { client } = await startForTest({ linkLifetimeSeconds: 0 })
  const id = await createJob(client, step('write'))
  const waiting = await createJob(client, step('wait'))
  await client.send('POST', `/jobs/${id}/results`)
  await untilJob(client, id, ['finished'])
  await client.send('POST', `/jobs/${waiting}/results`)
  await untilJob(client, waiting, ['running'])
  const { body } = await client.ask<{ assets: Record<string, { href: string }> }>('GET', `/jobs/${id}/results`)
  const graph = { process_graph: step('write') }
  const tries: [string, string, string, unknown?][] = [
    ['NotFound', 'GET', '/nothing'],
    ['NotFound', 'GET', '/jobs/a/b/c/d'],
    ['CollectionNotFound', 'GET', '/collections/none'],
    ['JobNotFound', 'GET', '/jobs/none'],
    ['JobNotFound', 'POST', '/jobs/none/results'],
    ['JobLocked', 'PATCH', `/jobs/${waiting}`, { title: 'x' }],
    ['JobNotFinished', 'GET', `/jobs/${waiting}/results`],
    ['NoDataForUpdate', 'PATCH', `/jobs/${id}`, {}],
    ['PropertyNotEditable', 'PATCH', `/jobs/${id}`, { status: 'finished' }],
    ['ProcessGraphMissing', 'POST', '/jobs', { process: {} }],
    ['ProcessInvalid', 'POST', '/jobs', { title: 'no process' }],
    ['ProcessInvalid', 'POST', '/validation', { process_graph: [] }],
    ['BillingPlanInvalid', 'POST', '/jobs', { process: graph, plan: 'gold' }],
    ['BudgetInvalid', 'POST', '/jobs', { process: graph, budget: -1 }],
    ['ResultLinkExpired', 'GET', body.assets['result.tif']?.href ?? ''],
    ['FileNotFound', 'GET', `/jobs/${id}/results/assets/none.tif`],
  ]
  for (const [code, method, path, sent] of tries) {
    // the signed address has to speak for itself
    const response = code === 'ResultLinkExpired' ? await fetch(path) : await client.send(method, path, sent)
    const answer = (await response.json()) as { code: string; id: string; message: string; links: unknown[] }
    expect([path, answer.code, response.status]).toEqual([path, code, errorCodes[code]?.http])
    expect(answer).toMatchObject({ id: expect.any(String), message: expect.any(String), links: [] })
  }
})
