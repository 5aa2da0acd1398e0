/**
 * Services that are not openEO: whether they answer, what they are, and their secrets in the keychain.
 * Owns: one question for each kind, with the credentials of the connection where it has some.
 * Does not: search catalogues, move files or place orders (later features do, through the same rows).
 */
import type { ConnectionSecrets, ServiceSettings } from '../../preload/contract/connections.ts'
import type { Clock } from '../core/clock.ts'
import { AppError } from '../core/errors.ts'
import { askJson, createCredential, type Http } from '../core/http/index.ts'
import type { Secrets } from '../core/secrets.ts'
import { conformsTo } from '../protocols/conformance.ts'
import { createOidcClient } from '../protocols/oidc.ts'
import { object, short, textOrNull, texts, webLinks } from '../protocols/read-json.ts'
import type { SecretName } from './service-settings.ts'

export type Dialect = Extract<ServiceSettings, { kind: 'stac' }>['dialect']
export type ServiceAnswer = {
  /** As the service calls itself. */
  title: string | null
  /** Catalogues: what they are. */
  dialect?: Dialect
  /** Catalogues: the landing page, for reading offline. */
  document?: { document: unknown; url: string; etag: string | null }
}
export type ServiceToken = (
  ask: { http: Http; tokenUrl: string; clientId: string; clientSecret: string },
  signal: AbortSignal,
) => Promise<string>
type Asked = { url: string; settings: ServiceSettings; http: Http; secret(name: SecretName): Promise<string | null> }

const MOST_BYTES = 1_000_000
const ALL_SECRETS: readonly SecretName[] = [
  'password',
  'token',
  'apiKey',
  'secretAccessKey',
  'sessionToken',
  'clientSecret',
]
const nameOf = (id: string, name: SecretName) => `service/${id}/${name}`

/** Secrets of services, write-only for everybody but the services themselves. */
export function createServiceSecrets(secrets: Secrets) {
  return {
    get: (id: string, name: SecretName) => secrets.get(nameOf(id, name)),
    async keep(id: string, given: ConnectionSecrets): Promise<void> {
      for (const name of ALL_SECRETS) {
        const value = given[name]
        if (value !== undefined) await secrets.set(nameOf(id, name), value)
      }
    },
    async has(id: string): Promise<Set<SecretName>> {
      const found = new Set<SecretName>()
      for (const name of ALL_SECRETS) {
        // one that cannot be read has to be given again
        const value = await secrets.get(nameOf(id, name)).catch(() => null)
        if (value !== null) found.add(name)
      }
      return found
    },
    /** All of them, or all but some. */
    async forget(id: string, except: readonly SecretName[] = []): Promise<void> {
      for (const name of ALL_SECRETS) if (!except.includes(name)) await secrets.delete(nameOf(id, name))
    },
  }
}
export type ServiceSecrets = ReturnType<typeof createServiceSecrets>

/** The keychain would not let go of something: in words that fit to that. */
export const asNotDeleted = (failure: unknown): unknown =>
  failure instanceof AppError && failure.code === 'secret-unreadable'
    ? new AppError(
        'secret-unreadable',
        'The saved sign-in could not be deleted from the keychain. Unlock it and try again.',
        {
          retry: 'now',
          cause: failure,
        },
      )
    : failure

/** The same for what could not be put in. */
export const asNotKept = (failure: unknown): unknown =>
  failure instanceof AppError && failure.code === 'secret-unreadable'
    ? new AppError(
        'secret-unreadable',
        'The secret could not be saved in the keychain. Unlock it and enter the secret again.',
        {
          retry: 'now',
          cause: failure,
        },
      )
    : failure

/** Tokens of service accounts (client credentials, RFC 6749 §4.4). They live for minutes and are kept nowhere. */
export function createServiceToken(needs: { clock: Clock; addSecret(value: string): void }): ServiceToken {
  return async ({ http, tokenUrl, clientId, clientSecret }, signal) => {
    const metadata = { issuer: new URL(tokenUrl).origin, token_endpoint: tokenUrl }
    const tokens = createOidcClient({
      ...needs,
      http,
      metadata: { ...metadata, ...IN_THE_BODY },
      clientId,
      clientSecret,
    })
    return (await tokens.clientCredentials('openid', signal)).accessToken
  }
}
/** As the DestinE Data Lake has it: id and secret in the body. */
const IN_THE_BODY = { token_endpoint_auth_methods_supported: ['client_secret_post'] }

/** @throws AppError where the service does not answer, is another one or refuses the credentials */
export async function askService(asked: Asked, token: ServiceToken, signal: AbortSignal): Promise<ServiceAnswer> {
  const { settings } = asked
  if (settings.kind === 'stac') return askCatalogue(asked, settings, signal)
  if (settings.kind === 's3') return askStore(asked, signal)
  return askOnDemand(asked, settings, token, signal)
}

async function askCatalogue(
  { url, http, secret }: Asked,
  settings: Extract<ServiceSettings, { kind: 'stac' }>,
  signal: AbortSignal,
): Promise<ServiceAnswer> {
  const headers: Record<string, string> = {}
  if (settings.auth === 'basic') {
    const pair = `${settings.user ?? ''}:${(await secret('password')) ?? ''}`
    headers.authorization = `Basic ${Buffer.from(pair).toString('base64')}`
  }
  if (settings.auth === 'bearer') headers.authorization = `Bearer ${(await secret('token')) ?? ''}`
  if (settings.auth === 'api-key') headers[settings.apiKeyHeader ?? 'x-api-key'] = (await secret('apiKey')) ?? ''
  const credential = createCredential(url, headers)
  const ask = (address: string) => askJson(http, { url: address, signal, mostBytes: MOST_BYTES, credential })
  const answer = await ask(url).catch((failure: unknown) => {
    throw failure instanceof AppError && (failure.code === 'signed-out' || failure.code === 'forbidden')
      ? refused(failure, headers)
      : failure
  })
  const document = object(answer.value)
  let classes = texts(document.conformsTo)
  const conformance = webLinks(document.links, answer.url).find(({ rel }) => /(^|\/)conformance$/.test(rel))
  if (classes.length === 0 && conformance)
    classes = await ask(conformance.href).then(
      ({ value }) => texts(object(value).conformsTo),
      () => [],
    )
  const dialect = dialectOf(document, classes)
  if (dialect === 'unknown' && settings.dialect === 'unknown')
    throw new AppError(
      'back-end',
      textOrNull(document.api_version) !== null && Array.isArray(document.endpoints)
        ? 'An openEO back-end answers at this address, not a catalogue. It can be added as a back-end.'
        : 'The server at this address answers, but it is neither a STAC catalogue nor an OGC API Records catalogue.',
      { retry: 'never' },
    )
  return {
    title: short(document.title, 200) || short(document.id, 200) || null,
    dialect,
    document: {
      document: { ...document, ...(classes.length > 0 ? { conformsTo: classes } : {}) },
      url: answer.url,
      etag: answer.headers.get('etag'),
    },
  }
}

/** What a landing page is, by its conformance classes; a STAC document without any is a static catalogue. */
export function dialectOf(document: Record<string, unknown>, classes: readonly string[]): Dialect {
  if (conformsTo(classes, 'https://api.stacspec.org/*/core')) return 'stac-api'
  if (classes.some((one) => /\/ogcapi-records-1\//i.test(one))) return 'records'
  const isStac = textOrNull(document.stac_version) !== null && textOrNull(document.id) !== null
  const isOpeneo = textOrNull(document.api_version) !== null && Array.isArray(document.endpoints)
  return isStac && !isOpeneo ? 'static' : 'unknown'
}

/** Any answer counts: what may be listed depends on keys and buckets, which the file browser asks for. */
async function askStore({ url, http }: Asked, signal: AbortSignal): Promise<ServiceAnswer> {
  const answer = await http.send({ url, signal, mostAttempts: 2 })
  answer.cancel()
  if (answer.status >= 500)
    throw new AppError('back-end', `The object store met an error. (HTTP ${answer.status})`, { retry: 'later' })
  return { title: null }
}

async function askOnDemand(
  { url, http, secret }: Asked,
  settings: Extract<ServiceSettings, { kind: 'destine' }>,
  token: ServiceToken,
  signal: AbortSignal,
): Promise<ServiceAnswer> {
  const workflows = `${url}/Workflows?$top=1`
  if (settings.auth === 'user') {
    const answer = await http.send({ url: workflows, signal, mostAttempts: 2 })
    answer.cancel()
    if (answer.status < 500) return { title: null }
    throw new AppError('back-end', `The service met an error. (HTTP ${answer.status})`, { retry: 'later' })
  }
  const clientSecret = await secret('clientSecret')
  if (clientSecret === null || !settings.clientId || !settings.tokenUrl)
    throw new AppError('credentials-refused', 'The secret of the service account is not known here. Enter it again.')
  const { clientId, tokenUrl } = settings
  const bearer = await token({ http, tokenUrl, clientId, clientSecret }, signal)
  const credential = createCredential(url, { authorization: `Bearer ${bearer}` })
  await askJson(http, { url: workflows, signal, credential, mostBytes: MOST_BYTES }).catch((failure: unknown) => {
    if (!(failure instanceof AppError)) throw failure
    if (failure.code === 'forbidden')
      throw new AppError('not-enrolled', 'The service account has no role for on-demand processing.', {
        cause: failure,
        link: { href: 'https://platform.destine.eu', title: 'Destination Earth platform' },
      })
    throw failure.code === 'signed-out' ? refused(failure, { bearer }) : failure
  })
  return { title: null }
}

const refused = (cause: AppError, sent: object) =>
  Object.keys(sent).length > 0
    ? new AppError('credentials-refused', 'The service does not take these credentials.', { cause })
    : new AppError('signed-out', 'The service asks for credentials. They can be entered in its settings.', { cause })

/** What the page of a connection shows of a catalogue. */
export function catalogueDetails(stored: { document: unknown; url: string } | null) {
  const document = object(stored?.document)
  const base = stored?.url ?? 'https://invalid/'
  return {
    description: textOrNull(document.description) ?? '',
    stacVersion: textOrNull(document.stac_version),
    conformsTo: texts(document.conformsTo),
    links: webLinks(document.links, base).map(({ href, title, rel }) => ({ href, title, rel })),
  }
}
