/**
 * Services that the user works with: openEO back-ends first, and catalogues, object stores and the DestinE Data Lake.
 * One connection is one account at one service; a second account is a second connection with the same address.
 * No secret is in anything that main answers; secrets go from the form to main once, and into the keychain.
 */
import { z } from 'zod'
import { call, feature } from './define.ts'
import { WireError } from './errors.ts'
import { ConnectionId, Instant, JsonObject } from './vocabulary.ts'

/**
 * `embedded`: the openEO back-end that comes with Swath; `openeo`: one that the user added; `stac`: a STAC API or an OGC
 * API Records catalogue; `s3`: an object store; `destine`: the DestinE Data Lake.
 */
export const CONNECTION_KINDS = ['embedded', 'openeo', 'stac', 's3', 'destine'] as const
export type ConnectionKind = (typeof CONNECTION_KINDS)[number]

/** What an openEO API may offer, told by `endpoints` of its capabilities and by conformance classes, never guessed. */
export const OFFERS = [
  'collections',
  'queryables',
  'items',
  'processes',
  'file-formats',
  'udf-runtimes',
  'service-types',
  'processing-parameters',
  'validation',
  'synchronous',
  'batch-jobs',
  'job-update',
  'estimate',
  'job-logs',
  'services',
  'service-logs',
  'user-processes',
  'files',
  'workspaces',
  'account',
  'basic',
  'oidc',
] as const
export type OfferName = (typeof OFFERS)[number]

/** A member of a federated back-end (federation extension 0.1 and 0.2). */
export const FederationMember = z.object({
  id: z.string(),
  title: z.string(),
  url: z.string(),
  description: z.string(),
  status: z.enum(['online', 'offline', 'unknown']),
  lastCheckedAt: z.string().nullable(),
  lastSuccessAt: z.string().nullable(),
  isExperimental: z.boolean(),
  isDeprecated: z.boolean(),
})
export type FederationMember = z.infer<typeof FederationMember>

/** A server's certificate as it is shown before somebody trusts it. */
export const Certificate = z.object({
  host: z.string(),
  /** SHA-256 of the DER form: 64 hexadecimal digits, lower case. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  subject: z.string(),
  issuer: z.string(),
  validFrom: Instant,
  validTo: Instant,
  /** Why it is not trusted. `other`: e.g. revoked or too weak. */
  problem: z.enum(['self-signed', 'expired', 'not-yet-valid', 'wrong-host', 'unknown-issuer', 'other']),
})
export type Certificate = z.infer<typeof Certificate>

export const SIGN_IN_STEPS = [
  /** The provider is asked for its addresses and a code. */
  'asking',
  /** Device flow: the user approves elsewhere with the code. */
  'approve',
  /** Loopback flow: the system's browser is open. */
  'browser',
  /** The answer is turned into a session. */
  'finishing',
] as const
/** A sign-in that is under way. */
export const PendingSignIn = z.object({
  step: z.enum(SIGN_IN_STEPS),
  providerTitle: z.string(),
  /** Device flow: what the user types at `verificationUri`. */
  userCode: z.string().nullable(),
  verificationUri: z.string().nullable(),
  /** The same with the code in it, where the provider gives one. */
  verificationUriComplete: z.string().nullable(),
  /** Host of that page where it is neither the provider's nor the back-end's: the user should see it before it is opened. */
  foreignHost: z.string().optional(),
  startedAt: Instant,
  expiresAt: Instant.nullable(),
  /** A poll failed (no network for a moment): it goes on. */
  isDisturbed: z.boolean(),
})
export type PendingSignIn = z.infer<typeof PendingSignIn>

export const SIGN_IN_STATES = [
  /** Nothing to sign in to. */
  'not-needed',
  'signed-out',
  'signing-in',
  'signed-in',
  /** There was a session; the server does not take it any more. */
  'expired',
] as const

export const Connection = z.object({
  id: ConnectionId,
  revision: z.number().int(),
  kind: z.enum(CONNECTION_KINDS),
  title: z.string(),
  /** openEO: the versioned API root; else the address of the service. */
  url: z.string(),
  state: z.enum(['connecting', 'connected', 'failed', 'disabled']),
  /** Why it does not answer. */
  failure: WireError.optional(),
  signIn: z.enum(SIGN_IN_STATES),
  /** Beside `signed-in`: another sign-in is under way, and the session of before serves until it stands. */
  pendingSignIn: PendingSignIn.optional(),
  /** Why the last sign-in or refresh failed. */
  signInFailure: WireError.optional(),
  apiVersion: z.string().optional(),
  backendVersion: z.string().optional(),
  /** What the back-end states of itself; absent: it does not say. */
  isProduction: z.boolean().optional(),
  /** What it offers; empty while it was never reached. */
  offers: z.array(z.enum(OFFERS)),
  /** Members, where it is a federation. */
  federation: z.array(FederationMember),
  userId: z.string().optional(),
  userName: z.string().optional(),
  checkedAt: Instant.optional(),
  /** The certificate of the service's own host that the user trusts for this connection alone. */
  trustedCertificate: Certificate.optional(),
  /** All that are trusted for this connection, one for a host: of the service, its sign-in service, its files. */
  trustedCertificates: z.array(Certificate).optional(),
  /** The certificate that is refused now: of the service, or of another host that it sends to (`host` tells). */
  refusedCertificate: Certificate.optional(),
  /** The service answers, and that is all that is known: its credentials were not tried. */
  isOnlyReached: z.boolean().optional(),
})
export type Connection = z.infer<typeof Connection>

/** An entry of the list to pick from. Swath's own entries can be changed, hidden and brought back. */
export const KnownBackEnd = z.object({
  id: z.string().min(1).max(100),
  kind: z.enum(['openeo', 'stac', 's3', 'destine']),
  title: z.string().trim().min(1).max(200),
  url: z.string().trim().min(1).max(2000),
  description: z.string().max(1000),
  /** Comes with Swath; false: the user's own. */
  isBuiltIn: z.boolean(),
  isHidden: z.boolean(),
})
export type KnownBackEnd = z.infer<typeof KnownBackEnd>

export const LinkTo = z.object({ href: z.string(), title: z.string(), rel: z.string() })
export type LinkTo = z.infer<typeof LinkTo>

export const ApiVersion = z.object({
  url: z.string(),
  apiVersion: z.string(),
  isProduction: z.boolean(),
  isSupported: z.boolean(),
  /** A version 1.x that came after this version of Swath: it is tried. */
  isNewer: z.boolean().optional(),
})
export type ApiVersion = z.infer<typeof ApiVersion>

/** A document that needs an active consent, and when it was given for exactly this link. */
export const Terms = z.object({
  kind: z.enum(['terms-of-service', 'privacy-policy']),
  href: z.string(),
  title: z.string(),
  agreedAt: Instant.nullable(),
})
export type Terms = z.infer<typeof Terms>

/** What was found at an address. */
export const Discovery = z.discriminatedUnion('state', [
  z.object({
    state: z.literal('found'),
    /** The API root that would be connected to. */
    url: z.string(),
    title: z.string(),
    description: z.string(),
    apiVersion: z.string(),
    /** All that the server lists; the chosen one is `url`. */
    versions: z.array(ApiVersion),
    terms: z.array(Terms),
    members: z.array(FederationMember),
    offers: z.array(z.enum(OFFERS)),
    /** Where an account can be made. */
    registerLink: LinkTo.nullable(),
    /** Connections that exist already for this API root. */
    connectionIds: z.array(ConnectionId),
  }),
  z.object({ state: z.literal('untrusted'), certificate: Certificate }),
])
export type Discovery = z.infer<typeof Discovery>

/** Everything that the connection's page shows of an openEO back-end beside the entity itself. */
export const ConnectionDetails = z.object({
  id: ConnectionId,
  description: z.string(),
  stacVersion: z.string().nullable(),
  conformsTo: z.array(z.string()),
  endpoints: z.array(z.object({ path: z.string(), methods: z.array(z.string()) })),
  /** For each thing that is not offered: why it is not there, as a sentence. */
  lacks: z.array(z.object({ offer: z.enum(OFFERS), because: z.string() })),
  links: z.array(LinkTo),
  terms: z.array(Terms),
  billing: z
    .object({
      /** null: the back-end charges nothing. */
      currency: z.string().nullable(),
      defaultPlan: z.string().nullable(),
      plans: z.array(
        z.object({ name: z.string(), description: z.string(), isPaid: z.boolean(), url: z.string().nullable() }),
      ),
    })
    .nullable(),
  federationVersion: z.enum(['0.1', '0.2']).nullable(),
  asOf: Instant.nullable(),
})
export type ConnectionDetails = z.infer<typeof ConnectionDetails>

export const Account = z.object({
  userId: z.string(),
  name: z.string().nullable(),
  defaultPlan: z.string().nullable(),
  /** In `currency` of the billing; null: not limited or not stated. */
  budget: z.number().nullable(),
  storage: z.object({ freeBytes: z.number(), quotaBytes: z.number() }).nullable(),
  links: z.array(LinkTo),
  roles: z.array(z.string()),
  /** Whatever else the back-end says, for reading. */
  more: JsonObject,
  /** `more` lacks some of it: it is too long to be kept. */
  isMoreCut: z.boolean().optional(),
  asOf: Instant,
})
export type Account = z.infer<typeof Account>

export const OidcProvider = z.object({
  id: z.string(),
  title: z.string(),
  description: z.string(),
  issuer: z.string(),
  links: z.array(LinkTo),
  /** Ways that work with a client of the back-end's own list, best first. */
  ways: z.array(z.enum(['device', 'browser'])),
  /** Address that an own client has to allow for the way over the browser. */
  redirectUrl: z.string(),
})
export type OidcProvider = z.infer<typeof OidcProvider>

export const SignInMethods = z.object({ hasBasic: z.boolean(), providers: z.array(OidcProvider) })
export type SignInMethods = z.infer<typeof SignInMethods>

const Secret = z.string().min(1).max(20_000)
/** How to sign in. `clientId`: the user's own client instead of one of the back-end's list. */
export const SignInMethod = z.discriminatedUnion('way', [
  z.object({ way: z.literal('basic'), user: z.string().min(1).max(1000), password: Secret }),
  z.object({ way: z.literal('device'), providerId: z.string(), clientId: z.string().max(500).optional() }),
  z.object({
    way: z.literal('browser'),
    providerId: z.string(),
    clientId: z.string().max(500).optional(),
    clientSecret: Secret.optional(),
  }),
  z.object({
    way: z.literal('client-credentials'),
    providerId: z.string(),
    clientId: z.string().min(1).max(500),
    clientSecret: Secret,
  }),
])
export type SignInMethod = z.infer<typeof SignInMethod>

/** Fields of the connections that are not openEO. Secrets are write-only: absent leaves the kept one. */
export const ServiceSettings = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('stac'),
    /** Told by the server; the user can overrule it. */
    dialect: z.enum(['stac-api', 'records', 'static', 'unknown']),
    /** `openeo`: writes with the token of that connection. */
    auth: z.enum(['none', 'basic', 'bearer', 'api-key', 'openeo']),
    user: z.string().max(1000).optional(),
    apiKeyHeader: z.string().max(100).optional(),
    openeoConnectionId: ConnectionId.optional(),
  }),
  z.object({
    kind: z.literal('s3'),
    region: z.string().max(100),
    /** Absent: all that the key may list. */
    bucket: z.string().max(255).optional(),
    isPathStyle: z.boolean(),
    /** Access key id; not a secret. */
    accessKeyId: z.string().max(500).optional(),
    isAnonymous: z.boolean(),
  }),
  z.object({
    kind: z.literal('destine'),
    /** `destine`: Hook of the DestinE Data Lake; `cdse`: its twin at the Copernicus Data Space. */
    preset: z.enum(['destine', 'cdse', 'own']),
    auth: z.enum(['service-account', 'user']),
    clientId: z.string().max(500).optional(),
    tokenUrl: z.string().max(2000).optional(),
  }),
])
export type ServiceSettings = z.infer<typeof ServiceSettings>

const Secrets = z.partialRecord(
  z.enum(['password', 'token', 'apiKey', 'secretAccessKey', 'sessionToken', 'clientSecret']),
  Secret,
)

export const RemovalConsequences = z.object({
  /** Jobs that are known here, and how many of them have not ended: they go on at the back-end. */
  jobCount: z.number().int(),
  openJobCount: z.number().int(),
  /** Results in the library; they stay. */
  resultCount: z.number().int(),
  /** Entries of the catalogue that cannot be read without a network any more. */
  catalogueEntryCount: z.number().int(),
  isSignedIn: z.boolean(),
})
export type RemovalConsequences = z.infer<typeof RemovalConsequences>

const ById = z.object({ id: ConnectionId })

export const connections = feature({
  calls: {
    list: call(z.void(), z.array(Connection)),
    /** Asks the service again whether it is there. */
    reconnect: call(ById, Connection),

    known: call(z.void(), z.array(KnownBackEnd)),
    /** Adds an entry or changes the one with this id. */
    saveKnown: call(KnownBackEnd.partial({ id: true, isBuiltIn: true, isHidden: true }), z.array(KnownBackEnd)),
    /** An own entry goes; a built-in one is hidden. */
    removeKnown: call(z.object({ id: z.string() }), z.array(KnownBackEnd)),
    /** Brings back every built-in entry as it came. */
    restoreKnown: call(z.void(), z.array(KnownBackEnd)),

    /** Looks for an openEO API at what the user typed; asks without any credentials. */
    discover: call(
      z.object({
        address: z.string().trim().min(1).max(2000),
        /** Trust this certificate for this question. */
        trust: Certificate.optional(),
        /** One of the versions of an earlier answer, instead of the best. */
        versionUrl: z.string().max(2000).optional(),
      }),
      Discovery,
    ),
    cancelDiscovery: call(z.void(), z.void()),
    /** Fails with consent-needed unless every link that the back-end states is among `agreed`. */
    add: call(
      z.object({
        url: z.string().min(1).max(2000),
        title: z.string().trim().max(200).optional(),
        /** Links that the user actively agreed to. */
        agreed: z.array(z.string().max(4096)).max(10),
        trust: Certificate.optional(),
      }),
      Connection,
    ),
    /** Another account at the same back-end. */
    addAccount: call(ById, Connection),
    /** Agrees to terms that are new since the connection was made. */
    agree: call(z.object({ id: ConnectionId, agreed: z.array(z.string().max(4096)).max(10) }), Connection),
    addService: call(
      z.object({
        title: z.string().trim().max(200).optional(),
        url: z.string().trim().max(2000),
        settings: ServiceSettings,
        secrets: Secrets.optional(),
        trust: Certificate.optional(),
      }),
      Connection,
    ),
    service: call(ById, ServiceSettings),
    changeService: call(
      z.object({
        id: ConnectionId,
        url: z.string().trim().max(2000),
        settings: ServiceSettings,
        secrets: Secrets.optional(),
      }),
      Connection,
    ),
    update: call(
      z.object({
        id: ConnectionId,
        title: z.string().trim().min(1).max(200).optional(),
        isDisabled: z.boolean().optional(),
        /** Place in the list, from 0. */
        position: z.number().int().min(0).optional(),
      }),
      Connection,
    ),
    /** Trusts a certificate that is refused now, at its host, for this connection alone. */
    trustCertificate: call(z.object({ id: ConnectionId, sha256: z.string() }), Connection),
    /** One of those that are trusted; without `sha256` all of them. */
    distrustCertificate: call(z.object({ id: ConnectionId, sha256: z.string().optional() }), Connection),
    /** What goes along when the connection is removed. */
    removalConsequences: call(ById, RemovalConsequences),
    /** Signs out, forgets the secrets and what was cached; jobs and results stay known here. */
    remove: call(ById, z.void()),

    details: call(ById, ConnectionDetails),
    /** As last read; null: never. */
    account: call(ById, Account.nullable()),
    refreshAccount: call(ById, Account),

    signInMethods: call(ById, SignInMethods),
    /**
     * Returns as soon as the sign-in is under way; the connection's changes tell the rest. Fails with consent-needed where
     * terms are new since the user agreed, and with forbidden where the way to the back-end is not encrypted.
     */
    startSignIn: call(z.object({ id: ConnectionId, method: SignInMethod }), Connection),
    cancelSignIn: call(ById, Connection),
    /** Opens the page where the user approves, in the system's browser. */
    openSignInPage: call(ById, z.void()),
    /**
     * Forgets the session at once and revokes what can be revoked. `isRevoked`: the provider confirmed it. `isShared`: the
     * provider was not asked, because another connection is signed in with the same account through the same client, and
     * providers end such sessions together.
     */
    signOut: call(ById, z.object({ connection: Connection, isRevoked: z.boolean(), isShared: z.boolean().optional() })),
  },
  events: {
    changed: Connection,
    removed: z.object({ id: ConnectionId }),
    knownChanged: z.array(KnownBackEnd),
  },
})
export type ConnectionSecrets = z.infer<typeof Secrets>
