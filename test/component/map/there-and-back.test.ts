/** Promise: land that left the view, or gave way to finer land, is drawn again when the map comes back to it. */
import { afterEach, expect, test } from 'vitest'
import '../../../renderer/app/theme.css'
import { mountMap } from './mount.ts'

afterEach(() => document.documentElement.removeAttribute('data-theme'))

const LAND = [243, 242, 239]
const WATER = [223, 229, 234]
const SAHARA = { longitude: 5, latitude: 25 }
const ATLANTIC = { longitude: -40, latitude: 25 }

/** The middle of each view is bare land or open water, without names and borders. */
test('land is drawn again after the map was elsewhere', { timeout: 60_000 }, async () => {
  document.documentElement.dataset.theme = 'light'
  const { firstFrame, picture, view, problems } = await mountMap()
  await firstFrame
  const way = [
    [{ ...SAHARA, zoom: 5 }, LAND],
    [{ ...ATLANTIC, zoom: 5 }, WATER],
    [{ ...SAHARA, zoom: 5 }, LAND],
    [{ ...SAHARA, zoom: 2 }, LAND],
    [{ ...ATLANTIC, zoom: 2 }, WATER],
    [{ ...SAHARA, zoom: 5 }, LAND],
  ] as const
  for (const [target, colour] of way) {
    view.set(target)
    const middle = async () => (await picture()).at(view.project([target.longitude + 0.5, target.latitude + 0.5]))
    await expect.poll(middle, { timeout: 15_000 }).toEqual([...colour])
  }
  expect(problems).toEqual([])
})
