/** Promise: the first frame shows land and water in the theme's colours, without a network. */
import { afterEach, expect, test } from 'vitest'
import '../../../renderer/app/theme.css'
import { mountMap } from './mount.ts'

afterEach(() => document.documentElement.removeAttribute('data-theme'))

const COLOURS = {
  light: { land: [243, 242, 239], water: [223, 229, 234] },
  dark: { land: [37, 39, 43], water: [23, 25, 28] },
}
for (const theme of ['light', 'dark'] as const) {
  test(`the first frame draws land and water (${theme})`, async () => {
    document.documentElement.dataset.theme = theme
    const { firstFrame, picture, view, problems } = await mountMap()
    expect(await firstFrame).toBeGreaterThan(0)
    const seen = await picture(`../../../out/shots/base-${theme}.png`)
    expect(seen.at(view.project([-40, 21]))).toEqual(COLOURS[theme].water)
    expect(seen.at(view.project([22, 21]))).toEqual(COLOURS[theme].land)
    expect(problems).toEqual([])
  })
}
