/** What documents link to comes through main, with credentials for the back-end's own origin alone, and by opaque ids. */
import { afterEach, expect, test, vi } from 'vitest'
import type { CatalogueItem, Entry, Preview } from '../../../preload/contract/catalogue.ts'
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
    Object.assign(fake.collections[0] as object, {
      description: `![logo](${href}) ![no](http://[::ffff:0:1]/x) ![own](own.png)`,
    })
  })
  const method = { way: 'basic', user: backEnd.user, password: backEnd.password }
  await world.call('connections', 'startSignIn', { id: s2.connectionId, method })
  await world.until(s2.connectionId, ({ signIn }) => signIn === 'signed-in')
  const allow = (address: string) => world.call<{ id: string }>('catalogue', 'allowPicture', { key: s2, href: address })
  const { id } = await allow(href)
  expect(Buffer.from((await world.catalogue.pictures.media(id, signal)) as Uint8Array).equals(PICTURE)).toBe(true)
  expect(other.asked.map(({ headers }) => headers.authorization)).toEqual([undefined])
  expect((await allow(`${backEnd.address}/collections/own.png`)).id).toMatch(/^[\w-]{24}$/)
  const others = [`${other.url}/other.png`, 'file:///etc/passwd', 'javascript:1', '', 'own.png', other.url]
  for (const refused of [...others, href.slice(0, -1), `${href}x`])
    expect(await world.failureOf(world.call('catalogue', 'allowPicture', { key: s2, href: refused }))).toMatchObject({
      code: 'invalid-input',
    })
})

/** A server that is not the back-end's: what it is asked for, and what it says. */
async function elsewhere(answer: (url: URL) => string | Buffer) {
  const server = await startLoopback((request, response) => {
    const body = answer(new URL(request.path, 'http://x'))
    response.writeHead(200, { 'content-type': 'application/json' }).end(body)
  })
  closing.push(server.close)
  return server
}
const links = (fake: FakeBackEnd, ...of: object[]) => Object.assign(fake.collections[0] as object, { links: of })
const asked = { bbox: null, interval: null, page: null }

test('relative links are read against the document; what links state is offered, whatever the endpoints say', async () => {
  const { world, s2 } = await begin((fake) => {
    links(
      fake,
      { rel: 'items', href: 'SENTINEL2_L2A/items' },
      { rel: 'http://www.opengis.net/def/rel/ogc/1.0/queryables', href: './SENTINEL2_L2A/queryables' },
      { rel: 'xyz', href: '../../tiles/mosaic/{z}/{x}/{y}' },
    )
    const { endpoints } = fake.profile
    fake.profile.endpoints = endpoints.filter(({ path }) => !/items|queryables/.test(path))
    closing.push(async () => void Object.assign(fake.profile, { endpoints }))
  })
  const { offers } = world.connections.find(s2.connectionId) ?? { offers: [] }
  expect(offers.filter((name) => name === 'items' || name === 'queryables')).toEqual([])
  const { has } = await world.call<Entry>('catalogue', 'entry', s2)
  expect(has).toEqual({ queryables: true, items: true, previews: true })
  expect(
    (await world.call<{ items: unknown[] }>('catalogue', 'items', { ...asked, key: s2, limit: 3 })).items.length,
  ).toBe(3)
  expect(await world.call('catalogue', 'queryables', s2)).toMatchObject({ schema: { properties: { platform: {} } } })
})

test('a document that says that it is elsewhere leads there, without the token', async () => {
  const other = await elsewhere(() => JSON.stringify({ features: [{ id: 'there' }] }))
  const { world, s2, backEnd } = await begin((fake) =>
    links(fake, { rel: 'self', href: `${other.url}/stac/S2.json` }, { rel: 'items', href: 'items/all' }),
  )
  const method = { way: 'basic', user: backEnd.user, password: backEnd.password }
  await world.call('connections', 'startSignIn', { id: s2.connectionId, method })
  await world.until(s2.connectionId, ({ signIn }) => signIn === 'signed-in')
  const { items } = await world.call<{ items: CatalogueItem[] }>('catalogue', 'items', { ...asked, key: s2, limit: 3 })
  expect(items.map(({ id }) => id)).toEqual(['there'])
  expect(other.asked.map(({ path, headers }) => [path.split('?')[0], headers.authorization])).toEqual([
    ['/stac/items/all', undefined],
  ])
})

test('a page of items that is too much at once is asked for with fewer; one that stays so is refused', async () => {
  let isHuge = false
  const pad = 'x'.repeat(100_000)
  const other = await elsewhere((url) => {
    const count = Number(url.searchParams.get('limit'))
    const features = Array.from({ length: count }, (_, n) => ({
      id: `i${n}`,
      properties: { pad: isHuge ? pad.repeat(10) : pad },
    }))
    return JSON.stringify({ features })
  })
  const { world, s2 } = await begin((fake) => links(fake, { rel: 'items', href: `${other.url}/items` }))
  const read = () => world.call<{ items: CatalogueItem[] }>('catalogue', 'items', { ...asked, key: s2, limit: 100 })
  expect((await read()).items.length).toBe(20)
  isHuge = true
  expect(await world.failureOf(read())).toMatchObject({ code: 'back-end' })
})

test("tiles come from hosts that were named: the template's own where the back-end says it, no third one's else", async () => {
  const tiles = await elsewhere(() => PICTURE)
  const third = await elsewhere(() => JSON.stringify({ tiles: [`${tiles.url}/{z}/{x}/{y}`] }))
  const { world, s2 } = await begin((fake) =>
    links(
      fake,
      {
        rel: 'xyz',
        href: `${tiles.url.replace('127.0.0.1', '{s}')}/{z}/{x}/{y}`,
        'href:servers': ['127.0.0.1', '127.0.0.2'],
      },
      { rel: 'tilejson', href: `${third.url}/tiles.json` },
    ),
  )
  const [xyz, tilejson] = await world.call<Preview[]>('catalogue', 'previews', s2)
  const { port } = new URL(tiles.url)
  expect(xyz?.host).toBe(`127.0.0.1:${port}, 127.0.0.2:${port}`)
  expect(tilejson?.host).toBe(new URL(third.url).host)
  expect(await world.catalogue.pictures.tile(tilejson?.id as string, 1, 0, 0, signal)).toBeNull()
  expect([third.asked.length, tiles.asked.length]).toEqual([1, 0])
})

test('a redirect leads only where its request may', async () => {
  const { world, backEnd } = await begin()
  const server = await startLoopback(
    (_, response) => void response.writeHead(302, { location: `${backEnd.address}/` }).end(),
  )
  closing.push(server.close)
  const seen: string[] = []
  const mayLeadTo = (url: URL) => {
    seen.push(url.host)
    return false
  }
  await expect(world.http.ask({ url: server.url, mayLeadTo })).rejects.toMatchObject({ code: 'back-end' })
  expect(seen).toEqual([new URL(backEnd.address).host])
  expect((await world.http.ask({ url: server.url })).status).toBe(200)
})
