/** The keyboard's view of the window: what has the focus, and how Tab comes to it. */
import type { Page } from '@playwright/test'

/** Accessible name of what has the focus, as far as keys need it. */
export const focused = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const element = document.activeElement
    const label =
      element?.getAttribute('aria-label') ??
      (element instanceof HTMLInputElement || element instanceof HTMLSelectElement
        ? element.labels?.[0]?.textContent
        : undefined) ??
      element?.textContent ??
      ''
    const labelledBy = element
      ?.getAttribute('aria-labelledby')
      ?.split(' ')
      .map((id) => document.getElementById(id)?.textContent ?? '')
    return (labelledBy?.join(' ') ?? label).replace(/\s+/g, ' ').trim()
  })

/** Presses Tab until the focus is on what is called so. */
export async function tabTo(page: Page, name: string | RegExp, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  const isIt = (found: string) => (typeof name === 'string' ? found === name : name.test(found))
  const seen: string[] = []
  for (let press = 0; press < 80; press++) {
    const found = await focused(page)
    if (isIt(found)) return
    seen.push(found.slice(0, 40))
    await page.keyboard.press(key)
  }
  throw new Error(`Tab never came to ${name}; it came to: ${seen.join(' | ')}`)
}
