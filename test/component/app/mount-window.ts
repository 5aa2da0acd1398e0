/** The whole window over a fake bridge, as main.ts starts it; taken down after each test. */
import '../../../renderer/app/theme.css'
import '../../../renderer/ui/controls.css'
import { flushSync, mount, unmount } from 'svelte'
import { afterEach } from 'vitest'
import App from '../../../renderer/App.svelte'
import type { App as Parts } from '../../../renderer/app/app.ts'
import { createApp } from '../../../renderer/app/create-app.ts'
import { tellFirstFrame } from '../../../renderer/app/first-frame.ts'
import { isFeatureName } from '../../../renderer/app/routes.ts'
import { closeMenu } from '../../../renderer/ui/menu.svelte.ts'
import type { FakeBridge } from './fake-bridge.ts'

let cleanUp: (() => Promise<void>) | undefined
afterEach(async () => {
  await cleanUp?.()
  cleanUp = undefined
})

/** Resolves when the layout is restored and the window stands; its stores may still be loading. */
export async function mountWindow(bridge: FakeBridge): Promise<Parts> {
  await cleanUp?.()
  const app = createApp(bridge)
  // the map, for whose first frame the rest of the window waits, is not what is tested here
  tellFirstFrame()
  await app.memory.restore(isFeatureName, { isReload: true })
  const target = document.createElement('div')
  target.id = 'app'
  document.body.append(target)
  const component = mount(App, { target, props: { app } })
  flushSync()
  cleanUp = async () => {
    closeMenu()
    await unmount(component)
    target.remove()
    delete document.documentElement.dataset.theme
  }
  return app
}
