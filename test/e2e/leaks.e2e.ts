/**
 * The look for secrets at work: the embedded back-end's password is nowhere after the catalogue was read through it, and
 * a canary that is put into the traffic, the heap and the profile is found in each.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import { launchSwath, type Swath } from './support/launch.ts'
import { expectNoLeaks, findLeaks, registerEmbeddedPassword } from './support/leaks.ts'
import { WindowFrame } from './support/pages/window.ts'

let swath: Swath
test.beforeEach(async () => {
  swath = await launchSwath({ size: { width: 1280, height: 800 } })
  await expect
    .poll(() => swath.call<{ state: string }[]>('connections', 'list'))
    .toMatchObject([{ state: 'connected' }])
})
test.afterEach(() => swath.close())

test('the password of the embedded back-end is in no answer, no event, no heap and no file', async () => {
  await registerEmbeddedPassword(swath)
  const frame = new WindowFrame(swath.page)
  for (const page of ['Catalogue', 'Connections'] as const) await frame.open(page)
  await swath.call('diagnostics', 'requests')
  await expectNoLeaks(swath)
})

test('a planted canary is found in traffic, heap and profile; what was typed is looked for beside the heap', async () => {
  const canary = { name: 'canary', value: `planted-${crypto.randomUUID()}`, origins: [] }
  const nothing = { folder: { leaks: [] }, traffic: { leaks: [] }, heap: { leaks: [] } }
  expect(await findLeaks(swath, [canary])).toMatchObject(nothing)

  // in the middle of a long text, as in a document that was read: pieces of strings are joined as the window does it
  await swath.page.evaluate((value) => {
    const kept = JSON.parse(JSON.stringify({ text: `${'.'.repeat(5000)}${value}${'.'.repeat(5000)}` }))
    Object.assign(globalThis, { keptByTheTest: new Map([['deep', [kept]]]) })
  }, canary.value)
  await swath.app.evaluate(({ BrowserWindow }, value) => {
    BrowserWindow.getAllWindows()[0]?.webContents.send('nobody-listens', {
      deep: [{ authorization: `Bearer ${value}` }],
    })
  }, canary.value)
  writeFileSync(join(swath.userData, 'planted.log'), Buffer.from(`user:${canary.value}`).toString('base64'))

  const found = await findLeaks(swath, [canary])
  expect(found.folder.leaks).toEqual([expect.stringMatching(/^planted\.log, at \d+: canary \(base64/)])
  expect(found.traffic.leaks).toEqual([expect.stringContaining('canary (as it is)')])
  expect(found.heap.leaks).toEqual(['canary (as it is)'])
  expect((await findLeaks(swath, [canary], [canary.value])).heap.leaks).toEqual([])
  // all that main tells the window is recorded from the first call on
  expect(found.traffic.bytes).toBeGreaterThan(1000)
})
