/** What is offered follows from endpoints alone, in every spelling; for everything else there is a reason. */
import { expect, test } from 'vitest'
import { lacksOf, offersOf, statesEndpoint } from '../../../main/connections/offers.ts'
import { comparablePath } from '../../../main/protocols/capabilities.ts'
import { OFFERS } from '../../../preload/contract/connections.ts'
import { AGGREGATOR } from '../../fakes/profiles/aggregator.ts'
import { API_1_3 } from '../../fakes/profiles/api-1.3.ts'
import { EARTH_ENGINE } from '../../fakes/profiles/earth-engine.ts'
import { EODC } from '../../fakes/profiles/eodc.ts'
import { PYTHON_DRIVER } from '../../fakes/profiles/python-driver.ts'
import { SENTINEL_HUB } from '../../fakes/profiles/sentinel-hub.ts'
import { TITILER_OPENEO } from '../../fakes/profiles/titiler-openeo.ts'

test('paths are compared without names of parameters, capitals and slashes, Flask converters included', () => {
  for (const path of ['/Jobs/{job_id}/results', 'jobs/{id}/results/', '//jobs/<job_id>/results', '/jobs/{}/RESULTS'])
    expect(comparablePath(path)).toBe('/jobs/{}/results')
  expect(comparablePath('/service/xyz/{service_id}/{int:zoom}/<int:tx>')).toBe('/service/xyz/{}/{}/{}')
  expect(comparablePath('/')).toBe('/')
})

test.each([PYTHON_DRIVER, SENTINEL_HUB, EARTH_ENGINE, EODC, TITILER_OPENEO, AGGREGATOR, API_1_3])(
  '$name: each thing is offered, or there is a sentence why not',
  ({ endpoints }) => {
    const offers = offersOf(endpoints)
    const lacks = lacksOf(endpoints)
    expect([...offers, ...lacks.map(({ offer }) => offer)].sort()).toEqual([...OFFERS].sort())
    for (const { because } of lacks) expect(because).toMatch(/^The back-end .*(GET|POST|PUT|PATCH|DELETE) \/.*\.$/)
  },
)

test('drivers differ as the reference says', () => {
  expect(offersOf(SENTINEL_HUB.endpoints)).not.toContain('udf-runtimes')
  expect(offersOf(SENTINEL_HUB.endpoints)).not.toContain('files')
  expect(offersOf(SENTINEL_HUB.endpoints)).not.toContain('job-logs')
  expect(offersOf(SENTINEL_HUB.endpoints)).toEqual(expect.arrayContaining(['estimate', 'basic', 'batch-jobs']))
  expect(offersOf(TITILER_OPENEO.endpoints)).not.toContain('batch-jobs')
  expect(offersOf(TITILER_OPENEO.endpoints)).toContain('synchronous')
})

test('a part is not the whole, and the sentence names what is not there', () => {
  const endpoints = [
    { path: '/jobs', methods: ['GET', 'POST'] },
    { path: '/jobs/{id}', methods: ['GET'] },
  ]
  expect(offersOf(endpoints)).toEqual([])
  expect(lacksOf(endpoints).find(({ offer }) => offer === 'batch-jobs')?.because).toBe(
    'The back-end offers this only in part: its capabilities do not state POST /jobs/{id}/results and GET /jobs/{id}/results.',
  )
  expect(lacksOf([]).find(({ offer }) => offer === 'basic')?.because).toBe(
    'The back-end does not take a user name and a password: its capabilities do not state GET /credentials/basic.',
  )
  expect(statesEndpoint(endpoints, 'GET /jobs/{}')).toBe(true)
  expect(statesEndpoint(endpoints, 'DELETE /jobs/{}')).toBe(false)
})
