/** Promise: settings are kept at once or say why not; diagnostics and transfers show what is, as it happens. */
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import type { App } from '../../../renderer/app/app.ts'
import { setClipboard } from '../../../renderer/ui/clipboard.ts'
import { defaultSettings, FakeFailure, fakeBridge } from './fake-bridge.ts'
import { mountWindow } from './mount-window.ts'
import { sampleAnswers, sampleRequests, sampleTransfers } from './sample.ts'

vi.mock('../../../renderer/layers/MapDesk.svelte', () => import('./StubDesk.svelte'))

let app: App
let bridge: ReturnType<typeof fakeBridge>
beforeEach(async () => {
  await page.viewport(1280, 800)
  bridge = fakeBridge(sampleAnswers)
  app = await mountWindow(bridge)
  await vi.waitFor(() => expect(app.stores.settings.value).toBeDefined())
})

describe('settings', () => {
  beforeEach(async () => {
    app.shell.open('settings')
    await expect.element(page.getByLabelText('Theme')).toBeVisible()
  })

  test('a choice is kept at once', async () => {
    await page.getByLabelText('Theme').selectOptions('dark')
    await vi.waitFor(() => expect(bridge.inputsOf('settings.change')).toEqual([{ theme: 'dark' }]))
    await vi.waitFor(() => expect(document.documentElement.dataset.theme).toBe('dark'))
  })

  test('a proxy address that is none is not kept, and says what is expected', async () => {
    bridge.answer('settings.change', (change: object) => ({ ...defaultSettings, ...change, revision: 5 }))
    await page.getByLabelText('Proxy', { exact: true }).selectOptions('fixed')
    const address = page.getByLabelText('Proxy address')
    await address.fill('javascript:alert(1)')
    await userEvent.keyboard('{Tab}')
    await expect.element(address).toHaveAttribute('aria-invalid', 'true')
    await expect.element(address).toHaveAccessibleDescription(/An address such as/)
    expect(bridge.inputsOf('settings.change')).toHaveLength(1)
    await address.fill('http://proxy.example.org:3128')
    await userEvent.keyboard('{Tab}')
    await vi.waitFor(() =>
      expect(bridge.inputsOf('settings.change').at(-1)).toEqual({
        proxy: { mode: 'fixed', url: 'http://proxy.example.org:3128' },
      }),
    )
  })

  test('a change that main refuses stands there with its reason', async () => {
    bridge.answer('settings.change', () => {
      throw new FakeFailure({ code: 'disk-full', message: 'The settings could not be kept.' })
    })
    await page.getByLabelText('Unit of areas').selectOptions('ha')
    const alert = page.getByRole('alert')
    await expect.element(alert.getByText('The disk is full.')).toBeVisible()
    await expect.element(alert.getByText('The settings could not be kept.')).toBeVisible()
  })
})

describe('diagnostics', () => {
  beforeEach(async () => {
    app.shell.open('diagnostics')
    await expect.element(page.getByRole('table', { name: 'Requests' })).toBeVisible()
  })
  const rows = () => [...document.querySelectorAll('tbody tr:not(.spare)')]

  test('requests appear as they happen; an answer replaces its pending row', async () => {
    const request = { ...sampleRequests[0], id: 999, url: 'http://127.0.0.1:1/new', outcome: 'pending', status: null }
    bridge.send({ feature: 'diagnostics', name: 'request', payload: request } as never)
    await vi.waitFor(() => expect(rows()[0]?.textContent).toContain('/new'))
    expect(rows()[0]?.textContent).toContain('under way')
    bridge.send({
      feature: 'diagnostics',
      name: 'request',
      payload: { ...request, outcome: 'answered', status: 201 },
    } as never)
    await vi.waitFor(() => expect(rows()[0]?.textContent).toContain('201'))
    await expect.element(page.getByText('301 requests')).toBeVisible()
    // a late "pending" changes nothing; the next request shows that the table has been drawn since
    bridge.send({ feature: 'diagnostics', name: 'request', payload: request } as never)
    bridge.send({ feature: 'diagnostics', name: 'request', payload: { ...request, id: 1000 } } as never)
    await expect.element(page.getByText('302 requests')).toBeVisible()
    expect(rows()[1]?.textContent).toContain('201')
  })

  test('the table is sorted by its headings, and holds only the rows that are seen', async () => {
    expect(rows().length).toBeLessThan(60)
    await page.getByRole('button', { name: 'Duration' }).click()
    await page.getByRole('button', { name: 'Duration' }).click()
    await expect
      .element(page.getByRole('columnheader', { name: 'Duration' }))
      .toHaveAttribute('aria-sort', 'descending')
    const longest = Math.max(...sampleRequests.map(({ durationMs }) => durationMs ?? 0))
    expect(rows()[0]?.textContent).toContain(`${longest} ms`)
  })

  test('the filter says how many fit and what to do when none does', async () => {
    await page.getByLabelText('Only failed').click()
    const failed = sampleRequests.filter(({ outcome, status }) => outcome === 'failed' || (status ?? 0) >= 400).length
    await expect.element(page.getByText(`${failed} of 300 requests`)).toBeVisible()
    await page.getByLabelText('Filter requests').fill('no such thing')
    await expect.element(page.getByText('No request fits this filter.', { exact: false })).toBeVisible()
  })

  test('a notice stays until it is dismissed', async () => {
    bridge.answer('diagnostics.dismissNotice', () => undefined)
    await page.getByRole('button', { name: 'Dismiss' }).click()
    await expect.element(page.getByText('The database was set aside')).not.toBeInTheDocument()
    expect(bridge.inputsOf('diagnostics.dismissNotice')).toEqual([{ id: 'n1' }])
  })

  test('saving diagnostics answers with the file’s name, and says nothing where the user canceled', async () => {
    bridge.answer('diagnostics.exportBundle', () => null)
    await page.getByRole('button', { name: 'Save diagnostics …' }).click()
    await vi.waitFor(() => expect(bridge.inputsOf('diagnostics.exportBundle')).toHaveLength(1))
    expect(app.toasts.all).toEqual([])
    bridge.answer('diagnostics.exportBundle', () => ({ fileName: 'swath-diagnostics.json' }))
    await page.getByRole('button', { name: 'Save diagnostics …' }).click()
    await expect.element(page.getByText('Saved as swath-diagnostics.json.')).toBeVisible()
  })
})

describe('transfers', () => {
  beforeEach(async () => {
    app.shell.openDrawer('transfers')
    await expect.element(page.getByRole('listbox', { name: 'Transfers' })).toBeVisible()
  })

  test('what is done with the selection acts on those that allow it', async () => {
    for (const verb of ['pause', 'resume', 'cancel'])
      bridge.answer(`transfers.${verb}`, ({ id }: { id: string }) => ({
        ...sampleTransfers.find((transfer) => transfer.id === id),
        revision: 2,
        state: verb === 'pause' ? 'paused' : 'waiting',
      }))
    app.selection.select('transfer', 't1', 't2', 't4')
    const bar = page.getByRole('group', { name: 'Selected transfers' })
    await bar.getByRole('button', { name: 'Pause' }).click()
    await vi.waitFor(() => expect(bridge.inputsOf('transfers.pause')).toEqual([{ id: 't1' }]))
    await vi.waitFor(() => expect(app.stores.transfers.get('t1')?.state).toBe('paused'))
    await bar.getByRole('button', { name: 'Resume' }).click()
    await vi.waitFor(() => expect(bridge.inputsOf('transfers.resume')).toEqual([{ id: 't1' }, { id: 't2' }]))
  })

  test('the context menu offers the same, by mouse and by key', async () => {
    await page.getByRole('option', { name: /NDVI of Inntal/ }).click({ button: 'right' })
    const menu = page.getByRole('menu', { name: 'Transfer' })
    await expect.element(menu).toBeVisible()
    expect([...menu.element().querySelectorAll('[role="menuitem"]')].map((item) => item.textContent?.trim())).toEqual([
      'Pause',
      'Resume',
      'Cancel',
    ])
    await userEvent.keyboard('{Escape}')
    await expect.element(menu).not.toBeInTheDocument()
    expect(app.selection.ids).toEqual(['t1'])
  })

  test('progress follows the events, and a failure stands in its row', async () => {
    bridge.send({
      feature: 'transfers',
      name: 'changed',
      payload: { ...sampleTransfers[0], revision: 2, receivedBytes: 92_000_000 },
    } as never)
    await expect.element(page.getByText(/92 MB of 184 MB, 50 %/)).toBeVisible()
    await expect.element(page.getByText('The server could not be reached.')).toBeVisible()
    await expect
      .element(page.getByRole('progressbar', { name: 'Progress of NDVI of Inntal, May to July 2026.tif' }))
      .toHaveAttribute('aria-valuenow', '50')
  })

  test('an empty drawer says what will be there', async () => {
    for (const { id } of sampleTransfers)
      bridge.send({ feature: 'transfers', name: 'removed', payload: { id } } as never)
    await expect.element(page.getByText('Nothing is on its way.', { exact: false })).toBeVisible()
  })
})

test('the details of a failure can be copied, without what the message says', async () => {
  const copied: string[] = []
  setClipboard(async (text) => {
    copied.push(text)
  })
  bridge.answer('settings.change', () => {
    throw new FakeFailure({ code: 'back-end', message: 'Private words.', serverRef: 'r-12' })
  })
  app.shell.open('settings')
  await page.getByLabelText('Unit of areas').selectOptions('ha')
  await page.getByRole('button', { name: 'Copy details' }).click()
  await expect.element(page.getByRole('button', { name: 'Copied' })).toBeVisible()
  expect(copied).toEqual(["Swath 0.1.0\nCode: back-end\nBack-end's reference: r-12\nLog reference: log-1"])
})
