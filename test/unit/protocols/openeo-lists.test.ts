/** Lists of an openEO back-end: pages are followed to the end, and a list that is not whole says so. */
import { expect, test } from 'vitest'
import { AppError } from '../../../main/core/errors.ts'
import { jobList, type OpeneoSession } from '../../../main/protocols/openeo.ts'

type Page = Record<string, unknown> | Error
/** Answers by address; `asked` is what was asked for. */
function sessionOf(rootUrl: string, pageOf: (path: string) => Page) {
  const asked: string[] = []
  const session = {
    rootUrl,
    async send({ path }: { path: string }) {
      asked.push(path)
      const body = pageOf(path)
      if (body instanceof Error) throw body
      return { status: 200, header: () => null, body }
    },
  } as unknown as OpeneoSession
  return { session, asked }
}
const page = (id: string, next?: string) => ({ jobs: [{ id }], links: next ? [{ rel: 'next', href: next }] : [] })

test.each([
  ['https://api.example/v1', 'http://api.example/v1/jobs?page=2', 'https://api.example/v1/jobs?page=2'],
  ['https://api.example/v1', 'http://api.example:80/v1/jobs?page=2', 'https://api.example/v1/jobs?page=2'],
  ['https://api.example/v1', 'http://api.example:8080/v1/jobs?page=2', 'https://api.example/v1/jobs?page=2'],
  ['https://api.example:8443', 'http://api.example/jobs?page=2', 'https://api.example:8443/jobs?page=2'],
  ['https://api.example', '?page=2', 'https://api.example/jobs?page=2'],
])('behind a proxy that encrypts, pages are asked for there: %s, %s', async (root, href, expected) => {
  const { session, asked } = sessionOf(root, (path) => (path === '/jobs' ? page('a', href) : page('b')))
  expect(await jobList(session)).toMatchObject({ jobs: [{ id: 'a' }, { id: 'b' }], failure: null })
  expect(asked).toEqual(['/jobs', expected])
})

test.each([
  ['leads to another server', 'https://other.example/jobs'],
  ['leads to this page', '/jobs'],
  ['is no address', 'http://['],
])('a list whose next page %s is not whole', async (_what, href) => {
  const { session, asked } = sessionOf('https://api.example', () => page('a', href))
  const list = await jobList(session)
  expect(list.failure).toMatchObject({ code: 'back-end' })
  expect(asked.length).toBeLessThanOrEqual(2)
})

test('a list without end is left, and is not whole', async () => {
  let n = 0
  const { session, asked } = sessionOf('https://api.example', () => page(String(++n), `/jobs?page=${n}`))
  const list = await jobList(session)
  expect(asked.length).toBe(200)
  expect(list.jobs.length).toBe(200)
  expect(list.failure).toMatchObject({ code: 'back-end' })
})

test('a page that fails leaves a list that is not whole', async () => {
  const lost = new AppError('offline', 'The connection broke off.')
  const { session } = sessionOf('https://api.example', (path) => (path === '/jobs' ? page('a', '?page=2') : lost))
  expect(await jobList(session)).toMatchObject({ jobs: [{ id: 'a' }], failure: lost })
})
