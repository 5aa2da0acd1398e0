/** Promise: a document in which names, links, ids and members come twice is shown whole. */
import { flushSync } from 'svelte'
import { expect, test } from 'vitest'
import { page } from 'vitest/browser'
import type { Entry, EntryKey } from '../../../preload/contract/catalogue.ts'
import { entryId, selectionKindOf } from '../../../renderer/catalogue/entry-id.ts'
import { searchFormsOf } from '../../../renderer/catalogue/search-forms.svelte.ts'
import { mountPages } from '../graphs/mount-pages.ts'
import { connection, workBridge } from '../graphs/sample-work.ts'
import { collectionDocument, entryOf, itemOf, keyOf, processDocument, runtimeDocument } from './entry-samples.ts'

const inspector = () => page.getByRole('region', { name: 'Inspector', exact: true })
const noFailure = () => expect(page.getByText(/This part has failed/).elements()).toHaveLength(0)
const federation = [
  { id: 'north', title: 'North', status: 'online' },
  { id: 'north', title: 'North again', status: 'online' },
]
async function show(entry: Entry, more: Record<string, (input: never) => unknown> = {}) {
  const bridge = workBridge({
    connections: [connection('embedded', { offers: ['collections', 'queryables', 'items'], federation } as never)],
  })
  bridge.answer('catalogue.entry', () => entry)
  bridge.answer('catalogue.queryables', () => null)
  bridge.answer('catalogue.previews', () => [])
  for (const [name, answer] of Object.entries(more)) bridge.answer(name, answer)
  const app = await mountPages(bridge, 'jobs')
  app.shell.inspect(selectionKindOf(entry.key.kind), entryId(entry.key))
  flushSync()
  return app
}
const twice = <T>(one: T): T[] => [one, one]

test('a collection: licence links, successors, summaries, bands, keywords, providers, members, previews, items', async () => {
  const licence = { rel: 'license', href: 'https://licence.example/l.pdf' }
  const successor = { rel: 'successor-version', href: 'https://back-end.example/collections/C1', title: 'Collection 1' }
  const key: EntryKey = keyOf('collection', 'TWICE')
  const document = {
    ...collectionDocument,
    license: 'other',
    keywords: twice('optical'),
    providers: twice({ name: 'ESA', roles: ['producer'], url: 'https://esa.example' }),
    links: [{ ...licence, title: 'PDF' }, { ...licence, title: 'Legal notice' }, ...twice(successor)],
    summaries: {
      ...(collectionDocument.summaries as object),
      datetime: { minimum: '2015-06-27', maximum: '2025-01-01' },
      Version: ['1'],
      Resolution: ['10 m'],
      'eo:bands': twice({ name: 'B04', common_name: 'red' }),
    },
  }
  const preview = {
    id: 'p1',
    kind: 'xyz',
    title: 'Tiles',
    host: 'tiles.example',
    minimumZoom: 0,
    maximumZoom: 9,
    attribution: null,
  }
  const app = await show(entryOf(key, document as never, { members: twice('north') }), {
    'catalogue.previews': () => twice(preview),
    'catalogue.items': () => ({ items: [itemOf(1), itemOf(1)], nextPage: null, matched: 2 }),
  })
  await expect
    .element(
      inspector()
        .getByRole('link', { name: /Legal notice/ })
        .first(),
    )
    .toBeVisible()
  await expect.element(inspector().getByRole('link', { name: /PDF/ }).first()).toBeVisible()
  expect(inspector().getByText('Version', { exact: true }).elements()).toHaveLength(2)
  await expect
    .poll(
      () =>
        inspector()
          .getByText(/xyz|tiles.example/i)
          .elements().length,
    )
    .toBeGreaterThan(1)
  searchFormsOf(app).of(key).isItemsOpen = true
  await inspector().getByRole('button', { name: 'Find items' }).click()
  await expect
    .poll(() => inspector().getByRole('list', { name: 'Items' }).getByRole('listitem').elements().length)
    .toBe(2)
  noFailure()
})

test('a process: parameters, limits, categories and examples', async () => {
  const [parameter] = processDocument.parameters as object[]
  const shared = { type: 'integer', minimum: 1, maximum: 5 }
  await show(
    entryOf(keyOf('process', 'twice'), {
      ...processDocument,
      id: 'twice',
      categories: twice('cubes'),
      parameters: [...twice(parameter), { name: 'n', description: '', schema: { ...shared, allOf: twice(shared) } }],
      examples: twice({ title: 'All of it', arguments: {} }),
    } as never),
  )
  await expect.element(inspector().getByRole('heading', { name: 'twice' })).toBeVisible()
  expect(inspector().getByText('cubes').elements()).toHaveLength(2)
  noFailure()
})

test('a UDF runtime: tags and versions', async () => {
  await show(entryOf(keyOf('udf-runtime', 'Python'), { ...runtimeDocument, tags: twice('latest') } as never))
  await expect.element(inspector().getByText('latest, latest')).toBeVisible()
  noFailure()
})
