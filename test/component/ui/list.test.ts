/** Promise: ten thousand rows are as quick and as reachable as ten. */
import '../../../renderer/app/theme.css'
import '../../../renderer/ui/controls.css'
import { beforeEach, expect, test, vi } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { render } from 'vitest-browser-svelte'
import { expectAccessible } from '../app/axe.ts'
import ListHost from './ListHost.svelte'

const rows = Array.from({ length: 10_000 }, (_, index) => ({ id: `r${index}`, name: `Row ${index}` }))
const list = () => page.getByRole('listbox', { name: 'Rows' })
const output = () => document.querySelector('output')?.textContent
const options = () => [...document.querySelectorAll('[role="option"]')]
const activeText = () =>
  document.getElementById(list().element().getAttribute('aria-activedescendant') ?? '')?.textContent?.trim()

beforeEach(async () => {
  await page.viewport(800, 600)
})
async function show(props: Partial<Parameters<typeof render>[1]> & object = {}) {
  const screen = await render(ListHost, { items: rows, ...props } as never)
  ;(list().element() as HTMLElement).focus()
  return screen
}

test('only the rows that are seen exist, and each knows its place', async () => {
  await show()
  expect(options().length).toBeLessThan(30)
  expect(options()[0]?.getAttribute('aria-setsize')).toBe('10000')
  await userEvent.keyboard('{End}')
  expect(output()).toBe('1 r9999')
  await vi.waitFor(() => expect(activeText()).toBe('Row 9999'))
  expect(options().at(-1)?.getAttribute('aria-posinset')).toBe('10000')
  expect(options().length).toBeLessThan(30)
  await expectAccessible()
})

test('arrow, page, home and end keys move, and the row is always in sight', async () => {
  await show()
  await userEvent.keyboard('{ArrowDown}{ArrowDown}')
  expect(output()).toBe('1 r1')
  await userEvent.keyboard('{PageDown}{PageDown}')
  expect(output()).toBe('1 r19')
  const frame = list().element().getBoundingClientRect()
  await vi.waitFor(() => expect(activeText()).toBe('Row 19'))
  const row = document
    .getElementById(list().element().getAttribute('aria-activedescendant') ?? '')
    ?.getBoundingClientRect()
  expect(row?.bottom).toBeLessThanOrEqual(frame.bottom + 1)
  await userEvent.keyboard('{PageUp}{Home}{ArrowUp}')
  expect(output()).toBe('1 r0')
  expect(list().element().scrollTop).toBe(0)
})

test('several rows by Shift, Ctrl and mouse; the one touched last comes first', async () => {
  await show({ isMulti: true })
  await userEvent.keyboard('{ArrowDown}{Shift>}{ArrowDown}{ArrowDown}{/Shift}')
  expect(output()).toBe('3 r2 r1 r0')
  await userEvent.keyboard('{Shift>}{ArrowUp}{/Shift}')
  expect(output()).toBe('2 r1 r0')
  await page.getByText('Row 5', { exact: true }).click({ modifiers: ['Control'] })
  expect(output()).toBe('3 r5 r1 r0')
  await page.getByText('Row 1', { exact: true }).click({ modifiers: ['Control'] })
  expect(output()).toBe('2 r5 r0')
  await page.getByText('Row 7', { exact: true }).click()
  await page.getByText('Row 4', { exact: true }).click({ modifiers: ['Shift'] })
  expect(output()).toBe('4 r4 r5 r6 r7')
  await userEvent.keyboard('{Control>}{ArrowDown}{ArrowDown}{/Control} ')
  expect(output()).toBe('3 r4 r5 r7')
  await userEvent.keyboard('{Control>}a{/Control}')
  expect(output()?.startsWith('10000 ')).toBe(true)
})

test('without multiple selection, Shift and Ctrl choose one', async () => {
  await show()
  await page.getByText('Row 2', { exact: true }).click()
  await page.getByText('Row 4', { exact: true }).click({ modifiers: ['Shift'] })
  expect(output()).toBe('1 r4')
})

test('typing goes to the row that begins so', async () => {
  await show()
  await userEvent.keyboard('row')
  await userEvent.keyboard('{ArrowDown}')
  expect(output()).toBe('1 r1')
})

test('Enter and a double click open, the context menu selects first', async () => {
  const onactivate = vi.fn()
  const onmenu = vi.fn((event: MouseEvent) => event.preventDefault())
  await show({ onactivate, onmenu })
  await userEvent.keyboard('{ArrowDown}{Enter}')
  expect(onactivate).toHaveBeenLastCalledWith(rows[0])
  await page.getByText('Row 3', { exact: true }).dblClick()
  expect(onactivate).toHaveBeenLastCalledWith(rows[3])
  await page.getByText('Row 6', { exact: true }).click({ button: 'right' })
  expect(output()).toBe('1 r6')
  expect(onmenu).toHaveBeenLastCalledWith(expect.anything(), rows[6])
})

test('a list that shrinks or empties keeps working', async () => {
  const screen = await show()
  await userEvent.keyboard('{End}')
  await screen.rerender({ items: rows.slice(0, 3) } as never)
  await vi.waitFor(() => expect(options()).toHaveLength(3))
  await userEvent.keyboard('{ArrowDown}')
  expect(output()).toBe('1 r0')
  await screen.rerender({ items: [] } as never)
  await userEvent.keyboard('{ArrowDown}{Enter}{End} ')
  expect(options()).toHaveLength(0)
})

test('drawing ten thousand rows takes no more than a moment', async () => {
  const from = performance.now()
  await show()
  expect(performance.now() - from).toBeLessThan(500)
})
