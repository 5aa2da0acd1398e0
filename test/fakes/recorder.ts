/**
 * What the fake servers were asked, and which secrets they know, for the check that no secret went astray.
 * Owns: the records of this process, in the folder that SWATH_TEST_RECORDS names (npm test does) and in memory.
 * Does not: judge; build/testing/leaks.mjs does. Every fake server calls `recordRequest` for each request and
 * `registerSecret` for each secret that it issues or takes.
 */
import { appendFileSync, mkdirSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'

/** A header of this value marks a request from one fake to another: Swath has not sent it. New in each process. */
export const HOP_HEADER = 'x-from-fake'
export const HOP = crypto.randomUUID()

/** A secret is looked for where it has at least so many characters: shorter ones are in every file by chance. */
export const SHORTEST_SECRET = 8
const LONGEST_BODY = 256 * 1024

export type Secret = {
  /** For reading, e.g. `token of python-driver`. */
  name: string
  value: string
  /** `http://127.0.0.1:1234`: servers that may see it. */
  origins: readonly string[]
}
const known = new Map<string, Secret>()
const folder = process.env.SWATH_TEST_RECORDS
const place = (kind: string) => join(folder as string, `${kind}-${process.pid}-${HOP.slice(0, 8)}.jsonl`)

/** Adds one line to this process's records; nothing where the run keeps none. */
export function writeRecord(kind: 'requests' | 'secrets' | 'scans', record: object): void {
  if (folder === undefined) return
  mkdirSync(folder, { recursive: true })
  appendFileSync(place(kind), `${JSON.stringify(record)}\n`)
}

/** Says that this value is secret and which servers may see it; told twice, all of them may. */
export function registerSecret(name: string, value: string, ...origins: string[]): void {
  if (value.length < SHORTEST_SECRET) return
  const before = known.get(value)
  const all = [...new Set([...(before?.origins ?? []), ...origins.map((origin) => new URL(origin).origin)])]
  if (before && all.length === before.origins.length) return
  const secret = { name: before?.name ?? name, value, origins: all }
  known.set(value, secret)
  writeRecord('secrets', secret)
}

/** User and password of Basic authentication: the password, and the pair as its header carries it. */
export function registerBasic(name: string, user: string, password: string, ...origins: string[]): void {
  registerSecret(`password of ${name}`, password, ...origins)
  registerSecret(`Basic pair of ${name}`, Buffer.from(`${user}:${password}`).toString('base64'), ...origins)
}

/** What this process has registered. */
export const registeredSecrets = (): Secret[] => [...known.values()]

/** Keeps one request as it came to the server of this origin. */
export function recordRequest(origin: string, request: IncomingMessage, body: Buffer | string): void {
  if (folder === undefined || request.headers[HOP_HEADER] === HOP) return
  writeRecord('requests', {
    origin,
    method: request.method,
    url: request.url,
    // as they came: repeated headers too
    headers: request.rawHeaders,
    body: (typeof body === 'string' ? body : body.toString('latin1')).slice(0, LONGEST_BODY),
  })
}

/** A secret that nothing else looks like. */
export const randomSecret = (what: string) => `${what}-${crypto.randomUUID().replaceAll('-', '')}`
