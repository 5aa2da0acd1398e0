/**
 * The ways to a new session: Basic, client credentials, a code that is approved elsewhere, the system's browser.
 * Owns: what is asked of the back-end and of the provider until there are tokens. Does not: keep or use them.
 */
import type { PendingSignIn, SignInMethod } from '../../../preload/contract/connections.ts'
import type { Clock } from '../../core/clock.ts'
import { AppError } from '../../core/errors.ts'
import { askJson, createCredential } from '../../core/http/index.ts'
import {
  beginBrowser,
  beginDevice,
  createOidcClient,
  discoverProvider,
  isToken,
  type OidcClient,
  pollDevice,
  scopesFor,
} from '../../protocols/oidc.ts'
import type { SignInTarget } from '../types.ts'
import type { KeptSession, OidcSession } from './kept-session.ts'
import { browserClient, deviceClient, findProvider, type Provider, readProviders } from './providers.ts'
import { asBasicRefusal } from './refusals.ts'
import type { Opened } from './session.ts'

export type OpeningNeeds = {
  clock: Clock
  addSecret(value: string): void
  openPage(url: string): Promise<void>
  /** Where the browser comes back to with a client of the user's own. */
  ownRedirectUrl: string
}
/** What is under way, as the user sees it. */
export type Progress = {
  signal: AbortSignal
  /** `page`: where the user approves. */
  tell(change: Partial<PendingSignIn>, page?: string): void
}
type MethodOf<Way extends SignInMethod['way']> = Extract<SignInMethod, { way: Way }>

/** What came of it, or, where the user has to do something first, a function that waits for that. @throws AppError */
export function openWith(
  needs: OpeningNeeds,
  target: SignInTarget,
  method: SignInMethod,
  progress: Progress,
): Promise<Opened | (() => Promise<Opened>)> {
  if (method.way === 'basic') return openBasic(needs, target, method, progress.signal)
  if (method.way === 'client-credentials') return openClientCredentials(needs, target, method, progress)
  if (method.way === 'device') return openDevice(needs, target, method, progress)
  return openBrowser(needs, target, method, progress)
}

/** The back-end's list; asked without a token, as the API demands. @throws AppError */
export async function listProviders(target: SignInTarget, signal?: AbortSignal): Promise<Provider[]> {
  const { body } = await target.anonymous.send({ method: 'GET', path: '/credentials/oidc', signal, priority: 'user' })
  return readProviders(body)
}

/** @throws AppError credentials-refused, back-end, offline */
export async function askBasicToken(
  needs: Pick<OpeningNeeds, 'addSecret'>,
  target: SignInTarget,
  user: string,
  password: string,
  signal?: AbortSignal,
): Promise<string> {
  needs.addSecret(password)
  const pair = Buffer.from(`${user}:${password}`).toString('base64')
  needs.addSecret(pair)
  try {
    const { value } = await askJson(target.http, {
      url: `${target.rootUrl}/credentials/basic`,
      credential: createCredential(target.rootUrl, { authorization: `Basic ${pair}` }),
      priority: 'user',
      signal,
    })
    const token = (value as { access_token?: unknown } | null)?.access_token
    if (typeof token !== 'string' || !isToken(token))
      throw new AppError('back-end', 'The back-end answered the sign-in without a token.')
    needs.addSecret(token)
    // a server that sends it with the prefix of the header means the same
    return token.replace(/^basic\/\//, '')
  } catch (failure) {
    throw failure instanceof AppError ? asBasicRefusal(failure) : failure
  }
}

export async function openBasic(
  needs: OpeningNeeds,
  target: SignInTarget,
  { user, password }: { user: string; password: string },
  signal?: AbortSignal,
): Promise<Opened> {
  const accessToken = await askBasicToken(needs, target, user, password, signal)
  return {
    kept: { version: 1, way: 'basic', rootUrl: target.rootUrl, user, password },
    tokens: { accessToken, refreshToken: null, expiresInS: null, subject: null },
    client: null,
    links: [],
  }
}

/** A client at the provider of a session, ready to ask. @throws AppError */
export async function openClient(
  needs: Pick<OpeningNeeds, 'clock' | 'addSecret'>,
  target: SignInTarget,
  { issuer, clientId, clientSecret }: Pick<OidcSession, 'issuer' | 'clientId'> & { clientSecret?: string | undefined },
  signal?: AbortSignal,
): Promise<OidcClient> {
  const { http } = target
  const metadata = await discoverProvider(http, issuer, signal)
  return createOidcClient({ ...needs, http, metadata, clientId, clientSecret })
}

/** Where the back-end has just answered, it is the provider that is not there. */
function asProviderDown(failure: unknown, { title }: Provider): unknown {
  if (!(failure instanceof AppError) || failure.code !== 'offline') return failure
  return new AppError('provider-unavailable', `The sign-in service could not be reached: ${title}.`, { cause: failure })
}

async function prepare(
  needs: OpeningNeeds,
  target: SignInTarget,
  method: MethodOf<'device' | 'browser' | 'client-credentials'>,
  progress: Progress,
  choose: (provider: Provider) => { id: string; secret?: string | undefined },
) {
  const provider = findProvider(await listProviders(target, progress.signal), method.providerId)
  progress.tell({ providerTitle: provider.title })
  const { id, secret } = choose(provider)
  try {
    const about = { issuer: provider.issuer, clientId: id, clientSecret: secret }
    const client = await openClient(needs, target, about, progress.signal)
    const scope = scopesFor(provider.scopes, client.metadata)
    return { provider, client, scope }
  } catch (failure) {
    throw asProviderDown(failure, provider)
  }
}
type Prepared = Awaited<ReturnType<typeof prepare>>

const common = (target: SignInTarget, { provider, client, scope }: Prepared) => ({
  version: 1 as const,
  rootUrl: target.rootUrl,
  providerId: provider.id,
  providerTitle: provider.title,
  issuer: provider.issuer,
  clientId: client.clientId,
  scope,
  form: 'prefixed' as const,
  isFormProven: false,
})

export async function openClientCredentials(
  needs: OpeningNeeds,
  target: SignInTarget,
  method: MethodOf<'client-credentials'>,
  progress: Progress,
): Promise<Opened> {
  const { clientId, clientSecret } = method
  const prepared = await prepare(needs, target, method, progress, () => ({ id: clientId, secret: clientSecret }))
  const { client, provider } = prepared
  try {
    // a service account has no refresh token: it asks again
    const scope = withoutOffline(prepared.scope)
    const tokens = await client.clientCredentials(scope, progress.signal)
    return {
      kept: { ...common(target, prepared), scope, way: 'client-credentials', clientSecret },
      tokens: { ...tokens, refreshToken: null },
      client,
      links: provider.links,
    }
  } catch (failure) {
    throw asProviderDown(failure, provider)
  }
}
const withoutOffline = (scope: string) =>
  scope
    .split(' ')
    .filter((one) => one !== 'offline_access')
    .join(' ')

const noClient = (how: string) =>
  new AppError('not-offered', `The back-end has no client for this sign-in ${how}. Use another way or an own client.`)

/** Resolves when the code can be shown; the function that it answers waits for the approval. */
export async function openDevice(
  needs: OpeningNeeds,
  target: SignInTarget,
  method: MethodOf<'device'>,
  progress: Progress,
): Promise<() => Promise<Opened>> {
  let usesPkce = true
  const prepared = await prepare(needs, target, method, progress, (provider) => {
    if (method.clientId) return { id: method.clientId }
    const chosen = deviceClient(provider)
    if (!chosen) throw noClient('with a code')
    usesPkce = chosen.usesPkce
    return chosen
  })
  const { client, provider, scope } = prepared
  const { signal } = progress
  const code = await beginDevice(client, { ...needs, scope, usesPkce, parameters: provider.parameters, signal }).catch(
    (failure) => {
      throw asProviderDown(failure, provider)
    },
  )
  const page = code.verificationUriComplete ?? code.verificationUri
  progress.tell(
    {
      step: 'approve',
      userCode: code.userCode,
      verificationUri: code.verificationUri,
      verificationUriComplete: code.verificationUriComplete,
      expiresAt: new Date(needs.clock.now() + code.expiresInMs).toISOString(),
      ...foreignHost(page, [provider.issuer, client.metadata.issuer, target.rootUrl]),
    },
    page,
  )
  return async () => {
    const tokens = await pollDevice(client, code, {
      clock: needs.clock,
      signal,
      disturbed: (isDisturbed) => progress.tell({ isDisturbed }),
    })
    return { kept: userSession('device', target, prepared, tokens), tokens, client, links: provider.links }
  }
}

/** The host of a page that belongs to none of these: the user should know where a password would go. */
function foreignHost(page: string, known: readonly string[]): Pick<PendingSignIn, 'foreignHost'> {
  const { host } = new URL(page)
  return known.some((address) => new URL(address).host === host) ? {} : { foreignHost: host }
}

/** Resolves when the browser is open; the function that it answers waits for it to come back. */
export async function openBrowser(
  needs: OpeningNeeds,
  target: SignInTarget,
  method: MethodOf<'browser'>,
  progress: Progress,
): Promise<() => Promise<Opened>> {
  let redirectUrl = needs.ownRedirectUrl
  const prepared = await prepare(needs, target, method, progress, (provider) => {
    if (method.clientId) return { id: method.clientId, secret: method.clientSecret }
    const chosen = browserClient(provider)
    if (!chosen) throw noClient('over the browser')
    redirectUrl = chosen.redirectUrl
    return chosen
  })
  const { client, provider, scope } = prepared
  const { signal } = progress
  const began = await beginBrowser(client, { ...needs, redirectUrl, scope, parameters: provider.parameters, signal })
  progress.tell(
    { step: 'browser', expiresAt: new Date(needs.clock.now() + began.expiresInMs).toISOString() },
    began.url,
  )
  await needs.openPage(began.url)
  return async () => {
    await began.answered
    progress.tell({ step: 'finishing' })
    const tokens = await began.tokens()
    const kept = userSession('browser', target, prepared, tokens)
    return {
      kept: method.clientSecret ? { ...kept, clientSecret: method.clientSecret } : kept,
      tokens,
      client,
      links: provider.links,
    }
  }
}

function userSession(
  way: 'device' | 'browser',
  target: SignInTarget,
  prepared: Prepared,
  tokens: Opened['tokens'],
): Extract<KeptSession, { way: 'device' | 'browser' }> {
  return {
    ...common(target, prepared),
    way,
    hasEnded: false,
    ...(tokens.subject === null ? {} : { subject: tokens.subject }),
    ...(tokens.refreshToken === null ? {} : { refreshToken: tokens.refreshToken }),
  }
}
