/** Promise: every part is operable by keyboard, has a name, and keeps its contrast in light and dark. */
import '../../../renderer/app/theme.css'
import '../../../renderer/ui/controls.css'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { render } from 'vitest-browser-svelte'
import MenuHost from '../../../renderer/ui/MenuHost.svelte'
import { closeMenu, openMenu } from '../../../renderer/ui/menu.svelte.ts'
import ToastHost from '../../../renderer/ui/ToastHost.svelte'
import { Toasts } from '../../../renderer/ui/toasts.svelte.ts'
import { expectAccessible } from '../app/axe.ts'
import DialogHost from './DialogHost.svelte'
import Gallery from './Gallery.svelte'

const focused = () => document.activeElement as HTMLElement
const focus = (locator: { element(): Element }) => (locator.element() as HTMLElement).focus()

describe('the gallery', () => {
  beforeEach(async () => {
    await page.viewport(1000, 900)
    await render(Gallery)
  })

  test('axe finds nothing in any part, in light and dark', async () => {
    await expectAccessible()
  })

  test('every control is reached by Tab, and shows that it has the focus', async () => {
    focus(page.getByRole('button', { name: 'Run', exact: true }))
    const seen = new Set<Element>()
    for (let press = 0; press < 60; press++) {
      await userEvent.keyboard('{Tab}')
      const isRoundTrip = seen.has(focused()) && focused() !== [...seen].at(-1)
      if (isRoundTrip || focused() === document.body) break
      seen.add(focused())
    }
    const names = [...seen].map((element) => element.getAttribute('role') ?? element.tagName.toLowerCase())
    for (const kind of ['input', 'textarea', 'select', 'combobox', 'switch', 'tab', 'separator', 'button'])
      expect(names).toContain(kind)
    expect([...seen].filter((element) => element.getAttribute('role') === 'tab')).toHaveLength(1)
    expect([...seen].some((element) => (element as HTMLButtonElement).disabled)).toBe(false)
  })

  test('a field says its help, its error and that it is required', async () => {
    const formula = page.getByLabelText('Formula')
    await expect.element(formula).toHaveAttribute('aria-invalid', 'true')
    await expect.element(formula).toHaveAccessibleDescription('B9 is not a band of this collection.')
    await expect.element(page.getByLabelText('Name')).toHaveAccessibleDescription('Shown in lists.')
    await expect.element(page.getByLabelText('Name')).toHaveAttribute('aria-required', 'true')
  })

  test('a combobox filters, moves, chooses, and takes back what was typed', async () => {
    const box = page.getByRole('combobox', { name: 'Collection' })
    await expect.element(box).toHaveValue('Sentinel-2 L2A')
    focus(box)
    await userEvent.keyboard('land')
    await expect.element(page.getByRole('listbox').getByRole('option')).toHaveTextContent('Landsat 8 C2 L2')
    await userEvent.keyboard('{Enter}')
    await expect.element(box).toHaveValue('Landsat 8 C2 L2')
    await expect.element(box).toHaveAttribute('aria-expanded', 'false')
    await userEvent.keyboard('{ArrowDown}')
    const active = document.getElementById(box.element().getAttribute('aria-activedescendant') ?? '')
    expect(active?.textContent).toContain('Landsat 8')
    await expectAccessible()
    focus(box)
    await userEvent.keyboard('zzz{Enter}')
    await expect.element(page.getByText('Nothing is called that.')).toBeVisible()
    await userEvent.keyboard('{Escape}')
    await expect.element(box).toHaveValue('Landsat 8 C2 L2')
    await userEvent.fill(box, 'not for')
    await userEvent.keyboard('{Enter}{Escape}')
    await expect.element(box).toHaveValue('Landsat 8 C2 L2')
  })

  test('tabs: arrow keys move and show, one stop for Tab', async () => {
    focus(page.getByRole('tab', { name: /Logs/ }))
    await userEvent.keyboard('{ArrowRight}')
    await expect.element(page.getByRole('tab', { name: 'Chart' })).toHaveFocus()
    await expect.element(page.getByRole('tabpanel', { name: 'Chart' })).toHaveTextContent('Content b')
    await userEvent.keyboard('{ArrowRight}')
    await expect.element(page.getByRole('tab', { name: /Logs/ })).toHaveAttribute('aria-selected', 'true')
  })

  test('a splitter: arrow keys, Shift, limits, back to normal, and by mouse', async () => {
    const line = page.getByRole('separator')
    const now = () => Number(line.element().getAttribute('aria-valuenow'))
    focus(line)
    await userEvent.keyboard('{ArrowRight}')
    expect(now()).toBe(208)
    await userEvent.keyboard('{Shift>}{ArrowLeft}{/Shift}')
    expect(now()).toBe(160)
    await userEvent.keyboard('{End}{ArrowRight}')
    expect(now()).toBe(300)
    await userEvent.keyboard('{Home}{ArrowLeft}')
    expect(now()).toBe(100)
    await userEvent.keyboard('{Enter}')
    expect(now()).toBe(200)
    const box = line.element().getBoundingClientRect()
    const at = (clientX: number) => ({ clientX, clientY: box.top + 10, pointerId: 1, button: 0, bubbles: true })
    const element = line.element() as HTMLElement
    element.setPointerCapture = () => undefined
    element.dispatchEvent(new PointerEvent('pointerdown', at(200)))
    element.dispatchEvent(new PointerEvent('pointermove', at(260)))
    await vi.waitFor(() => expect(now()).toBe(260))
    element.dispatchEvent(new PointerEvent('pointermove', at(900)))
    await vi.waitFor(() => expect(now()).toBe(300))
    element.dispatchEvent(new PointerEvent('lostpointercapture', at(900)))
    element.dispatchEvent(new PointerEvent('pointermove', at(150)))
    expect(now()).toBe(300)
  })

  test('a switch says its state and is toggled by key', async () => {
    const toggle = page.getByRole('switch', { name: 'Show labels' })
    focus(toggle)
    await userEvent.keyboard(' ')
    await expect.element(toggle).toHaveAttribute('aria-checked', 'false')
  })

  test('a range of dates that ends before it starts says so', async () => {
    const group = page.getByRole('group', { name: 'Other dates' })
    await expect.element(group).toHaveAccessibleDescription('The start must be before the end.')
    const good = page.getByRole('group', { name: 'Dates', exact: true })
    await good.getByRole('button', { name: 'Summer' }).click()
    await expect.element(good.getByLabelText('From')).toHaveValue('2026-06-01')
    await expect.element(good.getByRole('button', { name: 'Summer' })).toHaveAttribute('aria-pressed', 'true')
  })

  test('a slider says its value in words', async () => {
    const slider = page.getByRole('slider', { name: 'Opacity' })
    focus(slider)
    await userEvent.keyboard('{Home}')
    await expect.element(slider).toHaveAttribute('aria-valuetext', '0 %')
  })

  test('an icon button shows its name at focus, and Escape takes it away', async () => {
    focus(page.getByRole('button', { name: 'Small' }))
    await userEvent.keyboard('{Tab}')
    await expect.element(page.getByRole('tooltip')).toHaveTextContent('Start')
    await userEvent.keyboard('{Escape}')
    await expect.element(page.getByRole('tooltip')).not.toBeInTheDocument()
  })

  test('a busy button cannot be pressed, and keeps the focus', async () => {
    const busy = page.getByRole('button', { name: 'Working' })
    await expect.element(busy).toHaveAttribute('aria-busy', 'true')
    focus(busy)
    expect(focused()).toBe(busy.element())
  })

  test('JSON folds and unfolds by key', async () => {
    const node = page.getByRole('group', { name: 'Process graph' }).getByRole('button', { name: /load1/ })
    await expect.element(node).toHaveAttribute('aria-expanded', 'true')
    focus(node)
    await userEvent.keyboard('{Enter}')
    await expect.element(node).toHaveAttribute('aria-expanded', 'false')
    await expect.element(node.getByText('2 entries')).toBeVisible()
  })
})

describe('a dialog', () => {
  test('takes the focus to its first field, keeps it inside, and gives it back', async () => {
    const screen = await render(DialogHost)
    await screen.getByRole('button', { name: 'Open' }).click()
    await expect.element(page.getByRole('dialog', { name: 'Rename area' })).toBeVisible()
    await expect.element(page.getByLabelText('Name')).toHaveFocus()
    await expectAccessible()
    for (let press = 0; press < 6; press++) {
      await userEvent.keyboard('{Tab}')
      // between the last and the first stop the browser itself may have the focus
      if (focused() !== document.body) expect(focused().closest('dialog')).not.toBeNull()
    }
    await userEvent.keyboard('{Escape}')
    await expect.element(page.getByRole('dialog')).not.toBeInTheDocument()
    await expect.element(screen.getByRole('button', { name: 'Open' })).toHaveFocus()
    await expect.element(screen.getByText('closed 1 times')).toBeVisible()
  })
})

describe('a menu', () => {
  test('arrow keys go round, letters find, what is off does not run, the focus comes back', async () => {
    const screen = await render(DialogHost)
    await render(MenuHost)
    const opener = screen.getByRole('button', { name: 'Open' }).element() as HTMLElement
    opener.focus()
    const run = vi.fn()
    const off = vi.fn()
    openMenu(opener, 'Job', [
      { id: 'a', title: 'Refresh', run },
      { id: 'b', title: 'Restart', isEnabled: false, run: off },
      'separator',
      { id: 'c', title: 'Remove', isDangerous: true, run },
    ])
    await expect.element(page.getByRole('menuitem', { name: 'Refresh' })).toHaveFocus()
    await expectAccessible()
    ;(page.getByRole('menuitem', { name: 'Refresh' }).element() as HTMLElement).focus()
    await userEvent.keyboard('{ArrowDown}{Enter}')
    expect(off).not.toHaveBeenCalled()
    await expect.element(page.getByRole('menu')).toBeVisible()
    await userEvent.keyboard('rem')
    await expect.element(page.getByRole('menuitem', { name: 'Remove' })).toHaveFocus()
    await userEvent.keyboard('{ArrowDown}')
    await expect.element(page.getByRole('menuitem', { name: 'Refresh' })).toHaveFocus()
    await userEvent.keyboard('{Enter}')
    expect(run).toHaveBeenCalledOnce()
    expect(focused()).toBe(opener)
    closeMenu()
  })
})

describe('toasts', () => {
  test('undo runs and takes the toast away; errors stay; at most three', async () => {
    const toasts = new Toasts()
    await render(ToastHost, { toasts })
    const undo = vi.fn()
    toasts.say('Area 3 was removed.', { undo })
    await page.getByRole('button', { name: 'Undo' }).click()
    expect(undo).toHaveBeenCalledOnce()
    await expect.element(page.getByText('Area 3 was removed.')).not.toBeInTheDocument()
    for (const text of ['one', 'two', 'three', 'four']) toasts.say(text, { tone: 'bad' })
    await expect.element(page.getByText('four')).toBeVisible()
    expect(toasts.all.map(({ text }) => text)).toEqual(['two', 'three', 'four'])
    expect(toasts.all.every(({ staysMs }) => staysMs === null)).toBe(true)
    await expectAccessible()
  })

  test('a toast goes by itself, but not while the pointer is on it', async () => {
    vi.useFakeTimers()
    try {
      const toasts = new Toasts()
      await render(ToastHost, { toasts })
      toasts.say('Saved.')
      await vi.advanceTimersByTimeAsync(10)
      document.querySelector('.toast')?.dispatchEvent(new PointerEvent('pointerenter'))
      await vi.advanceTimersByTimeAsync(60_000)
      expect(toasts.all).toHaveLength(1)
      document.querySelector('.toast')?.dispatchEvent(new PointerEvent('pointerleave'))
      await vi.advanceTimersByTimeAsync(6_000)
      expect(toasts.all).toHaveLength(0)
    } finally {
      vi.useRealTimers()
    }
  })
})

test('no part carries a style attribute in its markup, which the policy of the window would block', async () => {
  const sources = import.meta.glob('../../../renderer/**/*.svelte', { query: '?raw', import: 'default', eager: true })
  const found = Object.entries(sources as Record<string, string>).filter(([, source]) =>
    /<[a-z][^>]*\sstyle="/i.test(source.replace(/<(script|style)[\s\S]*?<\/\1>/g, '')),
  )
  expect(Object.keys(sources).length).toBeGreaterThan(20)
  expect(found.map(([path]) => path)).toEqual([])
})
