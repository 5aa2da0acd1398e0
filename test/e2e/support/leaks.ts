/**
 * No secret that a fake server issued or takes may be where it does not belong: in what main tells the window, in the
 * window's heap, in any file of the profile. Use: `await expectNoLeaks(swath)` while the window is open; `close` and
 * `kill` look through traffic and profile by themselves.
 * The one exception is what the test itself types into a form: it goes from the user to main, so the window has held it;
 * it is named in `typed` and looked for in the traffic to the window and in the files, not in the heap.
 * Why not the network here: the fakes record that, and the part `leaks` judges it.
 */
import type { Page } from '@playwright/test'
import { type Scan, type ScanKind, scanPath, secretsIn, settleScan } from '../../fakes/leaks.ts'
import { registeredSecrets, registerSecret, type Secret } from '../../fakes/recorder.ts'
import type { Swath } from './launch.ts'

const PLACES: Record<ScanKind, string> = {
  folder: 'the profile',
  traffic: 'what main told the window',
  heap: 'the heap of the window',
}

/** Everything that the window's memory holds after a collection of what nobody needs any more, as a snapshot. */
async function heapOf(page: Page): Promise<Buffer> {
  const session = await page.context().newCDPSession(page)
  try {
    const chunks: Buffer[] = []
    session.on('HeapProfiler.addHeapSnapshotChunk', ({ chunk }) => chunks.push(Buffer.from(chunk)))
    await session.send('HeapProfiler.enable')
    await session.send('HeapProfiler.collectGarbage')
    await session.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false })
    const heap = Buffer.concat(chunks)
    if (!heap.includes('"strings":[')) throw new Error('There is no heap snapshot.')
    return heap
  } finally {
    await session.detach()
  }
}

/** Where these secrets are. Judges and records nothing. */
export async function findLeaks(swath: Swath, secrets: readonly Secret[], typed: readonly string[] = []) {
  const heap = await heapOf(swath.page)
  const notTyped = secrets.filter(({ value }) => !typed.includes(value))
  return {
    folder: scanPath(swath.userData, secrets),
    traffic: scanPath(swath.trafficPath, secrets),
    heap: { files: 1, bytes: heap.length, leaks: secretsIn(heap, notTyped) },
  } satisfies Record<ScanKind, Scan>
}

/** @throws where a registered secret is in traffic, heap or profile: with its name and place, never its value */
export async function expectNoLeaks(swath: Swath, { typed = [] }: { typed?: readonly string[] } = {}): Promise<void> {
  const scans = await findLeaks(swath, registeredSecrets(), typed)
  for (const kind of ['folder', 'traffic', 'heap'] as const) settleScan(kind, PLACES[kind], scans[kind])
}

/** What an application that has ended leaves: its profile, and what it told the window. @throws as expectNoLeaks */
export function expectNothingLeft({ userData, trafficPath }: { userData: string; trafficPath: string }): void {
  if (registeredSecrets().length === 0) return
  settleScan('folder', PLACES.folder, scanPath(userData))
  settleScan('traffic', PLACES.traffic, scanPath(trafficPath))
}

/** The embedded back-end's password of this launch: a secret between main, that process and the clipboard. */
export async function registerEmbeddedPassword(swath: Swath): Promise<string> {
  const { url } = await swath.call<{ url: string | null }>('local', 'status')
  await swath.call('local', 'copy', { what: 'password' })
  const password = await swath.app.evaluate(({ clipboard }) => {
    const text = clipboard.readText()
    clipboard.clear()
    return text
  })
  registerSecret('password of the embedded back-end', password, ...(url === null ? [] : [url]))
  return password
}
