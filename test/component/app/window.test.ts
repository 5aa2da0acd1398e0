/** Promise: everything in the window is reachable by keyboard, has a name, and comes back as it was left. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import type { App } from '../../../renderer/app/app.ts'
import { expectAccessible } from './axe.ts'
import { fakeBridge } from './fake-bridge.ts'
import { mountWindow } from './mount-window.ts'
import { sampleAnswers } from './sample.ts'

const focused = () => document.activeElement as HTMLElement
const paneOfFocus = () => focused().closest('[id^="pane-"]')?.id
vi.mock('../../../renderer/layers/MapDesk.svelte', () => import('./StubDesk.svelte'))

let app: App
let bridge: ReturnType<typeof fakeBridge>

beforeEach(async () => {
  await page.viewport(1280, 800)
  bridge = fakeBridge(sampleAnswers)
  app = await mountWindow(bridge)
  await expect.element(page.getByRole('button', { name: 'Embedded back-end: connected' })).toBeVisible()
})

describe('axe finds nothing, in light and dark', () => {
  test('at the start', async () => {
    document.documentElement.lang = 'en'
    document.title = 'Swath'
    await expectAccessible(document.documentElement)
  })
  test('with transfers, a selection and the pointer on the map', async () => {
    app.shell.openDrawer('transfers')
    app.mapStatus.pointer = { longitude: 11, latitude: 47 }
    app.mapStatus.metresPerPixel = 20
    app.mapStatus.value = '0.5'
    await expect.element(page.getByRole('option').first()).toBeVisible()
    app.selection.select('transfer', 't1', 't2')
    await expectAccessible()
  })
  test('in settings', async () => {
    app.shell.open('settings')
    await expect.element(page.getByLabelText('Theme')).toBeVisible()
    await expectAccessible()
  })
  test('in diagnostics', async () => {
    app.shell.open('diagnostics')
    await expect.element(page.getByRole('table', { name: 'Requests' })).toBeVisible()
    await expectAccessible()
  })
  test('in the command palette', async () => {
    app.shell.overlay = 'palette'
    await expect.element(page.getByRole('combobox', { name: 'What to do' })).toHaveFocus()
    await expectAccessible()
  })
  test('in the shortcuts help, with a toast', async () => {
    app.toasts.say('Done.', { undo: () => undefined })
    app.shell.overlay = 'shortcuts'
    await expect.element(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible()
    await expectAccessible()
  })
})

describe('by keyboard', () => {
  test('the palette finds a command, runs it, and gives the focus back', async () => {
    const rail = page.getByRole('button', { name: 'Settings' }).element() as HTMLElement
    app.selection.select('transfer', 't1')
    rail.focus()
    await userEvent.keyboard('{Control>}k{/Control}')
    await expect.element(page.getByRole('combobox', { name: 'What to do' })).toHaveFocus()
    await userEvent.keyboard('hidins{Enter}')
    await vi.waitFor(() => expect(app.memory.isInspectorOpen).toBe(false))
    expect(document.querySelector('dialog')).toBeNull()
    expect(focused()).toBe(rail)
  })

  test('the palette says when nothing fits, and Escape closes it', async () => {
    await userEvent.keyboard('{Control>}k{/Control}')
    await expect.element(page.getByRole('combobox', { name: 'What to do' })).toHaveFocus()
    await userEvent.keyboard('zzzzz')
    await expect.element(page.getByText('Nothing is called that.', { exact: false })).toBeVisible()
    await userEvent.keyboard('{Enter}')
    expect(app.shell.overlay).toBe('palette')
    await userEvent.keyboard('{Escape}')
    await vi.waitFor(() => expect(app.shell.overlay).toBeNull())
  })

  test('an action that is not enabled is shown and does not run', async () => {
    const run = vi.fn()
    app.actions.provide(() => [{ id: 'x', title: 'Zebra crossing', isEnabled: false, run }])
    await userEvent.keyboard('{Control>}k{/Control}')
    await expect.element(page.getByRole('combobox', { name: 'What to do' })).toHaveFocus()
    await userEvent.keyboard('zebra{Enter}')
    await expect.element(page.getByRole('option', { name: 'Zebra crossing' })).toHaveAttribute('aria-disabled', 'true')
    expect(run).not.toHaveBeenCalled()
  })

  test('actions of the selection come first, and are the same as the inspector’s', async () => {
    app.shell.openDrawer('transfers')
    await expect.element(page.getByRole('listbox', { name: 'Transfers' })).toBeVisible()
    app.selection.select('transfer', 't1')
    await userEvent.keyboard('{Control>}k{/Control}')
    await expect.element(page.getByRole('combobox', { name: 'What to do' })).toHaveFocus()
    const titles = [...document.querySelectorAll('dialog [role="option"] .title')].map((element) =>
      element.textContent?.trim(),
    )
    expect(titles.slice(0, 3)).toEqual(['Pause', 'Resume', 'Cancel'])
    expect(app.actions.of({ kind: 'transfer', id: 't1' }).map(({ title }) => title)).toEqual([
      'Pause',
      'Resume',
      'Cancel',
    ])
  })

  test('F6 goes round the panes and comes back to where the focus was in each', async () => {
    app.shell.openDrawer('transfers')
    app.selection.select('transfer', 't1')
    await expect.element(page.getByRole('listbox', { name: 'Transfers' })).toBeVisible()
    const settings = page.getByRole('button', { name: 'Settings' }).element() as HTMLElement
    settings.focus()
    const seen: (string | undefined)[] = []
    for (let press = 0; press < 5; press++) {
      await userEvent.keyboard('{F6}')
      seen.push(paneOfFocus())
    }
    expect(seen).toEqual(['pane-desk', 'pane-drawer', 'pane-inspector', 'pane-status', 'pane-rail'])
    expect(focused()).toBe(settings)
    await userEvent.keyboard('{Shift>}{F6}{/Shift}')
    expect(paneOfFocus()).toBe('pane-status')
  })

  test('the rail is one stop, and the arrow keys move along it', async () => {
    const buttons = [...document.querySelectorAll<HTMLElement>('#pane-rail button')]
    expect(buttons.filter(({ tabIndex }) => tabIndex === 0)).toHaveLength(1)
    buttons[0]?.focus()
    await userEvent.keyboard('{ArrowDown}{ArrowDown}')
    expect(focused()).toBe(buttons[2])
    await userEvent.keyboard('{End}')
    expect(focused()).toBe(buttons.at(-1))
    await userEvent.keyboard('{ArrowDown}')
    expect(focused()).toBe(buttons[0])
  })

  test('what takes the map’s place gives it back with Escape and F4', async () => {
    for (const key of ['{Escape}', '{F4}']) {
      await userEvent.keyboard('{Control>},{/Control}')
      await expect.element(page.getByRole('heading', { name: 'Settings' })).toBeVisible()
      await userEvent.keyboard(key)
      await expect.element(page.getByRole('region', { name: 'Map' })).toHaveFocus()
      expect(app.shell.workspace).toBeNull()
    }
  })

  test('a shortcut does nothing while a dialog is open, and none takes letters from a text field', async () => {
    const run = vi.fn()
    app.actions.provide(() => [{ id: 'x', title: 'Delete', shortcut: 'Delete', run }])
    await userEvent.keyboard('{F1}')
    await expect.element(page.getByRole('dialog')).toBeVisible()
    await userEvent.keyboard('{Delete}{Control>}i{/Control}')
    expect(app.memory.isInspectorOpen).toBe(true)
    await userEvent.keyboard('{Escape}')
    await vi.waitFor(() => expect(document.querySelector('dialog')).toBeNull())
    app.shell.open('diagnostics')
    await expect.element(page.getByLabelText('Filter requests')).toBeVisible()
    ;(page.getByLabelText('Filter requests').element() as HTMLElement).focus()
    await userEvent.keyboard('{Delete}')
    expect(run).not.toHaveBeenCalled()
    focused().blur()
    await userEvent.keyboard('{Delete}')
    expect(run).toHaveBeenCalledOnce()
  })

  test('a divider moves by arrow keys within its limits, and main remembers', async () => {
    app.selection.select('transfer', 't1')
    const divider = page.getByRole('separator', { name: 'Width of the inspector' })
    ;((await divider.findElement()) as HTMLElement).focus()
    const before = app.memory.inspectorWidthPx
    await userEvent.keyboard('{ArrowLeft}{ArrowLeft}')
    expect(app.memory.inspectorWidthPx).toBe(before + 16)
    await userEvent.keyboard('{Home}')
    await expect.element(divider).toHaveAttribute('aria-valuenow', '240')
    await vi.waitFor(() =>
      expect(bridge.inputsOf('settings.rememberWindow').at(-1)).toMatchObject({ inspectorWidthPx: 240 }),
    )
  })

  test('the skip link leads to the map', async () => {
    const link = page.getByRole('link', { name: 'Skip to the map' })
    ;(link.element() as HTMLElement).focus()
    await userEvent.keyboard('{Enter}')
    expect(paneOfFocus()).toBe('pane-desk')
  })
})

test('in a small window the panels give way and the map keeps its room', async () => {
  await page.viewport(900, 600)
  app.selection.select('transfer', 't1')
  app.memory.isListOpen = true
  app.memory.inspectorWidthPx = 720
  app.memory.listWidthPx = 640
  await vi.waitFor(() => {
    const desk = document.getElementById('pane-desk')?.getBoundingClientRect()
    expect(desk?.width).toBeGreaterThanOrEqual(340)
    expect(desk?.width).toBeLessThan(360)
    expect(document.getElementById('pane-inspector')?.getBoundingClientRect().right).toBe(900)
    expect(document.documentElement.scrollWidth).toBe(900)
  })
})

test('the status bar says that a connection failed, and what is on its way', async () => {
  await expect
    .element(page.getByRole('button', { name: 'Copernicus Data Space Ecosystem: does not answer' }))
    .toBeVisible()
  await expect.element(page.getByText('2 transfers, 67 %, 6.4 MB/s')).toBeVisible()
  bridge.send({
    feature: 'connections',
    name: 'removed',
    payload: { id: 'cdse' },
  } as never)
  await expect.element(page.getByText('Copernicus Data Space Ecosystem')).not.toBeInTheDocument()
})

describe('the offline mark', () => {
  let isOnLine = true
  const network = (is: boolean) => {
    isOnLine = is
    window.dispatchEvent(new Event(is ? 'online' : 'offline'))
  }
  beforeEach(() => {
    Object.defineProperty(navigator, 'onLine', { configurable: true, get: () => isOnLine })
    const remote = app.stores.connections.get('cdse')
    const twoHoursAgo = new Date(Date.now() - 2 * 3_600_000).toISOString()
    app.stores.connections.keep({ ...remote, state: 'connected', checkedAt: twoHoursAgo, revision: 2 } as never)
  })
  afterEach(() => {
    isOnLine = true
    delete (navigator as { onLine?: boolean }).onLine
  })

  test('comes and goes with the network of this computer, and says how old the data are', async () => {
    await expect.element(page.getByText(/^Offline/)).not.toBeInTheDocument()
    network(false)
    await expect.element(page.getByText('Offline, data from 2 h ago')).toBeVisible()
    network(true)
    await expect.element(page.getByText(/^Offline/)).not.toBeInTheDocument()
  })

  test('is there as well when no back-end can be reached; one that refuses has been reached', async () => {
    const fail = (code: string, revision: number) =>
      app.stores.connections.keep({
        ...app.stores.connections.get('cdse'),
        state: 'failed',
        failure: { code, message: '', retry: 'later', logRef: 'l' },
        revision,
      } as never)
    fail('forbidden', 3)
    await expect.element(page.getByRole('button', { name: /Copernicus.*: does not answer/ })).toBeVisible()
    await expect.element(page.getByText(/^No back-end answers/)).not.toBeInTheDocument()
    fail('time-out', 4)
    await expect.element(page.getByText('No back-end answers, data from 2 h ago')).toBeVisible()
  })
})

describe('the focus is never lost', () => {
  const railButton = () => document.getElementById('rail-jobs') as HTMLElement

  test('when a list is hidden: by its button in the rail, its own button, its key', async () => {
    railButton().focus()
    await userEvent.keyboard('{Enter}')
    await expect.element(page.getByRole('region', { name: 'Jobs' })).toBeVisible()
    expect(focused()).toBe(railButton())
    await userEvent.keyboard('{Enter}')
    await expect.element(page.getByRole('region', { name: 'Jobs' })).not.toBeInTheDocument()
    expect(focused()).toBe(railButton())
    await userEvent.keyboard('{Enter}')
    const hide = page.getByRole('button', { name: 'Hide jobs' })
    ;((await hide.findElement()) as HTMLElement).focus()
    await userEvent.keyboard('{Enter}')
    await vi.waitFor(() => expect(focused()).toBe(railButton()))
    await userEvent.keyboard('{Enter}')
    ;((await hide.findElement()) as HTMLElement).focus()
    await userEvent.keyboard('{Control>}b{/Control}')
    await vi.waitFor(() => expect(focused()).toBe(railButton()))
  })

  test('when the inspector or the drawer is hidden', async () => {
    app.selection.select('transfer', 't1')
    app.shell.openDrawer('transfers')
    for (const name of ['Hide inspector', 'Hide drawer']) {
      ;((await page.getByRole('button', { name }).findElement()) as HTMLElement).focus()
      await userEvent.keyboard('{Enter}')
      await vi.waitFor(() => expect(paneOfFocus()).toBe('pane-desk'))
    }
  })

  test('when a list is opened by its key, it goes there', async () => {
    railButton().focus()
    await userEvent.keyboard('{Control>}4{/Control}')
    await vi.waitFor(() => expect(paneOfFocus()).toBe('pane-list'))
    await userEvent.keyboard('{Control>}5{/Control}')
    await expect.element(page.getByRole('region', { name: 'Jobs' })).toBeVisible()
    await vi.waitFor(() => expect(paneOfFocus()).toBe('pane-list'))
  })
})

test('the inspector leaves its room to the map until something is selected, or it is asked for', async () => {
  const inspector = page.getByRole('region', { name: 'Inspector' })
  await expect.element(inspector).not.toBeInTheDocument()
  await userEvent.keyboard('{Control>}i{/Control}')
  await expect.element(inspector).toBeVisible()
  app = await mountWindow(bridge)
  await expect.element(inspector).not.toBeInTheDocument()
  app.selection.select('transfer', 't1')
  await expect.element(inspector).toBeVisible()
  // from then on it stays, so that the map does not jump
  app.selection.clear()
  await expect.element(page.getByText('Select something in a list', { exact: false })).toBeVisible()
  await userEvent.keyboard('{Control>}i{/Control}')
  await expect.element(inspector).not.toBeInTheDocument()
})

test('the theme that the user chose holds, whatever the system says', async () => {
  app.stores.settings.keep({ ...app.stores.settings.value, revision: 9, theme: 'dark' } as never)
  await vi.waitFor(() => expect(document.documentElement.dataset.theme).toBe('dark'))
  expect(app.theme.isDark).toBe(true)
  app.stores.settings.keep({ ...app.stores.settings.value, revision: 10, theme: 'system' } as never)
  await vi.waitFor(() => expect(document.documentElement.dataset.theme).toBeUndefined())
})

test('a part that fails spares the rest of the window, goes to the log, and can be shown again', async () => {
  bridge.answer('diagnostics.reportProblem', () => ({ logRef: 'l' }))
  const { pages } = await import('../../../renderer/app/routes.ts')
  const { default: Fragile } = await import('./Fragile.svelte')
  const { workspace } = pages.settings
  pages.settings.workspace = async () => ({ default: Fragile })
  try {
    app.shell.open('settings')
    await expect.element(page.getByText('This part has failed')).toBeVisible()
    await expect.element(page.getByRole('button', { name: 'Embedded back-end: connected' })).toBeVisible()
    await vi.waitFor(() =>
      expect(bridge.inputsOf('diagnostics.reportProblem')).toMatchObject([{ message: 'Error: fragile' }]),
    )
    document.body.dataset.mended = 'yes'
    await page.getByRole('button', { name: 'Show it again' }).click()
    await expect.element(page.getByText('It holds.')).toBeVisible()
  } finally {
    delete document.body.dataset.mended
    if (workspace) pages.settings.workspace = workspace
  }
})

test('an error that nobody handles goes to the log, once', async () => {
  const { reportProblems } = await import('../../../renderer/app/problems.ts')
  const reportProblem = vi.fn(async () => ({ logRef: 'l' }))
  const stop = reportProblems({ diagnostics: { reportProblem } } as never)
  const error = new Error('broken')
  const swallow = (event: Event) => event.preventDefault()
  window.addEventListener('error', swallow)
  for (let time = 0; time < 3; time++)
    window.dispatchEvent(new ErrorEvent('error', { error, message: 'broken', cancelable: true }))
  window.removeEventListener('error', swallow)
  stop()
  expect(reportProblem).toHaveBeenCalledOnce()
  expect(reportProblem).toHaveBeenCalledWith(expect.objectContaining({ message: 'Error: broken' }))
})
