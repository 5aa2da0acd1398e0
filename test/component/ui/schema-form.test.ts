/** Promise: every kind of field can be filled in by keyboard, says what is wrong with it, and loses nothing typed. */
import '../../../renderer/app/theme.css'
import '../../../renderer/ui/controls.css'
import { expect, test } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { render } from 'vitest-browser-svelte'
import { type FormPurpose, type FormValues, fieldsOf, type Schema } from '../../../renderer/ui/schema-form/fields.ts'
import { expectAccessible } from '../app/axe.ts'
import SchemaFormHost from './SchemaFormHost.svelte'

const schema: Schema = {
  required: ['size'],
  properties: {
    size: { type: 'integer', title: 'Tile size', description: 'In pixels.', minimum: 16 },
    method: { type: 'string', enum: ['near', 'cubic'], default: 'near' },
    tiled: { type: 'boolean', default: true },
    tags: { type: 'array', items: { type: 'string' } },
    levels: { type: 'array', items: { type: 'integer', minimum: 1 } },
    more: { type: 'object' },
    day: { type: 'string', format: 'date' },
    name: { type: 'string', pattern: '^[a-z]+$' },
    server: { type: 'string' },
    parts: { type: 'array', items: { enum: ['a', 'b'] } },
  },
}

async function form(purpose: FormPurpose = 'fill-in', more: object = {}) {
  let values: FormValues = {}
  await render(SchemaFormHost, {
    fields: fieldsOf(schema, purpose),
    told: (next: FormValues) => (values = next),
    ...more,
  })
  return () => JSON.parse(JSON.stringify(values))
}

test('filled in by keyboard alone', async () => {
  const values = await form()
  ;(page.getByRole('spinbutton', { name: 'Tile size (size)' }).element() as HTMLElement).focus()
  await userEvent.keyboard('512{Tab}')
  await userEvent.keyboard('{ArrowDown}{ArrowDown}{Tab}{ArrowDown}{ArrowDown}{Tab}')
  await userEvent.keyboard('one{Enter}{Enter} two {Tab}1{Enter}2{Tab}')
  await userEvent.keyboard('1.5')
  await expect.poll(values).toMatchObject({ size: 512, tags: ['one', 'two'], levels: [1, 2], more: 1.5 })
  // what stands in the area is what was typed, blank lines and all
  await expect.element(page.getByRole('textbox', { name: 'tags' })).toHaveValue('one\n\n two ')
  await expect.element(page.getByText('valid', { exact: true })).toBeVisible()
})

test('choices, with their defaults told; unset again', async () => {
  const values = await form()
  const method = page.getByRole('combobox', { name: 'method' })
  await expect.element(method.getByRole('option', { name: 'Default: near' })).toBeInTheDocument()
  await method.selectOptions('cubic')
  await page.getByRole('combobox', { name: 'tiled' }).selectOptions('No')
  await page.getByRole('checkbox', { name: 'b' }).click()
  await expect.poll(values).toEqual({ method: 'cubic', tiled: false, parts: ['b'] })
  await method.selectOptions('Default: near')
  await page.getByRole('checkbox', { name: 'b' }).click()
  await expect.poll(values).toEqual({ tiled: false })
})

test('what is wrong is said at its field, after it was touched or asked for', async () => {
  await form()
  await expect.element(page.getByText('This is needed.')).not.toBeInTheDocument()
  await expect.element(page.getByText('not valid')).toBeVisible()
  await page.getByRole('textbox', { name: 'more' }).fill('{"a": ')
  await expect.element(page.getByText('This is not valid JSON.')).toBeVisible()
  await expect.element(page.getByRole('textbox', { name: 'more' })).toHaveValue('{"a": ')
  await page.getByRole('textbox', { name: 'name' }).fill('A1')
  await expect.element(page.getByRole('textbox', { name: 'name' })).toHaveAttribute('aria-invalid', 'true')
  await expect.element(page.getByText('This has to match ^[a-z]+$')).toBeVisible()
  await expect.element(page.getByText('The back-end refused it.')).toBeVisible()
  await page.getByRole('spinbutton').fill('3')
  await expect.element(page.getByText('This has to be at least 16.')).toBeVisible()
  await expectAccessible(document.body)
})

test('as filters: ranges, open at each side; accessible', async () => {
  const values = await form('filter', { isAsked: true })
  const size = page.getByRole('group', { name: 'Tile size (size)' })
  await size.getByRole('spinbutton', { name: 'From' }).fill('20')
  await page.getByRole('group', { name: 'day' }).getByLabelText('To').fill('2025-06-30')
  await expect.poll(values).toEqual({ size: [20, null], day: [null, '2025-06-30'] })
  await size.getByRole('spinbutton', { name: 'To' }).fill('17')
  await expect.element(page.getByText('The first value is above the second.')).toBeVisible()
  await expectAccessible(document.body)
})
