/**
 * Promises about servers that cannot prove who they are, on the bulk way (Node) over real TLS: refused before a byte is
 * sent, told what is wrong, and taken only where the user trusts exactly this certificate at exactly this host.
 * The control way (Chromium) has the same promises in test/security/shell/certificates-in-chromium.test.ts.
 */
import { afterEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../../main/core/clock.ts'
import { createBulkHttp, createCredential, createRequestLog, withTrust } from '../../../main/core/http/index.ts'
import { createRedactor } from '../../../main/core/redact.ts'
import { Certificate } from '../../../preload/contract/connections.ts'
import { type BadCertificates, type MadeCertificate, makeBadCertificates } from '../../fakes/certificates.ts'
import { startLoopback } from '../../fakes/loopback.ts'
import { startTunnel } from '../../fakes/tunnel.ts'

const bad = makeBadCertificates()
const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function serve(tls: MadeCertificate, answer: Parameters<typeof startLoopback>[0] = (_a, r) => void r.end('{}')) {
  const server = await startLoopback(answer, { tls })
  closing.push(server.close)
  return server
}
function bulk(proxy = 'DIRECT') {
  const redactor = createRedactor()
  const requestLog = createRequestLog({ clock: systemClock, redactor })
  const http = createBulkHttp({ requestLog, redactor, userAgent: 'Swath/test', resolveProxy: async () => proxy })
  closing.push(http.close)
  return { http, requestLog }
}
describe.each(['direct', 'proxy'] as const)('%s', (kind) => {
  const way = async () => {
    if (kind === 'direct') return bulk()
    const tunnel = await startTunnel()
    closing.push(tunnel.close)
    return bulk(`PROXY ${tunnel.host}`)
  }

  test.each(Object.keys(bad) as (keyof BadCertificates)[])(
    '%s: refused, shown, and taken when trusted',
    async (name) => {
      const server = await serve(bad[name])
      const { http, requestLog } = await way()
      const credential = createCredential(server.url, { authorization: 'Bearer CANARY' })
      const failure = await http.ask({ url: server.url, credential }).catch((thrown) => thrown)
      expect(failure).toMatchObject({ code: 'untrusted-certificate', retry: 'never' })
      expect(Certificate.parse(failure.certificate)).toMatchObject({
        host: '127.0.0.1',
        sha256: bad[name].sha256,
        subject: expect.stringContaining('Swath test server'),
        problem: name,
      })
      expect(failure.message).toContain('127.0.0.1')
      expect(server.asked).toEqual([]) // and so no token
      expect(requestLog.list()).toMatchObject([{ outcome: 'failed', failure: 'untrusted-certificate' }])

      const trust = { host: '127.0.0.1', sha256: bad[name].sha256 }
      const answer = await http.ask({ url: server.url, credential, trust })
      expect(Buffer.from(await answer.bytes(10)).toString()).toBe('{}')
      expect(server.asked[0]?.headers.authorization).toBe('Bearer CANARY')
      // it held for that request: the next without it is refused as before, kept connections or not
      await expect(http.ask({ url: server.url })).rejects.toMatchObject({ code: 'untrusted-certificate' })
      expect(server.asked.length).toBe(1)
    },
  )

  test('another certificate or another host is not trusted along', async () => {
    const server = await serve(bad['self-signed'])
    const { http } = await way()
    const other = { host: '127.0.0.1', sha256: bad['unknown-issuer'].sha256 }
    const failure = await http.ask({ url: server.url, trust: other }).catch((thrown) => thrown)
    expect(failure).toMatchObject({ code: 'untrusted-certificate', retry: 'never' })
    expect(failure.certificate).toMatchObject({ sha256: bad['self-signed'].sha256, problem: 'self-signed' })
    for (const host of ['localhost', 'example.org', '127.0.0.2', ''])
      await expect(
        http.ask({ url: server.url, trust: { host, sha256: bad['self-signed'].sha256 } }),
        host,
      ).rejects.toMatchObject({ code: 'untrusted-certificate' })
    expect(server.asked).toEqual([])
  })
})

test('the trust does not go along where the server forwards to another host, and is there again when it comes back', async () => {
  const tls = bad['self-signed']
  const server = await serve(tls, (asked, response) => {
    const to = asked.path === '/away' ? `${server.url.replace('127.0.0.1', 'localhost')}/there` : '/end'
    if (asked.path === '/end') response.end('{}')
    else response.writeHead(307, { location: to }).end()
  })
  const { http } = bulk()
  const trusting = withTrust(http, { host: '127.0.0.1', sha256: tls.sha256 })
  expect((await trusting.ask({ url: `${server.url}/near` })).url).toBe(`${server.url}/end`)
  await expect(trusting.ask({ url: `${server.url}/away` })).rejects.toMatchObject({
    code: 'untrusted-certificate',
    certificate: { host: 'localhost', sha256: tls.sha256 },
  })
  expect(server.asked.map((asked) => asked.path)).toEqual(['/near', '/end', '/away'])
})

test('a certificate that changes later is not the trusted one any more', async () => {
  const { http } = bulk()
  const first = await serve(bad['self-signed'])
  const trust = { host: '127.0.0.1', sha256: bad['self-signed'].sha256 }
  await (await http.ask({ url: first.url, trust })).bytes(10)
  const second = await serve(bad['unknown-issuer'])
  await expect(http.ask({ url: second.url, trust })).rejects.toMatchObject({
    code: 'untrusted-certificate',
    certificate: { sha256: bad['unknown-issuer'].sha256 },
  })
  expect(second.asked).toEqual([])
})

test('a server without TLS at an https address is not a matter of certificates', async () => {
  const server = await startLoopback((_asked, response) => void response.end('{}'))
  closing.push(server.close)
  const { http } = bulk()
  const url = server.url.replace('http:', 'https:')
  for (const trust of [undefined, { host: '127.0.0.1', sha256: bad['self-signed'].sha256 }])
    await expect(http.ask({ url, trust, mostAttempts: 1 })).rejects.toMatchObject({ code: 'back-end', retry: 'never' })
})
