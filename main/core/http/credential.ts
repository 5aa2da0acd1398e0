/**
 * A secret that knows its origin: it can be had for an address of that origin and for no other.
 * Owns: the rule. Does not: know what kind of secret it is, or where it is kept.
 * Why a type and not a header: whoever holds a header can send it anywhere by mistake.
 */
const opened = new WeakMap<Credential, Readonly<Record<string, string>>>()

export type Credential = {
  readonly origin: string
  /** Says that it is one, and nothing else, wherever it is printed. */
  toJSON(): string
}

/** @throws TypeError where `url` is no address */
export function createCredential(url: string, headers: Readonly<Record<string, string>>): Credential {
  const credential: Credential = Object.freeze({ origin: new URL(url).origin, toJSON: () => '[credential]' })
  opened.set(credential, { ...headers })
  return credential
}

/** The headers for this address; none where it is not of the credential's origin. */
export function headersFor(credential: Credential | undefined, url: URL): Readonly<Record<string, string>> {
  if (credential === undefined || url.origin === 'null' || credential.origin !== url.origin) return {}
  return opened.get(credential) ?? {}
}
