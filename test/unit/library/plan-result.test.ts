/** What a back-end names its files never decides where they land, and the document that is kept leads to them. */
import { expect, test } from 'vitest'
import { planResult } from '../../../main/library/plan-result.ts'
import type { JsonObject } from '../../../preload/contract/vocabulary.ts'

const base = 'https://back-end.example/openeo/1.2/jobs/j-1/results'
const plan = (assets: Record<string, unknown>, more: object = {}) =>
  planResult({ type: 'Collection', stac_version: '1.0.0', assets, ...more } as JsonObject, base)

test('names are safe, unique and keep their ending', () => {
  const { assets } = plan({
    '../../etc/passwd.tif': { href: 'https://x.example/a.tif' },
    'sub/folder/a.tif': { href: 'https://x.example/1' },
    'other/A.TIF': { href: 'https://x.example/2' },
    'CON.tif': { href: 'https://x.example/3' },
    data: { href: 'https://x.example/out/b%20c.tif?sig=1' },
    'collection.json': { href: 'https://x.example/c' },
  })
  const names = assets.map((asset) => asset.fileName)
  expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(names.length)
  for (const name of names) expect(name).toMatch(/^[^/\\:]+\.(tif|json)$/i)
  expect(names).not.toContain('collection.json')
  expect(names.some((name) => /^con\./i.test(name))).toBe(false)
  expect(names).toContain('b c.tif')
})

test('no name is the one that the download of another file grows under', () => {
  const { assets, document } = plan({
    'B.tif': { href: 'https://x.example/1' },
    'B.tif.part': { href: 'https://x.example/2' },
    'b.tif.PART': { href: 'https://x.example/3' },
    'sub/B.tif.part.': { href: 'https://x.example/4.part' },
    part: { href: 'https://x.example/C.part' },
  })
  const names = assets.map((asset) => asset.fileName.toLowerCase())
  expect(names.filter((name) => name.endsWith('.part'))).toEqual([])
  expect(new Set(names).size).toBe(5)
  expect(names[0]).toBe('b.tif')
  expect(document).toMatchObject({ assets: { 'B.tif.part': { href: './B.tif.part_' } } })
})

test('relative addresses belong to the document, others are left with a reason', () => {
  const { assets, left } = plan({
    a: { href: 'assets/a.tif', type: 'image/tiff; application=geotiff' },
    b: { href: 's3://bucket/b.tif' },
    c: {},
    d: null,
  })
  expect(assets).toEqual([
    expect.objectContaining({ href: 'https://back-end.example/openeo/1.2/jobs/j-1/assets/a.tif', mediaKind: 'raster' }),
  ])
  expect(left.map((entry) => entry.key)).toEqual(['b', 'c', 'd'])
})

test('the document that is kept is self-contained and loses no field', () => {
  const { document } = plan(
    { 'a.tif': { href: 'https://x.example/a.tif?sig=abc', 'custom:field': { deep: [1] } } },
    {
      unknown: 1,
      links: [
        { rel: 'canonical', href: 'https://x.example/signed?sig=abc' },
        { rel: 'license', href: 'https://l.example' },
      ],
    },
  )
  expect(document).toMatchObject({
    unknown: 1,
    assets: { 'a.tif': { href: './a.tif', 'custom:field': { deep: [1] } } },
    links: [{ rel: 'license', href: 'https://l.example' }],
  })
  expect(JSON.stringify(document)).not.toContain('sig=abc')
})

test('sizes and checksums are taken only where they are sound', () => {
  const { assets } = plan({
    a: { href: 'a.tif', 'file:size': 12, 'file:checksum': '1220ABCDEF' },
    b: { href: 'b.tif', 'file:size': -1, 'file:checksum': 'not hex' },
  })
  expect(assets.map(({ sizeBytes, checksum }) => ({ sizeBytes, checksum }))).toEqual([
    { sizeBytes: 12, checksum: '1220abcdef' },
    { sizeBytes: null, checksum: null },
  ])
})

test('coverage of a Collection, and of an Item', () => {
  const extent = { spatial: { bbox: [[1, 2, 0, 3, 4, 9]] }, temporal: { interval: [['2024-01-01T00:00:00Z', null]] } }
  expect(plan({}, { extent })).toMatchObject({ bbox: [1, 2, 3, 4], interval: ['2024-01-01T00:00:00Z', null] })
  const item = { bbox: [1, 2, 3, 4], properties: { datetime: '2024-02-01T00:00:00Z' } }
  expect(plan({}, item)).toMatchObject({
    bbox: [1, 2, 3, 4],
    interval: ['2024-02-01T00:00:00Z', '2024-02-01T00:00:00Z'],
  })
  expect(plan({})).toMatchObject({ bbox: null, interval: null })
})
