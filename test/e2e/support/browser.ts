/** The system's browser as the application asks for it: addresses are noted, and nothing is opened. */
import type { Swath } from './launch.ts'

/** From now on; of this launch. */
export const watchBrowser = (swath: Swath): Promise<void> =>
  swath.app.evaluate(({ shell }) => {
    const opened: string[] = []
    Object.assign(globalThis, { openedByTheTest: opened })
    shell.openExternal = async (url) => void opened.push(url)
  })

/** What it was asked to open, in order. */
export const openedPages = (swath: Swath): Promise<string[]> =>
  swath.app.evaluate(() => (globalThis as unknown as { openedByTheTest: string[] }).openedByTheTest)
