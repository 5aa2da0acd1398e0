/** Many jobs, many clients, stops and deletions at random moments: every job ends in a right state, none is lost. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createRandom } from '../../fakes/random.ts'
import { createJob, startForTest, untilJob } from './support/back-end.ts'
import { step } from './support/scripted-engine.ts'

test('sixty jobs, half of them stopped or deleted, eight clients asking', async () => {
  const random = createRandom('stops')
  const { client, stateDir, lines } = await startForTest({ jobsAtOnce: 3 })
  const ids = await Promise.all(Array.from({ length: 60 }, () => createJob(client, step('write'))))
  let isDone = false
  const asking = Array.from({ length: 8 }, async () => {
    while (!isDone) {
      const { status } = await client.ask(
        'GET',
        random.pick(['/jobs', `/jobs/${random.pick(ids)}`, `/jobs/${random.pick(ids)}/logs`]),
      )
      expect([200, 404]).toContain(status)
    }
  })
  await Promise.all(ids.map((id) => client.send('POST', `/jobs/${id}/results`)))
  const fates = await Promise.all(
    ids.map(async (id) => {
      const fate = random.pick(['left', 'left', 'stopped', 'deleted'] as const)
      if (fate === 'stopped') expect((await client.send('DELETE', `/jobs/${id}/results`)).status).toBe(204)
      if (fate === 'deleted') expect((await client.send('DELETE', `/jobs/${id}`)).status).toBe(204)
      return fate
    }),
  )
  for (const [i, id] of ids.entries()) {
    if (fates[i] === 'deleted') expect((await client.ask('GET', `/jobs/${id}`)).status).toBe(404)
    else await untilJob(client, id, fates[i] === 'left' ? ['finished'] : ['finished', 'created'])
  }
  isDone = true
  await Promise.all(asking)
  for (const [i, id] of ids.entries()) {
    const { body, status } = await client.ask<{ status?: string; assets?: Record<string, { href: string }> }>(
      'GET',
      `/jobs/${id}`,
    )
    if (status === 404) expect(existsSync(join(stateDir, 'jobs', id)), `${fates[i]}`).toBe(false)
    else if (body.status === 'finished') {
      const results = await client.ask<{ assets: Record<string, { href: string }> }>('GET', `/jobs/${id}/results`)
      expect(await (await fetch(results.body.assets['result.tif']?.href ?? '')).text()).toBe('a result')
    } else if (existsSync(join(stateDir, 'jobs', id))) expect(readdirSync(join(stateDir, 'jobs', id))).toEqual([])
  }
  expect(lines.filter(({ level }) => level === 'error')).toEqual([])
}, 60_000)
