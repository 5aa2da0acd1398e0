/** Servers that do wrong, as a user meets them: what is said, what can be done, and that it can be left at any time. */
import { expect, test } from '@playwright/test'
import { makeCertificate } from '../fakes/certificates.ts'
import { PLAIN } from '../fakes/openeo/profile.ts'
import { fillWithSamples } from '../fakes/openeo/samples.ts'
import { type BackEndOptions, CAPTIVE_PORTAL, type FakeBackEnd, startBackEnd } from '../fakes/openeo-back-end.ts'
import { launchSwath, type Swath } from './support/launch.ts'
import { ConnectionsPage } from './support/pages/connections.ts'

let swath: Swath
let connections: ConnectionsPage
const closing: (() => Promise<void>)[] = []
test.beforeAll(async () => {
  swath = await launchSwath({ size: { width: 1280, height: 800 } })
  connections = new ConnectionsPage(swath.page)
})
test.afterEach(async ({}, info) => {
  if (info.status !== info.expectedStatus)
    await info.attach('window', { body: await swath.page.screenshot(), contentType: 'image/png' })
  for (const close of closing.splice(0).reverse()) await close()
})
test.afterAll(async () => {
  expect(swath.problems).toEqual([])
  await swath.close()
})
async function fake(options: BackEndOptions = {}): Promise<FakeBackEnd> {
  const backEnd = fillWithSamples(await startBackEnd(options))
  closing.push(backEnd.close)
  return backEnd
}

test('a web page where a back-end was meant: said, and the address can be put right', async () => {
  const backEnd = await fake()
  const { dialog } = connections
  backEnd.failAlways('*', { html: '<!doctype html><title>Institute</title><h1>Welcome</h1>' })
  await connections.look(backEnd.address)
  await expect(dialog.getByRole('heading', { name: 'Nothing to connect to yet' })).toBeVisible()
  await expect(dialog.getByRole('alert')).toContainText(/web page|openEO back-end/)
  await dialog.getByRole('button', { name: 'Back' }).click()
  await expect(dialog.getByRole('combobox', { name: 'Name or address' })).toHaveValue(backEnd.address)
  backEnd.mend()
  await dialog.getByRole('option', { name: `Look at ${backEnd.address}` }).click()
  await expect(dialog.getByRole('heading', { name: 'Fake' })).toBeVisible()
  await dialog.getByRole('button', { name: 'Close' }).click()
})

test('an answer that does not come: left by Cancel, and the request with it', async () => {
  const backEnd = await fake()
  const { dialog } = connections
  let release = () => {}
  const until = new Promise<void>((resolve) => {
    release = resolve
  })
  backEnd.fail('GET /.well-known/openeo', { until })
  await connections.look(backEnd.address)
  await backEnd.asked('GET /.well-known/openeo')
  await expect(dialog.getByRole('status').first()).toContainText(`Asking ${backEnd.address} what it offers`)
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await expect(dialog.getByRole('combobox', { name: 'Name or address' })).toHaveValue(backEnd.address)
  release()
  await dialog.getByRole('option', { name: `Look at ${backEnd.address}` }).click()
  await expect(dialog.getByRole('heading', { name: 'Fake' })).toBeVisible()
  await dialog.getByRole('button', { name: 'Close' }).click()
  expect(backEnd.requests.filter(({ line }) => line === 'GET /')).toHaveLength(1)
})

test('a self-signed certificate is refused, shown, trusted for one connection, and refused for the next', async () => {
  const { sha256, ...tls } = makeCertificate()
  const backEnd = await fake({ tls })
  const { dialog, inspector } = connections
  await connections.look(backEnd.address)
  await expect(dialog.getByRole('heading', { name: 'The certificate is not trusted' })).toBeVisible()
  const shown = await dialog.locator('dd.print').innerText()
  expect(shown.replace(/\s/g, '').toLowerCase()).toBe(sha256)
  expect(backEnd.requests).toEqual([])
  await dialog.getByRole('button', { name: 'Trust this certificate for this connection' }).click()
  await expect(dialog.getByRole('heading', { name: 'Fake' })).toBeVisible()
  await connections.connect()
  await expect(connections.row('Fake')).toHaveAccessibleName(/^Fake, (Connected|Signed out)/)
  await expect(inspector.getByText('Certificate you trust')).toBeVisible()

  await connections.look(backEnd.address)
  await expect(dialog.getByRole('heading', { name: 'The certificate is not trusted' })).toBeVisible()
  await dialog.getByRole('button', { name: 'Close' }).click()

  await inspector.getByText('Certificate you trust').click()
  await inspector.getByRole('button', { name: 'Do not trust it any more' }).click()
  await expect(connections.row('Fake')).toHaveAccessibleName(/Certificate is not trusted/)
  await expect(inspector.getByRole('button', { name: 'Trust it for this connection' })).toBeVisible()
})

test('the sign-in page of a hotel: said, waited for, and over when the window is looked at again', async () => {
  const backEnd = await fake({ profile: { ...PLAIN, title: 'From afar' } })
  const { inspector } = connections
  await connections.add(backEnd.address)
  await expect(connections.row('From afar')).toHaveAccessibleName(/Signed out/)
  backEnd.failAlways('*', CAPTIVE_PORTAL)
  await connections.frame.act('Connect again')
  await expect(connections.row('From afar')).toHaveAccessibleName(/Does not answer/)
  await expect(inspector.getByText(/The network may ask for a sign-in/)).toBeVisible()
  backEnd.mend()
  await swath.app.evaluate(({ BrowserWindow }) => {
    const now = performance.now.bind(performance)
    performance.now = () => now() + 16_000
    const [window] = BrowserWindow.getAllWindows()
    window?.hide()
    window?.show()
  })
  await expect(connections.row('From afar')).toHaveAccessibleName(/Signed out/)
  await expect(inspector.getByText(/The network may ask for a sign-in/)).toBeHidden()
})
