/** Asks axe about what is on the page, in the light and in the dark theme. */
import axe from 'axe-core'
import { expect } from 'vitest'

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

async function violations(root: Element): Promise<string[]> {
  const { violations } = await axe.run(root, {
    runOnly: RULES,
    // a component alone is no page: landmarks and headings are checked on the whole window
    rules: root === document.documentElement ? {} : { region: { enabled: false } },
  })
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary?.replace(/\s+/g, ' ')}`),
  )
}

/** Fails with axe's words for each violation; leaves the theme as the system's. */
export async function expectAccessible(root: Element = document.body): Promise<void> {
  for (const theme of ['light', 'dark'] as const) {
    document.documentElement.dataset.theme = theme
    await new Promise(requestAnimationFrame)
    for (const animation of document.getAnimations()) {
      const timing = animation.effect?.getComputedTiming()
      if (timing?.endTime !== Number.POSITIVE_INFINITY) animation.finish()
    }
    expect(await violations(root), `axe, ${theme} theme`).toEqual([])
  }
  delete document.documentElement.dataset.theme
}
