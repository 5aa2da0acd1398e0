/**
 * What clients send about jobs, made sure of field by field.
 * Owns: the rules of POST /jobs, PATCH /jobs/{job_id}, POST /result and POST /validation about their bodies.
 * Does not: check graphs (the evaluator does); a graph here is any object.
 */
import type { Job, JobLogLevel, NewJob } from '../batch-jobs/job-store.ts'
import { LOG_LEVELS } from '../batch-jobs/job-store.ts'
import {
  billingPlanInvalid,
  budgetInvalid,
  noDataForUpdate,
  processGraphMissing,
  processInvalid,
  propertyNotEditable,
  requestInvalid,
} from './errors.ts'
import { asObject, isObject, type JsonObject } from './read-request.ts'

const LONGEST_TITLE = 1_000
const LONGEST_DESCRIPTION = 100_000

function textOrNull(body: JsonObject, name: string, longest: number): string | null {
  const value = body[name] ?? null
  if (value === null) return null
  if (typeof value !== 'string') throw requestInvalid(`'${name}' must be text or null.`)
  if (value.length > longest) throw requestInvalid(`'${name}' is longer than ${longest} characters.`)
  return value
}

function logLevel(body: JsonObject): JobLogLevel {
  const value = body.log_level ?? 'info'
  const known = LOG_LEVELS.find((level) => level === value)
  if (!known) throw requestInvalid(`'log_level' must be one of ${LOG_LEVELS.join(', ')}.`)
  return known
}

function budget(body: JsonObject): number | null {
  const value = body.budget ?? null
  if (value === null) return null
  if (typeof value !== 'number' || !(value >= 0)) throw budgetInvalid()
  return value
}

function refusePlan(body: JsonObject): void {
  if ((body.plan ?? null) !== null) throw billingPlanInvalid()
}

/** An object with a process graph. @throws OpeneoError ProcessInvalid, ProcessGraphMissing */
export function readProcess(value: unknown): Job['process'] {
  if (!isObject(value)) throw processInvalid('The request has no process, or it is not an object.')
  const graph = value.process_graph
  if (graph === undefined || graph === null) throw processGraphMissing()
  if (!isObject(graph)) throw processInvalid('The process graph must be an object of nodes.')
  if (Object.keys(graph).length === 0) throw processGraphMissing()
  return value as Job['process']
}

/** Body of POST /jobs. Properties that this back-end does not know are left out, as the API allows. */
export function readNewJob(value: unknown): NewJob {
  const body = asObject(value)
  refusePlan(body)
  return {
    process: readProcess(body.process),
    title: textOrNull(body, 'title', LONGEST_TITLE),
    description: textOrNull(body, 'description', LONGEST_DESCRIPTION),
    budget: budget(body),
    logLevel: logLevel(body),
  }
}

/** Body of POST /result. */
export function readComputation(value: unknown): { process: Job['process'] } {
  const body = asObject(value)
  refusePlan(body)
  budget(body)
  logLevel(body)
  return { process: readProcess(body.process) }
}

/** Body of PATCH /jobs/{job_id}: only what is there changes. @throws OpeneoError NoDataForUpdate, PropertyNotEditable */
export function readJobChange(value: unknown): Partial<NewJob> {
  const body = asObject(value)
  const change: Partial<NewJob> = {}
  for (const name of Object.keys(body)) {
    if (name === 'title') change.title = textOrNull(body, name, LONGEST_TITLE)
    else if (name === 'description') change.description = textOrNull(body, name, LONGEST_DESCRIPTION)
    else if (name === 'process') change.process = readProcess(body.process)
    else if (name === 'budget') change.budget = budget(body)
    else if (name === 'log_level') change.logLevel = logLevel(body)
    else if (name === 'plan') refusePlan(body)
    else throw propertyNotEditable(name)
  }
  if (Object.keys(body).length === 0) throw noDataForUpdate()
  return change
}
