/**
 * What the parts of this feature, and other features, know of one another.
 * Owns: types only. sign-in/ turns methods into sessions and headers; the rest of the folder keeps connections.
 */
import type {
  Connection,
  LinkTo,
  OfferName,
  PendingSignIn,
  SignInMethod,
  SignInMethods,
} from '../../preload/contract/connections.ts'
import type { WireError } from '../../preload/contract/errors.ts'
import type { Handlers } from '../../preload/contract/index.ts'
import type { AppError } from '../core/errors.ts'
import type { Http } from '../core/http/index.ts'
import type { OpeneoSession } from '../protocols/openeo.ts'

/** Address and credentials of the embedded back-end, of this launch. */
export type EmbeddedAccess = { url: string; user: string; password: string }

export type ConnectionsFeature = {
  handlers: Handlers<'connections'>
  find(id: string): Connection | undefined
  all(): Connection[]
  /** Asks with the credentials of the connection, where it is signed in. @throws AppError not-found, offline */
  session(id: string): OpeneoSession
  /** The embedded back-end is there (again), or gone. */
  embeddedChanged(access: EmbeddedAccess | null, failure?: WireError): void
  /** Called each time a connection has answered, and when somebody has signed in or out. */
  onConnected(listener: (connection: Connection) => void): void
  onRemoved(listener: (id: string) => void): void
  /** Asks every connection whether it is there. Called once, when the window stands. */
  start(): void
  /** The network is back, or the computer awake. */
  resume(): void
  /** The user has come back to the window: what it shows of connections should not be older than some seconds. */
  windowSeen(): void
  close(): Promise<void>
}

/** A connection as the sign-in sees it. */
export type SignInTarget = {
  id: string
  title: string
  rootUrl: string
  apiVersion: string
  conformsTo: readonly string[]
  offers: readonly OfferName[]
  /** Links of the back-end's capabilities: where an account is made or enrolled. */
  links?: readonly LinkTo[]
  /** Without credentials; with the certificate that the user trusts for this connection. */
  http: Http
  /** Without credentials. */
  anonymous: OpeneoSession
}
export type SignInStatus = {
  signIn: Connection['signIn']
  pending?: PendingSignIn
  failure?: WireError
}

/** Sessions of connections: made, kept in the keychain, refreshed, ended. */
export type SignIns = {
  status(id: string): SignInStatus
  /** Reads the kept session once; does nothing where it was read already. No network. */
  restore(target: SignInTarget): Promise<void>
  methods(target: SignInTarget, signal?: AbortSignal): Promise<SignInMethods>
  /** Resolves when the sign-in is under way (or, for Basic and client credentials, done). */
  start(target: SignInTarget, method: SignInMethod): Promise<void>
  cancel(id: string): void
  /** Where the user approves; null where no sign-in waits for that. */
  page(id: string): string | null
  signOut(target: SignInTarget): Promise<{ isRevoked: boolean }>
  /** Forgets the session and its secrets without asking anybody. */
  forget(id: string): Promise<void>
  /** The embedded back-end's credentials of this launch: kept nowhere. */
  useForThisRun(target: SignInTarget, user: string, password: string): Promise<void>
  /** Value of the Authorization header, refreshed before it ends; null where nobody is signed in. */
  authorization(target: SignInTarget): Promise<string | null>
  /**
   * The server refused this header (401 or 403 with TokenInvalid and its kin): another value to replay the request with,
   * once; null where there is none, and the status has become `expired`.
   */
  afterRefusal(target: SignInTarget, refused: string, failure: AppError): Promise<string | null>
  /** Waits for refreshes that are under way, at most 5 s. */
  close(): Promise<void>
}
/** What sign-in/ is given by the composition. */
export type SignInEvents = {
  /** The status of this connection is another one. */
  changed(id: string): void
  /** The Authorization header for this connection's origin is another one; null: none any more. */
  authorizationChanged(target: SignInTarget, authorization: string | null): void
}
