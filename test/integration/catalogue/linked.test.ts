/** What documents link to comes through main, with credentials for the back-end's own origin alone, and by opaque ids. */
import { afterEach, expect, test, vi } from 'vitest'
import type { CatalogueItem, Preview } from '../../../preload/contract/catalogue.ts'
import { startLoopback } from '../../fakes/loopback.ts'
import { PICTURE } from '../../fakes/openeo/pictures.ts'
import { fillWithSamples } from '../../fakes/openeo/samples.ts'
import { type FakeBackEnd, startBackEnd } from '../../fakes/openeo-back-end.ts'
import { openWorld, type World } from './world.ts'

// each world starts a process; on a busy machine that takes seconds
vi.setConfig({ testTimeout: 40_000, hookTimeout: 40_000 })

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})
const key = (connectionId: string, id: string) => ({ connectionId, kind: 'collection', namespace: '', id })
const { signal } = new AbortController()

async function begin(change: (backEnd: FakeBackEnd) => void = () => {}) {
  const backEnd = fillWithSamples(await startBackEnd())
  closing.push(backEnd.close)
  change(backEnd)
  const world: World = await openWorld()
  closing.push(() => world.close())
  const { id } = await world.connect(backEnd.address, { isOnce: true })
  return { backEnd, world, id, s2: key(id, 'SENTINEL2_L2A') }
}

test('items are paged by names that say nothing, filtered, and have pictures', async () => {
  const { world, s2 } = await begin()
  type Answer = { items: CatalogueItem[]; nextPage: string | null; matched: number | null }
  const asked = { key: s2, bbox: null, interval: null, limit: 3 }
  const first = await world.call<Answer>('catalogue', 'items', { ...asked, page: null })
  expect(first.items).toHaveLength(3)
  expect(first.nextPage).toMatch(/^[\w-]{24}$/)
  const second = await world.call<Answer>('catalogue', 'items', { ...asked, page: first.nextPage })
  expect(second.items[0]?.id).not.toBe(first.items[0]?.id)
  const picture = await world.catalogue.pictures.media(first.items[0]?.thumbnailId as string, signal)
  expect(Buffer.from(picture as Uint8Array).equals(PICTURE)).toBe(true)
  const day = String(first.items[0]?.datetime).slice(0, 10)
  const next = new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10)
  const oneDay = await world.call<Answer>('catalogue', 'items', { ...asked, interval: [day, next], page: null })
  expect(oneDay.items.map(({ datetime }) => datetime?.slice(0, 10))).toEqual([day])
  expect(await world.failureOf(world.call('catalogue', 'items', { ...asked, page: 'unknown' }))).toMatchObject({
    code: 'not-found',
  })
})

test('previews are tiles and pictures by id; WMTS by its layer', async () => {
  const { world, s2, backEnd } = await begin()
  const previews = await world.call<Preview[]>('catalogue', 'previews', s2)
  expect(previews.map(({ kind }) => kind)).toEqual(['xyz', 'wmts', 'picture', 'picture'])
  for (const { id, kind, host } of previews) {
    expect(id).toMatch(/^[\w-]{24}$/)
    expect(backEnd.origin).toContain(host)
    const { media, tile } = world.catalogue.pictures
    const bytes = kind === 'picture' ? await media(id, signal) : await tile(id, 3, 1, 2, signal)
    expect(Buffer.from(bytes as Uint8Array).equals(PICTURE)).toBe(true)
    expect(kind === 'picture' ? await tile(id, 0, 0, 0, signal) : await media(id, signal)).toBeNull()
  }
  const tiles = backEnd.requests.filter(({ path }) => path.startsWith('/tiles/')).map(({ path }) => path)
  expect(new Set(tiles)).toEqual(new Set(['/tiles/mosaic/3/1/2']))
  expect(await world.catalogue.pictures.media('nobody-knows-this-id', signal)).toBeNull()
})

test('queryables are kept; a web page or nothing instead of them is none', async () => {
  const { world, s2, backEnd, id } = await begin()
  const read = () => world.call('catalogue', 'queryables', s2)
  expect(await read()).toMatchObject({ schema: { properties: { platform: {} } } })
  const asked = backEnd.count('GET /collections/{id}/queryables')
  expect(await read()).toMatchObject({ schema: { properties: { platform: {} } } })
  expect(backEnd.count('GET /collections/{id}/queryables')).toBe(asked)
  const none = () => world.call('catalogue', 'queryables', key(id, 'SENTINEL1_GRD'))
  expect(await none()).toBeNull()
  backEnd.failAlways('GET /collections/{id}/queryables', { html: '<html></html>' })
  expect(await none()).toBeNull()
  backEnd.failAlways('GET /collections/{id}/queryables', { body: '' })
  expect(await none()).toBeNull()
})

test('only pictures of the description are allowed, and no token goes to another server', async () => {
  const other = await startLoopback(
    (_, response) => void response.writeHead(200, { 'content-type': 'image/png' }).end(PICTURE),
  )
  closing.push(other.close)
  const href = `${other.url}/logo.png`
  const { world, s2, backEnd } = await begin((fake) => {
    Object.assign(fake.collections[0] as object, { description: `![logo](${href}) ![no](http://[::ffff:0:1]/x)` })
  })
  const method = { way: 'basic', user: backEnd.user, password: backEnd.password }
  await world.call('connections', 'startSignIn', { id: s2.connectionId, method })
  await world.until(s2.connectionId, ({ signIn }) => signIn === 'signed-in')
  const { id } = await world.call<{ id: string }>('catalogue', 'allowPicture', { key: s2, href })
  expect(Buffer.from((await world.catalogue.pictures.media(id, signal)) as Uint8Array).equals(PICTURE)).toBe(true)
  expect(other.asked.map(({ headers }) => headers.authorization)).toEqual([undefined])
  for (const refused of [`${other.url}/other.png`, 'file:///etc/passwd', 'javascript:1'])
    expect(await world.failureOf(world.call('catalogue', 'allowPicture', { key: s2, href: refused }))).toMatchObject({
      code: 'invalid-input',
    })
})
