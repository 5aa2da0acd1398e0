/** Promise: a back-end that states the same thing twice is shown, and can be connected to and agreed with all the same. */
import { expect, test } from 'vitest'
import { page } from 'vitest/browser'
import type { Connection } from '../../../preload/contract/connections.ts'
import { agreedLinks, termsName } from '../../../renderer/connections/terms.ts'
import { mountPages } from '../graphs/mount-pages.ts'
import { account, connectionsBridge, details, embedded, found, members, methods, openeo } from './world.ts'

const legal = 'https://example.org/legal'
const bothInOne = [
  { kind: 'terms-of-service', href: legal, title: 'Legal', agreedAt: null },
  { kind: 'privacy-policy', href: legal, title: 'Legal', agreedAt: null },
] as const
const link = { href: 'https://example.org/page', title: 'Page', rel: 'about' }
const plan = { name: 'free', description: 'For trying out.', isPaid: false, url: null }
const dialog = () => page.getByRole('dialog')
const inspector = () => page.getByRole('region', { name: 'Inspector' })
const noFailure = () => expect(page.getByText(/This part has failed/).elements()).toHaveLength(0)

test('one link for terms and privacy policy: each is ticked, and the link is sent once', async () => {
  const twice = { url: 'https://openeo.example.org/openeo/1.2', apiVersion: '1.2.0', isProduction: true }
  const { bridge } = connectionsBridge([embedded], {
    'connections.discover': () =>
      found({
        terms: bothInOne,
        members: [...members, ...members],
        versions: [
          { ...twice, isSupported: true },
          { ...twice, isSupported: true },
        ],
      }),
    'connections.add': () => openeo('Platform'),
  })
  const app = await mountPages(bridge, 'connections')
  app.actions
    .general()
    .find(({ id }) => id === 'connections.add')
    ?.run()
  await page.getByRole('combobox', { name: 'Name or address' }).fill('openeo.example.org')
  await page.getByRole('option', { name: /Look at/ }).click()
  const connect = dialog().getByRole('button', { name: 'Connect' })
  await dialog().getByRole('checkbox', { name: 'I agree to the terms of service' }).click()
  await expect.element(connect).toHaveAccessibleDescription('Agree to the privacy policy to connect.')
  await expect.element(connect).toBeDisabled()
  await expect.element(dialog().getByRole('checkbox', { name: 'I agree to the privacy policy' })).not.toBeChecked()
  await dialog().getByRole('checkbox', { name: 'I agree to the privacy policy' }).click()
  await connect.click()
  await expect.poll(() => bridge.inputsOf('connections.add')).toMatchObject([{ agreed: [legal] }])
  noFailure()
})

async function open(connection: Connection, answers: Record<string, (input: never) => unknown>) {
  const world = connectionsBridge([embedded, connection], answers)
  const app = await mountPages(world.bridge, 'connections')
  await expect.poll(() => app.stores.connections.count).toBe(2)
  app.shell.inspect('connection', connection.id)
  await expect.element(inspector().getByRole('heading', { name: connection.title })).toBeVisible()
  return world
}

test('the page of a connection whose terms, plans, members, offers and links all come twice', async () => {
  const { bridge } = await open(
    openeo('Platform', {
      signIn: 'signed-in',
      userName: 'Jane Doe',
      federation: [...members, ...members],
      offers: ['collections', 'collections', 'account', 'oidc'],
    }),
    {
      'connections.details': ({ id }: { id: string }) =>
        details(id, {
          terms: bothInOne,
          links: [link, link],
          lacks: [
            { offer: 'estimate', because: 'No.' },
            { offer: 'estimate', because: 'No.' },
          ],
          conformsTo: ['a', 'a'],
          billing: { currency: 'EUR', defaultPlan: 'free', plans: [plan, plan] },
        }),
      'connections.account': () => account({ links: [link, link], roles: ['a', 'a'] }),
      'connections.agree': () => openeo('Platform', { revision: 2 }),
    },
  )
  await expect.element(inspector().getByText('412.5 EUR')).toBeVisible()
  await inspector().getByText('Plans', { exact: true }).click()
  expect(inspector().getByText('For trying out.').elements()).toHaveLength(2)
  const agree = inspector().getByRole('button', { name: 'Agree', exact: true })
  await inspector().getByRole('checkbox', { name: 'I agree to the terms of service' }).click()
  await expect.element(agree).toBeDisabled()
  await inspector().getByRole('checkbox', { name: 'I agree to the privacy policy' }).click()
  await agree.click()
  await expect.poll(() => bridge.inputsOf('connections.agree')).toMatchObject([{ agreed: [legal] }])
  noFailure()
})

test('a sign-in whose providers have one id and whose links come twice', async () => {
  const [first] = methods().providers
  await open(openeo('Platform'), {
    'connections.signInMethods': () =>
      methods({
        providers: [
          { ...first, links: [link, link] },
          { ...first, title: 'The same again' },
        ],
      }),
  })
  await expect.element(inspector().getByRole('button', { name: /Sign in with EGI Check-in/ })).toBeVisible()
  expect(inspector().getByRole('link', { name: /Page/ }).elements()).toHaveLength(2)
  noFailure()
})

test('agreed to is a link of which every role is ticked', () => {
  const [terms, privacy] = bothInOne
  expect(agreedLinks(bothInOne, new Set([termsName(terms)]))).toEqual([])
  expect(agreedLinks(bothInOne, new Set([termsName(privacy), termsName(terms)]))).toEqual([legal])
  expect(agreedLinks([terms, { ...privacy, href: 'https://b.example/' }], new Set([termsName(terms)]))).toEqual([legal])
})
