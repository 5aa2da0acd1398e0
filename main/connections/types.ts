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
  /**
   * Reads the kept session once; does nothing where it was read already, or could not be read a moment ago. No network.
   * Never fails: what is kept and cannot be read is told by the status.
   */
  restore(target: SignInTarget): Promise<void>
  /**
   * Looks again for the keychain and for sessions that could not be read. `isAsked` (so unless told): by the user, now;
   * false: somebody came back to the window, and what failed a moment ago is left alone. Never fails.
   */
  lookAgain(isAsked?: boolean): Promise<void>
  methods(target: SignInTarget, signal?: AbortSignal): Promise<SignInMethods>
  /** Resolves when the sign-in is under way (or, for Basic and client credentials, done). */
  start(target: SignInTarget, method: SignInMethod): Promise<void>
  cancel(id: string): void
  /** Where the user approves; null where no sign-in waits for that. */
  page(id: string): string | null
  /**
   * The session is gone here at once; the answer tells, after 10 s at most, whether the provider has ended it as well.
   * `isShared`: it was not asked to, because another connection would lose its session of the same account.
   */
  signOut(target: SignInTarget): Promise<{ isRevoked: boolean; isShared: boolean }>
  /** Forgets the session and its secrets without asking anybody. */
  forget(id: string): Promise<void>
  /** The embedded back-end's credentials of this launch: kept nowhere. */
  useForThisRun(target: SignInTarget, user: string, password: string): Promise<void>
  /** The connection is switched off: its session stays, but nothing is renewed or handed out. */
  pause(id: string): void
  resume(id: string): void
  /** The network is another one, or the computer awake: what it may have refused is tried again. */
  networkIsBack(): void
  /**
   * Value of the Authorization header, refreshed before it ends; null where nobody is signed in.
   * `signal`: of the request that waits for it. @throws AppError secret-unreadable where a kept session cannot be read;
   * offline where the connection is switched off; those of a renewal that failed
   */
  authorization(target: SignInTarget, signal?: AbortSignal): Promise<string | null>
  /**
   * The server refused this header (401 or 403 with TokenInvalid and its kin): another value to replay the request with,
   * once; null where there is none. The status has become `expired` then, unless the back-end takes the token at /me.
   */
  afterRefusal(target: SignInTarget, refused: string, failure: AppError, signal?: AbortSignal): Promise<string | null>
  /** Waits for refreshes that are under way, at most 5 s. */
  close(): Promise<void>
}
/** What sign-in/ is given by the composition. */
export type SignInEvents = {
  /** The status of this connection is another one. `isAnotherSession`: somebody has just signed in, maybe once more. */
  changed(id: string, isAnotherSession?: boolean): void
  /** The Authorization header for this connection's origin is another one; null: none any more. */
  authorizationChanged(target: SignInTarget, authorization: string | null): void
}
