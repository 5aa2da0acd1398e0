/** Collections, their queryables, items and pictures, processes with namespaces, and the user's own processes. */
import { json, pageOf, refuse, sendList, sourceOf } from './answers.ts'
import { PICTURE, wmtsCapabilities } from './pictures.ts'
import type { Call, FakeBackEnd, Routes, Source } from './types.ts'

type Document = Record<string, unknown>
/** What lists of collections carry where they are slim. */
const SLIM = [
  'stac_version',
  'type',
  'id',
  'title',
  'description',
  'license',
  'extent',
  'keywords',
  'links',
  'federation:backends',
]

const slim = (collection: unknown): object =>
  Object.fromEntries(Object.entries(collection as Document).filter(([key]) => SLIM.includes(key)))

export const collectionsOf = (backEnd: FakeBackEnd): Source => backEnd.collectionSource ?? sourceOf(backEnd.collections)
export const processesOf = (backEnd: FakeBackEnd): Source => backEnd.processSource ?? sourceOf(backEnd.processes)

function find(source: Source, id: string | undefined): object | undefined {
  if (source.find) return source.find(id ?? '')
  for (let index = 0; index < source.count; index++) {
    const entry = source.at(index) as { id?: unknown }
    if (entry?.id === id) return entry
  }
  return undefined
}

export function catalogueRoutes(backEnd: FakeBackEnd): Routes {
  const { profile } = backEnd
  const listCollections = (call: Call) => {
    const source = collectionsOf(backEnd)
    const shown =
      profile.collections === 'slim' ? { count: source.count, at: (n: number) => slim(source.at(n)) } : source
    return sendList(call, backEnd, 'collections', shown)
  }
  const collection = (call: Call) => {
    const id = call.values[0] as string
    const document = backEnd.documents.get(id) ?? find(collectionsOf(backEnd), id)
    return document ? json(call, profile, document) : refuse(call.response, profile, 404, 'CollectionNotFound')
  }
  const ofNamespace = (call: Call): Source | null => {
    const namespace = call.values[0] as string
    if (namespace === 'backend') return processesOf(backEnd)
    const named = backEnd.namespaces.get(namespace)
    return named ? sourceOf(named) : null
  }
  return {
    'GET /collections': { auth: 'optional', run: listCollections },
    'GET /collections/{id}': { auth: 'optional', run: collection },
    'GET /collections/{id}/queryables': {
      auth: 'optional',
      run(call) {
        const schema = backEnd.queryables.get(call.values[0] as string)
        if (!schema) return refuse(call.response, profile, 404, 'NotFound')
        call.response.writeHead(200, { 'content-type': 'application/schema+json' })
        return call.response.end(JSON.stringify(schema))
      },
    },
    'GET /collections/{id}/items': { auth: 'optional', run: (call) => sendItems(backEnd, call) },
    'GET /processes': { auth: 'optional', run: (call) => sendList(call, backEnd, 'processes', processesOf(backEnd)) },
    'GET /processes/{namespace}': {
      auth: 'optional',
      run(call) {
        const source = ofNamespace(call)
        if (!source) return refuse(call.response, profile, 400, 'ProcessNamespaceInvalid')
        return sendList(call, backEnd, 'processes', source)
      },
    },
    'GET /processes/{namespace}/{id}': {
      auth: 'optional',
      run(call) {
        const found = find(ofNamespace(call) ?? sourceOf([]), call.values[1])
        return found ? json(call, profile, found) : refuse(call.response, profile, 404, 'ProcessUnsupported')
      },
    },
    'GET /process_graphs': {
      auth: 'required',
      run: (call) => {
        const listed = backEnd.userProcesses.map(({ process_graph: _, ...rest }) => rest)
        return sendList(call, backEnd, 'processes', sourceOf(listed))
      },
    },
    'GET /process_graphs/{id}': {
      auth: 'required',
      run(call) {
        const found = find(sourceOf(backEnd.userProcesses), call.values[0])
        return found ? json(call, profile, found) : refuse(call.response, profile, 404, 'ProcessGraphNotFound')
      },
    },
    'POST /validation': { auth: 'optional', run: (call) => json(call, profile, { errors: backEnd.validation }) },
    'GET /previews/{name}': { auth: 'none', run: sendPicture },
    'GET /tiles/{collection}/{z}/{x}/{y}': { auth: 'none', run: sendPicture },
    'GET /wmts': {
      auth: 'none',
      run(call) {
        if (/^GetTile$/i.test(call.url.searchParams.get('REQUEST') ?? '')) return sendPicture(call)
        call.response.writeHead(200, { 'content-type': 'application/xml' })
        return call.response.end(wmtsCapabilities(backEnd.origin))
      },
    },
  }
}

function sendPicture({ response }: Call): unknown {
  response.writeHead(200, { 'content-type': 'image/png', 'cache-control': 'max-age=60' })
  return response.end(PICTURE)
}

type Item = { bbox?: number[]; properties?: { datetime?: string | null } }

/** STAC API: `bbox`, `datetime` (an instant or an interval with `..`), `limit` of 10 unless asked for, paging by token. */
function sendItems(backEnd: FakeBackEnd, call: Call): unknown {
  const all = backEnd.items.get(call.values[0] as string)
  if (!all) return refuse(call.response, backEnd.profile, 404, 'CollectionNotFound')
  const { searchParams } = call.url
  const bbox = searchParams.get('bbox')?.split(',').map(Number)
  if (bbox && (bbox.length !== 4 || bbox.some(Number.isNaN)))
    return refuse(call.response, backEnd.profile, 400, 'QueryParameterInvalid', 'bbox has to be four numbers.')
  const [from, to = from] = searchParams.get('datetime')?.split('/') ?? []
  const matched = all.filter((item) => overlaps(item as Item, bbox) && isWithin(item as Item, from, to))
  const paging = { ...backEnd.profile.paging, by: 'token' as const, ignoresLimit: false }
  const { first, last, links } = pageOf(call, matched.length, 10, paging, backEnd.hasCyclicPages)
  const features = matched.slice(first, last)
  const answer = {
    type: 'FeatureCollection',
    features,
    links,
    numberMatched: matched.length,
    numberReturned: features.length,
  }
  call.response.writeHead(200, { 'content-type': 'application/geo+json' })
  return call.response.end(JSON.stringify(answer))
}

function overlaps({ bbox: own }: Item, asked: number[] | undefined): boolean {
  if (!asked) return true
  if (!own || own.length < 4) return false
  const [west, south, east, north] = own as [number, number, number, number]
  const [left, bottom, right, top] = asked as [number, number, number, number]
  const inLongitude = left <= right ? west <= right && east >= left : west <= right || east >= left
  return inLongitude && south <= top && north >= bottom
}

function isWithin({ properties }: Item, from: string | undefined, to: string | undefined): boolean {
  if (from === undefined || to === undefined) return true
  const at = Date.parse(properties?.datetime ?? '')
  if (Number.isNaN(at)) return false
  const isOpen = (text: string) => text === '' || text === '..'
  return (isOpen(from) || at >= Date.parse(from)) && (isOpen(to) || at <= Date.parse(to))
}
