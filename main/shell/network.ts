/** Whether the computer has a network, as Electron sees it. A guess by design: a wrong "online" costs one failed request. */
import { net } from 'electron'

const PERIOD_MS = 3000

/** Calls back when it changes; the answer ends the watch. */
export function watchNetwork(changed: (isOnline: boolean) => void): () => void {
  let wasOnline = true
  const timer = setInterval(() => {
    const isOnline = net.isOnline()
    if (isOnline === wasOnline) return
    wasOnline = isOnline
    changed(isOnline)
  }, PERIOD_MS)
  return () => clearInterval(timer)
}
