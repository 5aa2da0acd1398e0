/** Answers that make the window look as it does at work. */

const at = (second: number) => new Date(Date.UTC(2026, 10, 20, 9, 30, second)).toISOString()

const transfer = (id: string, title: string, state: string, receivedBytes: number, more: object = {}) => ({
  id,
  revision: 1,
  kind: 'download',
  title,
  resultId: 'r1',
  assetKey: 'a1',
  state,
  totalBytes: 184_000_000,
  receivedBytes,
  bytesPerSecond: state === 'running' ? 6_400_000 : null,
  updatedAt: at(Number(id.slice(1))),
  ...more,
})

export const sampleTransfers = [
  transfer('t1', 'NDVI of Inntal, May to July 2026.tif', 'running', 61_000_000),
  transfer('t2', 'Cloud-free median composite of the whole of Tyrol in the summer of 2026.tif', 'paused', 20_000_000),
  transfer('t3', 'Band maths.tif', 'verifying', 184_000_000),
  transfer('t4', 'NDVI, Landsat 8.tif', 'done', 184_000_000),
  transfer('t5', 'Old result.tif', 'failed', 3_000_000, {
    failure: { code: 'offline', message: 'The server could not be reached.', retry: 'later', logRef: 'log-5' },
  }),
]

const connection = (id: string, title: string, state: string) => ({
  id,
  revision: 1,
  kind: id === 'embedded' ? 'embedded' : 'openeo',
  title,
  url: 'http://127.0.0.1:40123/openeo/1.2',
  state,
  signIn: 'not-needed',
  offers: [],
  federation: [],
  checkedAt: at(0),
})

export const sampleRequests = Array.from({ length: 300 }, (_, index) => ({
  id: index + 1,
  startedAt: at(index % 60),
  method: index % 7 === 0 ? 'POST' : 'GET',
  url: `http://127.0.0.1:40123/openeo/1.2/${['jobs', 'collections', 'processes', 'jobs/7d0c/logs?offset=12'][index % 4]}`,
  status: index % 11 === 0 ? null : index % 13 === 0 ? 503 : 200,
  durationMs: index % 11 === 0 ? null : 12 + ((index * 37) % 900),
  receivedBytes: (index * 7919) % 90_000,
  attempt: index % 13 === 0 ? 2 : 1,
  outcome: index % 22 === 0 ? 'pending' : index % 11 === 0 ? 'failed' : 'answered',
  failure: index % 11 === 0 && index % 22 !== 0 ? 'time-out' : null,
  requestId: null,
}))

/** No list is open: the lists belong to pages that have tests of their own. */
export const sampleMemory = {
  feature: 'catalogue',
  listWidthPx: 292,
  inspectorWidthPx: 324,
  drawerHeightPx: 220,
  isListOpen: false,
  isInspectorOpen: true,
  isDrawerOpen: false,
  drawerTab: 'transfers',
  view: { longitude: 11, latitude: 47, zoom: 5 },
}

export const sampleAnswers: Record<string, () => unknown> = {
  'settings.windowMemory': () => sampleMemory,
  'connections.list': () => [
    connection('embedded', 'Embedded back-end', 'connected'),
    connection('cdse', 'Copernicus Data Space Ecosystem', 'failed'),
  ],
  'transfers.list': () => sampleTransfers,
  'diagnostics.notices': () => [
    {
      id: 'n1',
      level: 'warning',
      title: 'The database was set aside',
      message: 'It could not be read. A new one was begun, and the old one is kept beside it.',
      at: at(0),
    },
  ],
  'diagnostics.requests': () => sampleRequests,
}
