/** STAC items to scenes, and what load_stac may read. */
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runProcess, stacToCollection } from '../../../../main/local/evaluate/index.ts'
import { openRaster, type RasterSource } from '../../../../main/raster/index.ts'
import { from, node, utmGrid, writtenCollection } from './fixtures.ts'

let folder = ''
let data = ''
let file = ''
let server: Server
let origin = ''
const documents = new Map<string, string>()
const redirects = new Map<string, string>()
const asked: string[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'swath-stac-'))
  data = join(folder, 'data')
  const written = await writtenCollection(data, 'one', [
    { id: 's', datetime: null, dataType: 'uint16', nodata: null, bands: { B: [0, 1, 2, 3] }, grid: utmGrid(2, 2) },
  ])
  const source = written.scenes[0]?.bands[0]?.source
  file = source?.kind === 'file' ? source.path : ''
  server = createServer((request, response) => {
    const location = redirects.get(request.url ?? '')
    if (location !== undefined) {
      response.writeHead(302, { location }).end()
      return
    }
    asked.push(request.url ?? '')
    const text = documents.get(request.url ?? '')
    response.writeHead(text === undefined ? 404 : 200, { 'content-type': 'application/json' })
    response.end(text)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  server.closeAllConnections()
  await new Promise((done) => server.close(done))
  await rm(folder, { recursive: true, force: true })
})

const item = (href: string, more: Record<string, unknown> = {}, asset: Record<string, unknown> = {}) => ({
  type: 'Feature',
  stac_version: '1.0.0',
  id: 'item',
  properties: { datetime: '2023-06-01T12:00:00+02:00', ...more },
  assets: { B04: { href, type: 'image/tiff; application=geotiff', roles: ['data'], ...asset } },
})

const convert = (...items: Record<string, unknown>[]) =>
  stacToCollection({
    id: 'c',
    items: items.map((document) => ({ document, resolve: (href): RasterSource => ({ kind: 'file', path: href }) })),
    header: async (source) => {
      const raster = await openRaster(source)
      await raster.close()
      return raster.header
    },
  })

describe('items to scenes', () => {
  it('of STAC 1.0: eo:bands and raster:bands', async () => {
    const bands = {
      'eo:bands': [{ name: 'red', common_name: 'red' }],
      'raster:bands': [{ nodata: 0, scale: 0.5, offset: -1 }],
    }
    const { collection, problems } = await convert(item(file, {}, bands))
    expect(problems).toEqual([])
    expect(collection.bands).toMatchObject([{ name: 'red', commonName: 'red' }])
    expect(collection.scenes[0]).toMatchObject({
      id: 'item',
      datetime: '2023-06-01T10:00:00Z',
      bands: [{ name: 'red', nodata: 0, scale: 0.5, offset: -1, dataType: 'uint16' }],
    })
  })
  it('of STAC 1.1: bands, with nodata of the asset', async () => {
    const { collection } = await convert(item(file, {}, { bands: [{ name: 'r', 'eo:common_name': 'red' }], nodata: 3 }))
    expect(collection.bands).toMatchObject([{ name: 'r', commonName: 'red' }])
    expect(collection.scenes[0]?.bands[0]?.nodata).toBe(3)
  })
  it('without bands the key of the asset names the band, without a time there is none', async () => {
    const { collection } = await convert(item(file, { datetime: null }))
    expect(collection.scenes[0]).toMatchObject({ datetime: null, bands: [{ name: 'B04', nodata: null }] })
  })
  it('the start of a range is its time; scenes come in time order', async () => {
    const later = { ...item(file, { datetime: null, start_datetime: '2023-09-01T00:00:00Z' }), id: 'later' }
    const none = { ...item(file, { datetime: 'soon' }), id: 'none' }
    const { collection } = await convert(none, later, item(file))
    expect(collection.scenes.map(({ id }) => id)).toEqual(['item', 'later', 'none'])
  })
  it('pictures and metadata are no bands', async () => {
    const document = item(file)
    const assets = {
      ...document.assets,
      thumb: { href: file, type: 'image/tiff', roles: ['thumbnail'] },
      text: { href: 'x.xml', type: 'text/xml' },
    }
    expect((await convert({ ...document, assets })).collection.scenes[0]?.bands).toHaveLength(1)
  })
  it('what cannot be used is told', async () => {
    const { collection, problems } = await convert(item('/nowhere/x.tif'))
    expect(collection.scenes).toEqual([])
    expect(problems.map(({ asset }) => asset)).toEqual(['B04', null])
  })
  it.each([
    {},
    { assets: 5 },
    { assets: { a: null } },
    { assets: { a: { href: 5, type: 'tiff' } } },
    { properties: [], assets: { a: { href: '', type: {} } } },
    { id: {}, assets: [] },
  ])('hostile item %j', async (document) => expect((await convert(document)).collection.scenes).toEqual([]))
})

describe('load_stac', () => {
  let runs = 0
  const load = (url: string, roots: string[] = []) => {
    runs += 1
    const graph = {
      load: node('load_stac', { url }),
      save: node('save_result', { data: from('load'), format: 'GTiff' }, true),
    }
    return runProcess(
      { process_graph: graph },
      { collections: new Map(), loadStacRoots: roots },
      { outputDir: join(folder, `out-${runs}`), threads: 0 },
    )
  }
  const serve = (path: string, document: unknown) => {
    documents.set(path, typeof document === 'string' ? document : JSON.stringify(document))
    return `${origin}${path}`
  }

  it('a local item in an allowed folder, by path or URL', async () => {
    const path = join(data, 'item.json')
    await writeFile(path, JSON.stringify(item('./one-s-B.tif')))
    for (const address of [path, pathToFileURL(path).href]) {
      expect((await load(address, [folder])).assets[0]).toMatchObject({
        datetime: '2023-06-01T10:00:00Z',
        bands: [{ name: 'B04' }],
      })
    }
  })
  it('a collection with its items', async () => {
    const second = { ...item('./one-s-B.tif', { datetime: '2023-07-01T00:00:00Z' }), id: 'second' }
    await writeFile(join(data, 'second.json'), JSON.stringify(second))
    const links = ['item.json', 'second.json'].map((href) => ({ rel: 'item', href }))
    await writeFile(join(data, 'collection.json'), JSON.stringify({ type: 'Collection', id: 'c', links }))
    expect((await load(join(data, 'collection.json'), [data])).assets).toHaveLength(2)
  })
  it.each([
    ['outside of the folders', () => join(data, 'item.json'), () => [join(folder, 'other')]],
    ['no folders at all', () => join(data, 'item.json'), () => []],
    ['out of a folder by ..', () => `${join(folder, 'other')}/../data/item.json`, () => [join(folder, 'other')]],
    ['through a link', () => join(folder, 'other', 'link', 'item.json'), () => [join(folder, 'other')]],
    ['another scheme', () => 'ftp://127.0.0.1/item.json', () => [folder]],
    ['no URL', () => 'item.json', () => [folder]],
  ])('is refused: %s', async (_, address, roots) => {
    await mkdir(join(folder, 'other'), { recursive: true })
    await symlink(data, join(folder, 'other', 'link')).catch(() => undefined)
    await expect(load(address(), roots())).rejects.toMatchObject({ code: 'ProcessParameterInvalid' })
  })
  it('a local item may not point out of the folders', async () => {
    const path = join(folder, 'other', 'item.json')
    await mkdir(join(folder, 'other'), { recursive: true })
    await writeFile(path, JSON.stringify(item(pathToFileURL(file).href)))
    await expect(load(path, [join(folder, 'other')])).rejects.toMatchObject({ code: 'NoDataAvailable' })
  })
  it('a document from the network never reaches a local file', async () => {
    const url = serve('/item.json', item(pathToFileURL(file).href))
    await expect(load(url, [folder])).rejects.toMatchObject({ code: 'NoDataAvailable' })
    const linked = serve('/linked.json', {
      type: 'Collection',
      id: 'c',
      links: [{ rel: 'item', href: pathToFileURL(join(data, 'item.json')).href }],
    })
    await expect(load(linked, [folder])).rejects.toMatchObject({ code: 'ProcessParameterInvalid' })
  })
  it('documents that are missing, no JSON, or link to themselves', async () => {
    await expect(load(`${origin}/none.json`)).rejects.toMatchObject({ code: 'ProcessParameterInvalid' })
    await expect(load(serve('/text.json', '<html>'))).rejects.toMatchObject({ code: 'ProcessParameterInvalid' })
    await expect(load(serve('/list.json', '[]'))).rejects.toMatchObject({ code: 'ProcessParameterInvalid' })
    const self = serve('/self.json', {
      type: 'Catalog',
      id: 'c',
      links: [
        { rel: 'child', href: 'self.json' },
        { rel: 'child', href: 'self.json' },
      ],
    })
    await expect(load(self)).rejects.toMatchObject({ code: 'NoDataAvailable' })
    const pages = serve('/pages.json', {
      type: 'FeatureCollection',
      features: [],
      links: [{ rel: 'next', href: 'pages.json' }],
    })
    await expect(load(pages)).rejects.toMatchObject({ code: 'NoDataAvailable' })
  })
  it('links start from the address after redirects', async () => {
    redirects.set('/moved.json', '/deep/below/catalog.json')
    serve('/deep/below/catalog.json', { type: 'Catalog', id: 'c', links: [{ rel: 'item', href: 'here.json' }] })
    serve('/deep/below/here.json', item('http://user:word@data.example/x.tif'))
    await expect(load(`${origin}/moved.json`)).rejects.toMatchObject({ code: 'NoDataAvailable' })
    expect(asked).toContain('/deep/below/here.json')
    expect(asked).not.toContain('/here.json')
  })
  it.each([
    'http://169.254.169.254/latest/meta-data',
    'http://10.0.0.1/item.json',
    'http://192.168.1.1/item.json',
    'http://[fe80::1]/item.json',
    'http://user:word@127.0.0.1/item.json',
  ])('no link, redirect or file leads to %s', async (address) => {
    const told = /computer|password/
    redirects.set('/away.json', address)
    const refusal = { code: 'ProcessParameterInvalid', message: expect.stringMatching(told) }
    await expect(load(`${origin}/away.json`)).rejects.toMatchObject(refusal)
    const linked = serve('/away-link.json', { type: 'Catalog', id: 'c', links: [{ rel: 'item', href: address }] })
    await expect(load(linked)).rejects.toMatchObject(refusal)
    await expect(load(serve('/away-file.json', item(address)))).rejects.toMatchObject({
      code: 'NoDataAvailable',
      message: expect.stringMatching(told),
    })
  })
  it('a redirect in a circle, and names and passwords in the address of the graph', async () => {
    redirects.set('/circle.json', '/circle.json')
    await expect(load(`${origin}/circle.json`)).rejects.toMatchObject({ message: expect.stringContaining('circle') })
    await expect(load(origin.replace('//', '//user:word@'))).rejects.toMatchObject({ code: 'ProcessParameterInvalid' })
  })
  it('a server that does not answer', async () => {
    await expect(load('http://127.0.0.1:1/item.json')).rejects.toMatchObject({ code: 'NoDataAvailable' })
  })
})
