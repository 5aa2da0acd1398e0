/** Certificates as careless servers have them, made at the test by OpenSSL: self-signed, expired, of another host … */
import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** `key` and `certificate` in PEM; `sha256` of the DER form in lower-case hex. */
export type MadeCertificate = { key: string; certificate: string; sha256: string }
export type CertificateOptions = {
  /** As OpenSSL's subjectAltName: this computer's addresses unless told. */
  names?: string
  from?: Date
  to?: Date
  /** Signed by itself unless told. */
  issuer?: MadeCertificate
}

const DAY_MS = 86_400_000
export const HERE = 'IP:127.0.0.1,IP:::1,DNS:localhost'
export const daysFromNow = (n: number) => new Date(Date.now() + n * DAY_MS)

export function makeCertificate(options: CertificateOptions = {}): MadeCertificate {
  const { names = HERE, from = daysFromNow(-1), to = daysFromNow(1), issuer } = options
  const folder = mkdtempSync(join(tmpdir(), 'swath-certificate-'))
  const file = (name: string) => join(folder, name)
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe', cwd: folder })
  try {
    const isIssuer = names === ''
    writeFileSync(file('index'), '')
    writeFileSync(
      file('config'),
      `[ca]\ndefault_ca=here\n[here]\ndatabase=index\nnew_certs_dir=.\nrand_serial=yes\ndefault_md=sha256\npolicy=any
[any]\ncommonName=supplied\n[extensions]
${isIssuer ? 'basicConstraints=critical,CA:TRUE' : `subjectAltName=${names}`}\n`,
    )
    openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', 'key')
    const subject = `/CN=Swath test ${isIssuer ? 'issuer' : 'server'} ${Math.random().toString(36).slice(2)}`
    openssl('req', '-new', '-key', 'key', '-subj', subject, '-out', 'request')
    if (issuer) {
      writeFileSync(file('issuer-key'), issuer.key)
      writeFileSync(file('issuer'), issuer.certificate)
    }
    const signer = issuer ? ['-keyfile', 'issuer-key', '-cert', 'issuer'] : ['-selfsign', '-keyfile', 'key']
    const when = (at: Date) => `${at.toISOString().replace(/\D/g, '').slice(0, 14)}Z`
    const dates = ['-startdate', when(from), '-enddate', when(to)]
    const how = ['-batch', '-notext', '-config', 'config', '-extensions', 'extensions']
    openssl('ca', ...how, ...dates, ...signer, '-in', 'request', '-out', 'certificate')
    const certificate = readFileSync(file('certificate'), 'utf8')
    const sha256 = new X509Certificate(certificate).fingerprint256.replaceAll(':', '').toLowerCase()
    return { key: readFileSync(file('key'), 'utf8'), certificate, sha256 }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

export type BadCertificates = Record<
  'self-signed' | 'expired' | 'not-yet-valid' | 'wrong-host' | 'unknown-issuer',
  MadeCertificate
>
/** One for each reason for which a certificate is not trusted. */
export function makeBadCertificates(): BadCertificates {
  const issuer = makeCertificate({ names: '' })
  return {
    'self-signed': makeCertificate(),
    expired: makeCertificate({ from: daysFromNow(-30), to: daysFromNow(-2), issuer }),
    'not-yet-valid': makeCertificate({ from: daysFromNow(2), to: daysFromNow(30), issuer }),
    'wrong-host': makeCertificate({ names: 'DNS:other.example', issuer }),
    'unknown-issuer': makeCertificate({ issuer }),
  }
}
