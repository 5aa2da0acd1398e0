/**
 * Promises about servers that cannot prove who they are, on the control way as it really is: Electron's network in a
 * main process of its own. What is refused is shown; what is trusted is one certificate at one host; proxies hold.
 */
import { afterEach, expect, test, vi } from 'vitest'
import { Certificate } from '../../../preload/contract/connections.ts'
import { type BadCertificates, type MadeCertificate, makeBadCertificates } from '../../fakes/certificates.ts'
import { runElectronScript } from '../../fakes/electron-script.ts'
import { startLoopback } from '../../fakes/loopback.ts'
import { startTunnel } from '../../fakes/tunnel.ts'
import type { Answered, Step } from './support/ask-main.ts'

// each starts an Electron, and the machine may be busy
vi.setConfig({ testTimeout: 60_000 })
const bad = makeBadCertificates()
const names = Object.keys(bad) as (keyof BadCertificates)[]
const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})
async function serve(tls: MadeCertificate, answer: Parameters<typeof startLoopback>[0] = (_a, r) => void r.end('{}')) {
  const server = await startLoopback(answer, { tls })
  closing.push(server.close)
  return server
}
const askAll = (steps: Step[]) => runElectronScript<Answered[]>(`${import.meta.dirname}/support/ask-main.ts`, steps)

test('each kind is refused and shown, taken when trusted, and refused again without that', async () => {
  const servers = await Promise.all(names.map((name) => serve(bad[name])))
  const answers = await askAll(
    servers.flatMap(({ url }, i) => {
      const secret = { url, value: 'Bearer CANARY' }
      const trust = { host: '127.0.0.1', sha256: bad[names[i] as 'expired'].sha256 }
      return [{ url, secret }, { url, secret, trust }, { url }, { url, trust: { ...trust, host: 'localhost' } }]
    }),
  )
  for (const [i, name] of names.entries()) {
    const [refused, taken, ...again] = answers.slice(i * 4, i * 4 + 4)
    expect(refused, name).toMatchObject({ code: 'untrusted-certificate', retry: 'never' })
    expect(Certificate.parse(refused?.certificate)).toMatchObject({
      host: '127.0.0.1',
      sha256: bad[name].sha256,
      subject: expect.stringContaining('Swath test server'),
      problem: name,
    })
    expect(taken, name).toMatchObject({ status: 200, body: '{}' })
    for (const one of again) expect(one, name).toMatchObject({ code: 'untrusted-certificate' })
    // nothing was sent to a server that was not trusted
    expect(servers[i]?.asked.map((asked) => asked.headers.authorization)).toEqual(['Bearer CANARY'])
  }
})

test('another certificate is not trusted along, and neither is another host that the server forwards to', async () => {
  const tls = bad['self-signed']
  const trust = { host: '127.0.0.1', sha256: tls.sha256 }
  const other = await serve(bad['unknown-issuer'])
  const server = await serve(tls, (asked, response) => {
    const to = asked.path === '/away' ? `${server.url.replace('127.0.0.1', 'localhost')}/there` : '/end'
    if (asked.path === '/end') response.end('{}')
    else response.writeHead(307, { location: to }).end()
  })
  const [swapped, near, away] = await askAll([
    { url: other.url, trust },
    { url: `${server.url}/near`, trust },
    { url: `${server.url}/away`, trust },
  ])
  expect(swapped).toMatchObject({
    code: 'untrusted-certificate',
    certificate: { sha256: bad['unknown-issuer'].sha256 },
  })
  expect(near).toMatchObject({ status: 200, url: `${server.url}/end` })
  expect(away).toMatchObject({ code: 'untrusted-certificate', certificate: { host: 'localhost', sha256: tls.sha256 } })
  expect(other.asked).toEqual([])
  expect(server.asked.map((asked) => asked.path)).toEqual(['/near', '/end', '/away'])
})

test("the proxy of the user's settings holds where a certificate is trusted, also when it changes", async () => {
  const tls = bad['wrong-host']
  const server = await serve(tls)
  const tunnels = await Promise.all([1, 2].map(() => startTunnel(() => Number(new URL(server.url).port))))
  closing.push(...tunnels.map((tunnel) => tunnel.close))
  const [first, second] = tunnels.map((tunnel) => `http://${tunnel.host}`)
  const url = 'https://back-end.example/'
  const trust = { host: 'back-end.example', sha256: tls.sha256 }
  const answers = await askAll([
    { url, proxy: ['fixed', first as string] },
    { url, trust },
    { url, trust, proxy: ['fixed', second as string] },
    { url, trust: { ...trust, host: 'other.example' } },
  ])
  expect(answers.map((answer) => answer.status ?? answer.code)).toEqual([
    'untrusted-certificate',
    200,
    200,
    'untrusted-certificate',
  ])
  expect(answers[0]?.certificate).toMatchObject({ host: 'back-end.example', problem: 'wrong-host' })
  // and nothing else asked for anything: no dictionaries, no updates
  const passed = tunnels.map((tunnel) => new Set(tunnel.seen))
  expect(passed).toEqual([new Set(['back-end.example:443']), new Set(['back-end.example:443'])])
  expect(server.asked.length).toBe(2)
})

test('IPv6 literals: their certificates are refused and trusted alike', async () => {
  const tls = bad['self-signed']
  const server = await startLoopback((_asked, response) => void response.end('{}'), { tls, host: '::1' })
  closing.push(server.close)
  const answers = await askAll([{ url: server.url }, { url: server.url, trust: { host: '::1', sha256: tls.sha256 } }])
  expect(answers).toMatchObject([
    { code: 'untrusted-certificate', certificate: { host: '::1', problem: 'self-signed' } },
    { status: 200, url: `${server.url}/` },
  ])
})
