/** Answers of a main that has work at hand: collections, areas, jobs, results, folders. Graphs are made by the real code. */
import { buildGraph } from '../../../main/graphs/build-graph.ts'
import { RECIPES } from '../../../main/graphs/recipes.ts'
import type { Area } from '../../../preload/contract/areas.ts'
import type { CollectionSummary } from '../../../preload/contract/catalogue.ts'
import type { Connection } from '../../../preload/contract/connections.ts'
import { areaKm2, bboxGeometry, geometryBbox } from '../../../preload/contract/geodesy.ts'
import type { Draft } from '../../../preload/contract/graphs.ts'
import type { Job, JobLog } from '../../../preload/contract/jobs.ts'
import type { Result, ResultAsset } from '../../../preload/contract/library.ts'
import type { LocalStatus } from '../../../preload/contract/local.ts'
import type { Bbox } from '../../../preload/contract/vocabulary.ts'
import { type FakeBridge, fakeBridge } from '../app/fake-bridge.ts'
import { catalogueAnswers, hitOfCollection, listOf } from '../catalogue/fake-catalogue.ts'

export const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString()

export const connection = (id: string, more: Partial<Connection> = {}): Connection =>
  ({
    id,
    revision: 1,
    kind: id === 'embedded' ? 'embedded' : 'openeo',
    title: id === 'embedded' ? 'Embedded back-end' : id,
    url: 'http://127.0.0.1:40123/openeo/1.2',
    state: 'connected',
    signIn: 'not-needed',
    offers: [],
    federation: [],
    apiVersion: '1.2.0',
    userId: 'swath',
    checkedAt: ago(1),
    ...more,
  }) as Connection

const everyTenDays = Array.from({ length: 37 }, (_, index) =>
  new Date(Date.UTC(2025, 0, 3 + index * 10, 10, 20)).toISOString(),
)

export const sentinel = {
  connectionId: 'embedded',
  id: 'sample-landscape',
  title: 'Sample landscape (Sentinel-2 like)',
  description:
    'A year of scenes over an **invented** landscape: fields, a river, clouds with their mask.\n\n- 10 m\n- uint16',
  bbox: [11.2, 47.1, 11.6, 47.4],
  interval: [everyTenDays[0], everyTenDays.at(-1)],
  bands: [
    { name: 'B02', commonName: 'blue', description: 'Blue, 490 nm' },
    { name: 'B03', commonName: 'green', description: 'Green, 560 nm' },
    { name: 'B04', commonName: 'red', description: 'Red, 665 nm' },
    { name: 'B08', commonName: 'nir', description: 'Near infrared, 842 nm' },
    { name: 'SCL', description: 'Scene classification' },
  ],
  instants: everyTenDays,
  resolutionM: 10,
} as unknown as CollectionSummary

export const collections = (count: number): CollectionSummary[] => [
  sentinel,
  ...Array.from({ length: count - 1 }, (_, index) => ({
    ...sentinel,
    id: `collection-${index + 2}`,
    title:
      index === 0
        ? 'Landsat 8 level 1, a scene of Pennsylvania with a very long title that is cut off'
        : `Collection ${index + 2}`,
    description: index === 1 ? 'Radar backscatter' : 'Scenes',
    bands: index === 1 ? [{ name: 'VV' }, { name: 'VH' }] : sentinel.bands,
    instants: [],
    interval: ['2018-01-06T00:00:00Z', null] as [string, null],
  })),
]

export const areaOf = (id: string, name: string, bbox: Bbox, minutesAgo = 5): Area => {
  const geometry = bboxGeometry(bbox)
  return {
    id,
    revision: 1,
    name,
    geometry,
    bbox: geometryBbox(geometry),
    areaKm2: areaKm2(geometry),
    createdAt: ago(minutesAgo),
  } as Area
}

export const emptyDraft: Draft = {
  connectionId: null,
  collectionId: null,
  areaId: null,
  temporalExtent: [null, null],
  recipeId: null,
  parameters: {},
  title: '',
  format: 'GTiff',
  federationMember: null,
}
export const fullDraft = {
  ...emptyDraft,
  connectionId: 'embedded',
  collectionId: 'sample-landscape',
  areaId: 'a1',
  temporalExtent: ['2025-05-01', '2025-09-01'],
  recipeId: 'ndvi',
} as Draft

const graph = {
  load: { process_id: 'load_collection', arguments: { id: 'sample-landscape' } },
  save: { process_id: 'save_result', arguments: { data: { from_node: 'load' }, format: 'GTiff' }, result: true },
}

export const jobOf = (id: string, more: Partial<Job> = {}): Job =>
  ({
    id,
    revision: 1,
    connectionId: 'embedded',
    remoteId: `j-${id}`,
    title: `NDVI of Inntal ${id}`,
    state: 'finished',
    progress: null,
    graph,
    collectionId: 'sample-landscape',
    recipeId: 'ndvi',
    areaId: 'a1',
    createdAt: ago(30),
    updatedAt: ago(20),
    startedAt: ago(29),
    endedAt: ago(20),
    trouble: null,
    errorMessage: null,
    resultId: null,
    origin: 'swath',
    federationMember: null,
    alsoAt: [],
    wantsResults: true,
    ...more,
  }) as Job

export const troubledJob = (id: string) =>
  jobOf(id, {
    state: 'running',
    progress: 61,
    endedAt: null,
    trouble: {
      error: { code: 'offline', message: 'The back-end could not be reached.', retry: 'later', logRef: 'log-7' },
      since: ago(12),
      nextTryAt: new Date(Date.now() + 59_500).toISOString(),
    },
  })

export const sampleJobs = (): Job[] => [
  jobOf('j1', { state: 'running', progress: 42, endedAt: null, createdAt: ago(3), startedAt: ago(2) }),
  troubledJob('j2'),
  jobOf('j3', {
    state: 'queued',
    startedAt: null,
    endedAt: null,
    title: 'Cloud-free composite of the whole of Tyrol, summer of 2025',
  }),
  jobOf('j4', { resultId: 'r1' as never }),
  jobOf('j5', { state: 'error', errorMessage: 'NoDataAvailable: there is no data for the given extents.' }),
  jobOf('j6', { state: 'canceled' }),
  jobOf('j7', { state: 'waiting', remoteId: null, startedAt: null, endedAt: null }),
  jobOf('j8', { state: 'gone' }),
]

export const assetOf = (key: string, more: Partial<ResultAsset> = {}): ResultAsset => ({
  key,
  title: key,
  mediaType: 'image/tiff; application=geotiff; profile=cloud-optimized',
  mediaKind: 'raster',
  roles: ['data'],
  sizeBytes: 12_400_000,
  state: 'here',
  receivedBytes: 12_400_000,
  ...more,
})
export const resultOf = (id: string, more: Partial<Result> = {}): Result =>
  ({
    id,
    revision: 1,
    jobId: 'j4',
    connectionId: 'embedded',
    title: `NDVI of Inntal ${id}`,
    state: 'complete',
    bbox: [11.3, 47.2, 11.4, 47.3],
    interval: ['2025-05-01T00:00:00Z', '2025-08-31T00:00:00Z'],
    createdAt: ago(19),
    assets: [
      assetOf('ndvi.tif'),
      assetOf('job.json', { mediaKind: 'json', mediaType: 'application/json', roles: ['metadata'], sizeBytes: 4200 }),
    ],
    ...more,
  }) as Result

export const sampleResults = (): Result[] => [
  resultOf('r1'),
  resultOf('r2', {
    state: 'arriving',
    title: 'Cloud-free composite of the whole of Tyrol, summer of 2025',
    createdAt: ago(1),
    assets: [
      assetOf('a.tif', { state: 'downloading', receivedBytes: 5_100_000 }),
      assetOf('b.tif', { state: 'waiting', receivedBytes: 0 }),
    ],
  }),
  resultOf('r3', {
    state: 'incomplete',
    assets: [
      assetOf('ok.tif'),
      assetOf('broken.tif', {
        state: 'failed',
        receivedBytes: 100,
        failure: {
          code: 'disk-full',
          message: 'The disk is full: broken.tif could not be written.',
          retry: 'now',
          logRef: 'log-9',
        },
      }),
    ],
  }),
]

export const localStatus = (more: Partial<LocalStatus> = {}): LocalStatus => ({
  revision: 1,
  state: 'running',
  url: 'http://127.0.0.1:40123/openeo/1.2',
  isScanning: false,
  folders: [
    { id: 'f0', path: '/opt/Swath/sample', isSample: true, addedAt: ago(9000) },
    { id: 'f1', path: '/home/ana/Projects/alpine-pastures/data/landsat', isSample: false, addedAt: ago(600) },
  ],
  problems: [
    { folderId: 'f1', file: 'corrupt.tif', reason: 'The file ends before its first image is complete.' },
    {
      folderId: 'f1',
      file: '2018/LC08_B1.TIF',
      reason: 'It has no georeference: neither a transform nor tie points are in the file.',
    },
  ],
  undated: [],
  undatedCount: 0,
  dated: [],
  collections: [],
  ...more,
})

export const sampleLogs = (): JobLog[] => [
  { id: 'l1', level: 'info', message: 'The job was queued.', time: ago(3), code: null },
  { id: 'l2', level: 'debug', message: 'Scene 2025-05-03 is on the grid of the cube.', time: ago(2), code: null },
  {
    id: 'l3',
    level: 'warning',
    message: 'Scene 2025-05-13 was warped to the grid of the first one (nearest).',
    time: ago(2),
    code: 'Warped',
  },
  {
    id: 'l4',
    level: 'error',
    message: 'There is no data for the given extents.',
    time: ago(1),
    code: 'NoDataAvailable',
  },
]

type Work = {
  draft?: Draft
  collections?: CollectionSummary[]
  areas?: Area[]
  jobs?: Job[]
  results?: Result[]
  connections?: Connection[]
  local?: LocalStatus
}
const document = {
  stac_version: '1.0.0',
  type: 'Collection',
  id: 'sample-landscape',
  license: 'CC0-1.0',
  'cube:dimensions': {
    x: { type: 'spatial', axis: 'x', extent: [11.2, 11.6], reference_system: 32632, step: 10 },
    y: { type: 'spatial', axis: 'y', extent: [47.1, 47.4], reference_system: 32632, step: 10 },
    t: { type: 'temporal', extent: ['2025-01-03T10:20:00Z', null] },
    bands: { type: 'bands', values: ['B02', 'B03', 'B04', 'B08', 'SCL'] },
  },
}

/** A fake bridge with this work at hand; what is saved and submitted is in its `calls`. */
export function workBridge(work: Work = {}): FakeBridge {
  const draft = work.draft ?? emptyDraft
  const known = {
    collections: work.collections ?? collections(3),
    areas: work.areas ?? [areaOf('a1', 'Inntal', [11.3, 47.2, 11.4, 47.3])],
  }
  const bridge = fakeBridge({
    'connections.list': () => work.connections ?? [connection('embedded')],
    ...catalogueAnswers(
      () => known.collections.map((one) => hitOfCollection(one)),
      () => [listOf('collections', { count: known.collections.length })],
      () => document,
    ),
    'areas.list': () => known.areas,
    'graphs.recipes': () => RECIPES,
    'graphs.draft': () => draft,
    'graphs.saveDraft': () => undefined,
    'graphs.build': (now: Draft) => ({
      ...buildGraph(now, {
        collection: known.collections.find((one) => one.id === now.collectionId) ?? null,
        area: known.areas.find((one) => one.id === now.areaId) ?? null,
        offered: null,
      }),
      options: {},
    }),
    'graphs.federation': () => ({ answer: 'not-federated', members: [], nodes: [] }),
    'jobs.list': () => work.jobs ?? [],
    'jobs.lists': () => [],
    'jobs.findAtBackEnd': () => ({ foundCount: 0, missing: [] }),
    'jobs.logs': ({ after }: { after: string | null }) => (after ? [] : sampleLogs()),
    'library.list': () => work.results ?? [],
    'library.provenance': () => ({
      graph,
      backEndUrl: 'http://127.0.0.1:40123/openeo/1.2',
      backEndTitle: 'Embedded back-end',
      swathVersion: '0.1.0',
      startedAt: ago(29),
      endedAt: ago(20),
    }),
    'library.metadata': () => document,
    'local.status': () => work.local ?? localStatus(),
  })
  return bridge
}
