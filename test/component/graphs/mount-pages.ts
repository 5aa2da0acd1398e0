/** The panels of the window over a fake bridge; taken down after each test. */
import '../../../renderer/app/theme.css'
import '../../../renderer/ui/controls.css'
import { flushSync, mount, unmount } from 'svelte'
import { afterEach } from 'vitest'
import { page } from 'vitest/browser'
import type { FeatureName } from '../../../preload/contract/index.ts'
import type { App } from '../../../renderer/app/app.ts'
import { createApp } from '../../../renderer/app/create-app.ts'
import { tellFirstFrame } from '../../../renderer/app/first-frame.ts'
import { closeMenu } from '../../../renderer/ui/menu.svelte.ts'
import type { FakeBridge } from '../app/fake-bridge.ts'
import PagesHost from './PagesHost.svelte'

let cleanUp: (() => Promise<void>) | undefined
afterEach(async () => {
  await cleanUp?.()
  cleanUp = undefined
})

/** The App with this feature's list open; the stores may still be loading. */
export async function mountPages(bridge: FakeBridge, feature: FeatureName): Promise<App> {
  await cleanUp?.()
  await page.viewport(1280, 900)
  const app = createApp(bridge)
  // the map, for whose first frame the rest of the window waits, is not what is tested here
  tellFirstFrame()
  const target = document.createElement('div')
  document.body.append(target)
  app.shell.open(feature)
  const component = mount(PagesHost, { target, props: { app } })
  flushSync()
  cleanUp = async () => {
    closeMenu()
    await unmount(component)
    target.remove()
    delete document.documentElement.dataset.theme
  }
  return app
}
