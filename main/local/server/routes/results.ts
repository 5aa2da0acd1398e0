/**
 * A job's results: the STAC documents, and the files under signed addresses.
 * Owns: who may fetch them: the signed-in, or whoever has a link that is not expired and of the job's latest results.
 */
import type { Manifest, ResultAsset } from '../../batch-jobs/job-files.ts'
import type { Job } from '../../batch-jobs/job-store.ts'
import type { BackEnd } from '../back-end.ts'
import { authenticationRequired, fileNotFound, jobNotFinished, jobNotStarted, tokenInvalid } from '../errors.ts'
import { type Answer, type Exchange, json, type Route, route, unlisted } from '../exchange.ts'
import { oneOf } from '../read-request.ts'
import { type ResultLinks, resultCollection, resultFeature, resultItem } from '../result-document.ts'
import { jobOf } from './jobs.ts'

const GEOJSON = 'application/geo+json'

export function resultRoutes(backEnd: BackEnd): Route[] {
  return [
    route('GET', '/jobs/{job_id}/results', 'signed', (exchange) => resultsAnswer(backEnd, exchange)),
    unlisted(
      route('GET', '/jobs/{job_id}/results/items/{key}', 'signed', async (exchange) => {
        const { job, manifest, asset } = await found(backEnd, exchange, ({ key }) => key === exchange.parameters.key)
        const value = resultItem(job, manifest, asset, linksOf(backEnd, exchange, job))
        return { status: 200, body: { kind: 'json', value, type: GEOJSON } }
      }),
    ),
    unlisted(
      route('GET', '/jobs/{job_id}/results/assets/{name}', 'signed', async (exchange) => {
        const { job, run, asset } = await found(backEnd, exchange, ({ name }) => name === exchange.parameters.name)
        const file = await backEnd.files.asset(job.id, run, asset)
        if (!file) throw fileNotFound(asset.name)
        return fileAnswer(file, asset)
      }),
    ),
  ]
}

const subjectOf = (job: Job) => `${job.id}/${job.resultRun ?? job.run}`

function linksOf({ links }: BackEnd, { base }: Exchange, job: Job): ResultLinks {
  const root = `/jobs/${job.id}/results`
  const sign = (path: string) => links.sign(base, path, subjectOf(job))
  return {
    canonical: () => sign(root),
    item: (key) => sign(`${root}/items/${encodeURIComponent(key)}`).href,
    asset: (name) => sign(`${root}/assets/${encodeURIComponent(name)}`).href,
  }
}

/** The job, if this client may see its results. Without a token nothing tells whether a job exists. */
function allowedJob(backEnd: BackEnd, exchange: Exchange): Job {
  if (exchange.isSignedIn) return jobOf(backEnd, exchange)
  const job = backEnd.store.get(exchange.parameters.job_id ?? '')
  if (!job) throw tokenInvalid()
  if (!backEnd.links.isValid(exchange.path, subjectOf(job), exchange.query)) throw authenticationRequired()
  return job
}

async function found(backEnd: BackEnd, exchange: Exchange, isWanted: (asset: ResultAsset) => boolean) {
  const job = allowedJob(backEnd, exchange)
  const manifest = job.resultRun === null ? undefined : await backEnd.files.manifest(job.id, job.resultRun)
  const asset = manifest?.assets.find(isWanted)
  if (!manifest || !asset || job.resultRun === null)
    throw fileNotFound(exchange.parameters.name ?? exchange.parameters.key ?? '')
  return { job, manifest, asset, run: job.resultRun }
}

const fileAnswer = ({ path, modified }: { path: string; modified: Date }, asset: ResultAsset): Answer => ({
  status: 200,
  headers: { 'Cache-Control': 'private, no-cache', 'OpenEO-Costs': '0' },
  body: {
    kind: 'file',
    path,
    name: asset.name,
    type: asset.mediaType,
    sizeBytes: asset.sizeBytes,
    modified,
    etag: `"${asset.sha256.slice(0, 32)}"`,
  },
})

async function resultsAnswer(backEnd: BackEnd, exchange: Exchange): Promise<Answer> {
  const job = allowedJob(backEnd, exchange)
  const isPartial = exchange.query.has('partial') && oneOf(exchange.query, 'partial', ['true', 'false']) !== 'false'
  if (job.status === 'error') return failedAnswer(backEnd, job)
  const links = linksOf(backEnd, exchange, job)
  const manifest = job.resultRun === null ? undefined : await backEnd.files.manifest(job.id, job.resultRun)
  if (manifest) return finishedAnswer(exchange, job, manifest, links)
  if (job.status === 'queued' || job.status === 'running') {
    if (!isPartial) throw jobNotFinished()
    return json(resultCollection(job, undefined, 'running', links), { 'OpenEO-Costs': '0' })
  }
  if (job.status === 'finished') throw fileNotFound('manifest.json')
  throw jobNotStarted()
}

function finishedAnswer(exchange: Exchange, job: Job, manifest: Manifest, links: ResultLinks): Answer {
  const accept = exchange.header('accept') ?? ''
  const isItem = accept.includes(GEOJSON) && !accept.includes('application/json')
  const value = isItem
    ? resultFeature(job, manifest, 'finished', links)
    : resultCollection(job, manifest, 'finished', links)
  return {
    status: 200,
    headers: { 'OpenEO-Costs': '0', Vary: 'Accept' },
    body: { kind: 'json', value, type: isItem ? GEOJSON : 'application/json' },
  }
}

/** A failed job answers with the last error of its log (424). */
function failedAnswer({ store }: BackEnd, job: Job): Answer {
  const entry = store.lastError(job) ?? { id: '0', level: 'error', message: 'The job failed.' }
  return { status: 424, body: { kind: 'json', value: { code: 'Internal', ...entry } } }
}
