/**
 * Certificates that were refused: what they say, why they are not trusted, and which one a user trusts all the same.
 * Owns: reading them and the rule of trust: one certificate, by its SHA-256, at one host, and nothing else.
 * Does not: verify chains (Chromium and Node do) or remember what is trusted (a connection does).
 */
import { X509Certificate } from 'node:crypto'
import { checkServerIdentity, type PeerCertificate } from 'node:tls'
import type { Certificate } from '../../../preload/contract/connections.ts'
import { AppError } from '../errors.ts'

/** `host` as in `Certificate.host`; `sha256` of the DER form in lower-case hex. */
export type TrustedCertificate = { host: string; sha256: string }
/** All that a connection trusts: its own server, its sign-in service, hosts of its files. */
export type Trust = TrustedCertificate | readonly TrustedCertificate[]
/** What a verification refused: the certificate (PEM or DER), and the code of Node or Chromium that says why. */
export type RefusedCertificate = { certificate: string | Uint8Array; code: string }

/** The host of an address as certificates are kept for it: lower case, without port, IPv6 without brackets. */
export const hostOf = (url: URL): string => bare(url.hostname)
const bare = (host: string) => host.toLowerCase().replace(/^\[(.*)\]$/, '$1')

/** What of the trust holds for this address; undefined where nothing does. */
export function trustFor(trust: Trust | undefined, url: URL): TrustedCertificate | undefined {
  if (trust === undefined || url.protocol !== 'https:') return undefined
  const each: readonly TrustedCertificate[] = 'length' in trust ? trust : [trust]
  return each.find(({ host }) => bare(host) === hostOf(url))
}

export const fingerprintOf = (certificate: X509Certificate): string =>
  certificate.fingerprint256.replaceAll(':', '').toLowerCase()

/** Whether this is the certificate that is trusted there. `certificate` is PEM or DER; what cannot be read is not. */
export function isTrusted(trust: TrustedCertificate, host: string, certificate: string | Uint8Array): boolean {
  if (bare(trust.host) !== bare(host)) return false
  try {
    return fingerprintOf(new X509Certificate(certificate)) === trust.sha256
  } catch {
    return false
  }
}

const CLOCK = 'or the clock of this computer is wrong'
const WORDS: Record<Certificate['problem'], (host: string) => string> = {
  'self-signed': (host) => `The certificate of ${host} is signed by itself, so nothing proves whose it is.`,
  expired: (host) => `The certificate of ${host} has expired, ${CLOCK}.`,
  'not-yet-valid': (host) => `The certificate of ${host} is not valid yet, ${CLOCK}.`,
  'wrong-host': (host) => `The certificate that ${host} showed belongs to another host.`,
  'unknown-issuer': (host) => `The certificate of ${host} comes from an issuer that this computer does not know.`,
  other: (host) => `The certificate of ${host} is not trusted.`,
}

/** The refusal of a server's certificate, with what is known of it. Asking again does not help. */
export function untrustedCertificate(host: string, refused: RefusedCertificate | undefined, nowMs: number): AppError {
  const certificate = refused && readCertificate(host, refused, nowMs)
  const says = WORDS[certificate?.problem ?? 'other'](bare(host))
  return new AppError('untrusted-certificate', says, { retry: 'never', ...(certificate ? { certificate } : {}) })
}

/** undefined where the certificate cannot be read. */
export function readCertificate(host: string, refused: RefusedCertificate, nowMs: number): Certificate | undefined {
  try {
    const x509 = new X509Certificate(refused.certificate)
    return {
      host: bare(host),
      sha256: fingerprintOf(x509),
      subject: nameOf(x509.subject),
      issuer: nameOf(x509.issuer),
      validFrom: new Date(x509.validFrom).toISOString(),
      validTo: new Date(x509.validTo).toISOString(),
      problem: problemOf(x509, bare(host), refused.code, nowMs),
    }
  } catch {
    return undefined
  }
}

/** Codes of OpenSSL's verification (as Node names them) and of Chromium (without `net::ERR_`). */
const DATE = new Set(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID', 'CERT_DATE_INVALID'])
const NAME = new Set(['ERR_TLS_CERT_ALTNAME_INVALID', 'HOSTNAME_MISMATCH', 'CERT_COMMON_NAME_INVALID'])
const ISSUER = new Set([
  'CERT_AUTHORITY_INVALID',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_UNTRUSTED',
])

/**
 * Why it is not trusted. Verifiers name one of several faults, each in its own order; here what the certificate itself
 * shows comes first, so that both ways say the same.
 */
function problemOf(x509: X509Certificate, host: string, stated: string, nowMs: number): Certificate['problem'] {
  const code = stated.replace(/^net::ERR_/, '')
  if (!DATE.has(code) && !NAME.has(code) && !ISSUER.has(code)) return 'other'
  if (nowMs > Date.parse(x509.validTo)) return 'expired'
  if (nowMs < Date.parse(x509.validFrom)) return 'not-yet-valid'
  if (NAME.has(code) || checkServerIdentity(host, x509.toLegacyObject() as PeerCertificate)) return 'wrong-host'
  if (x509.subject === x509.issuer && ISSUER.has(code)) return 'self-signed'
  // of a date that is not this certificate's, it is an issuer's
  if (DATE.has(code)) return code === 'CERT_NOT_YET_VALID' ? 'not-yet-valid' : 'expired'
  return 'unknown-issuer'
}

const LONGEST_NAME = 500
/** `C=…\nO=…\nCN=…` on one line. Whoever made the certificate wrote it. */
function nameOf(stated: string | undefined): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
  const clean = (stated ?? '').trim().replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]+/g, ', ')
  return clean.slice(0, LONGEST_NAME)
}
