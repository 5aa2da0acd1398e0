/**
 * The vocabulary of the openEO fake: what a driver is like (Profile), what a test can read and change while the server
 * runs (FakeBackEnd), and what one request is to the handlers (Call).
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Fault } from './faults.ts'

export type Endpoint = { path: string; methods: string[] }
export type Version = { path: string; apiVersion: string; production?: boolean }

export type Paging = {
  /** How the next page is named; null: no paging, everything at once. */
  by: 'page' | 'offset' | 'token' | null
  hrefs: 'relative' | 'absolute'
  /** `?limit=` changes nothing. */
  ignoresLimit: boolean
}

/** A driver as it is in the field. Everything here is fixed; what tests change is in FakeBackEnd. */
export type Profile = {
  name: string
  title: string
  description: string
  backendVersion: string
  /** API roots, by their path below the origin ('' is the origin itself). The highest in production is `url`. */
  versions: Version[]
  /** Path of the address that users know: /.well-known/openeo lies below it. null: there is no such document. */
  home: string | null
  /** As `GET /` lists them. `{int:z}` and the like stay as they are written. */
  endpoints: Endpoint[]
  /** Answered, though not listed: `GET /health`. */
  unlisted: string[]
  /** Known to the server and refused with 501. */
  unsupported: string[]
  /** null: not stated in `/`, and no GET /conformance. */
  conformsTo: ((apiVersion: string) => string[]) | null
  isProduction: boolean | null
  stacVersion: string
  /** What unknown paths answer. */
  missing: 'html' | 'openeo' | 'fastapi' | 'not-implemented'
  errors: 'openeo' | 'numeric' | 'fastapi'
  bearer: 'prefixed' | 'jwt' | 'both'
  location: 'absolute' | 'relative' | 'schemeless'
  /** Optional fields are `null` and not left out. */
  hasNulls: boolean
  collections: 'slim' | 'whole'
  paging: Paging
  hasEtags: boolean
  maxAgeSeconds: number | null
  /** `providers` of /credentials/oidc for the issuer (without a slash at its end) that the test hands in. */
  providers: ((issuer: string) => Record<string, unknown>[]) | null
  billing: Record<string, unknown> | null
  links: (origin: string) => { rel: string; href: string; title?: string; type?: string }[]
  /** Fields of POST /jobs that it knows; null: takes any. Others are answered as Sentinel Hub does (500). */
  jobFields: string[] | null
  /** DELETE /jobs/{id} answers 202 and does nothing. */
  ignoresDelete: boolean
  /** Starts a finished job again: 202, and nothing happens. */
  ignoresRestart: boolean
  /** Cancelling makes a job `created` again. */
  cancelResets: boolean
}

export type FakeUser = { id: string; name?: string; isEnrolled?: boolean }
/** Who has this access token; null: nobody (any more). */
export type Verify = (token: string, providerId: string | null) => FakeUser | null | Promise<FakeUser | null>

export type FakeJob = {
  id: string
  title: string
  description: string
  status: string
  progress: number
  process: unknown
  starts: number
  /** When the status last changed. */
  updated: string
  logs: { id: string; level: string; message: string; time: string }[]
  results: Record<string, unknown>
  /** Everything else that POST /jobs came with. */
  options: Record<string, unknown>
}

/** Entries that are made when they are asked for. */
export type Source = { readonly count: number; at(index: number): object; find?(id: string): object | undefined }

export type Seen = {
  /** `POST /jobs`: method, and path below the API root with ids as `{id}`. */
  line: string
  authorization: string | undefined
  /** As it came, with query. */
  path: string
  headers: IncomingMessage['headers']
  body: string
  atMs: number
}

export type FakeBackEnd = {
  readonly profile: Profile
  /** The API root of the best version. */
  readonly url: string
  /** What a user would type. */
  readonly address: string
  readonly origin: string
  readonly jobs: Map<string, FakeJob>
  /** Every request in order, aggregators' included. */
  readonly requests: Seen[]
  collections: unknown[]
  /** In place of `collections`, for very many. */
  collectionSource: Source | null
  processes: unknown[]
  processSource: Source | null
  /** Processes of `GET /processes/{namespace}`. */
  readonly namespaces: Map<string, unknown[]>
  userProcesses: Record<string, unknown>[]
  fileFormats: { input: Record<string, unknown>; output: Record<string, unknown> }
  udfRuntimes: Record<string, unknown>
  serviceTypes: Record<string, unknown>
  processingParameters: Record<string, unknown>
  /** JSON Schemas by collection. */
  readonly queryables: Map<string, Record<string, unknown>>
  /** STAC items by collection. */
  readonly items: Map<string, Record<string, unknown>[]>
  validation: unknown[]
  /** Of `GET /` and of the list of versions, at the best version. */
  apiVersion: string
  /** Added to `GET /`, last: `{ federation: … }`, `{ links: [] }`, `{ title: null }`. */
  capabilities: Record<string, unknown>
  /** `federation:missing` of every list; empty: not there. */
  missing: string[]
  /** Requests wait for it before they are answered. */
  hold: Promise<void> | null
  user: string
  password: string
  token: string
  /** For OIDC bearers; nobody is known to it unless the test hands one in. */
  verify: Verify
  /** Added to `GET /me`. */
  account: Record<string, unknown>
  /** Overrides what the profile publishes. */
  providers: Record<string, unknown>[] | null
  /** Files under /files/NAME; with `needsToken` they ask for the bearer token. */
  readonly files: Map<string, { body: Buffer; type: string; needsToken?: boolean }>
  /** The list of jobs leaves descriptions out. */
  hasSlimJobs: boolean
  hasLogIds: boolean
  /** Jobs are told with the time of their last change. */
  hasUpdated: boolean
  /** Entries of one page of lists that nobody set a limit for; 0 is all at once. */
  pageSize: number
  /** The last page leads to the first one. */
  hasCyclicPages: boolean
  /** Whole documents of collections whose entry in the list is slim. */
  readonly documents: Map<string, unknown>
  /** The next requests of this line (path without query, ids as `{id}`) fail so. */
  fail(line: string, ...faults: Fault[]): void
  /** All requests of this line fail so, until `mend`. `*`: every line. */
  failAlways(line: string, fault: Fault): void
  mend(line?: string): void
  /** Every connection is cut before anything is read, until `up`. */
  down(): void
  up(): void
  /** What a started job becomes with each look at it; the last state stays. */
  script: string[]
  count(line: string): number
  /** Resolves when so many requests of this line have come in all. */
  asked(line: string, count?: number): Promise<void>
  close(): Promise<void>
}

/** What answers need of a response; a Sink swallows the answer that is to be lost. */
export type Answer = Pick<ServerResponse, 'end' | 'write'> & {
  writeHead(status: number, headers?: Record<string, string | string[]>): unknown
}

export type Call = {
  line: string
  /** Absolute, as asked. */
  url: URL
  /** API root of the version that was asked, without a slash at its end. */
  root: string
  apiVersion: string
  /** Values of the `{…}` of the route, decoded. */
  values: string[]
  request: IncomingMessage
  body: string
  user: FakeUser | null
  response: Answer
}
export type Route = { auth: 'none' | 'optional' | 'required'; run(call: Call): unknown }
/** By line: `GET /collections/{id}`. */
export type Routes = Record<string, Route>
