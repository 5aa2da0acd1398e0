/** The window as Chromium really runs it: sandboxed, isolated, under its policy, without a way out. */
import { expect, test } from '@playwright/test'
import { launchSwath, type Swath } from './support/launch.ts'

let swath: Swath
test.beforeAll(async () => {
  swath = await launchSwath()
})
test.afterAll(() => swath.close())

test('web preferences: sandbox, isolation, no Node anywhere', async () => {
  const preferences = await swath.app.evaluate(({ BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents as unknown as {
      getLastWebPreferences(): Electron.WebPreferences
    }
    const {
      sandbox,
      contextIsolation,
      nodeIntegration,
      nodeIntegrationInWorker = false,
      webSecurity,
      webviewTag,
    } = contents.getLastWebPreferences()
    return { sandbox, contextIsolation, nodeIntegration, nodeIntegrationInWorker, webSecurity, webviewTag }
  })
  expect(preferences).toEqual({
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    webSecurity: true,
    webviewTag: false,
  })
  expect(
    await swath.page.evaluate(() => ['require', 'process', 'module'].filter((name) => name in globalThis)),
  ).toEqual([])
})

test('the bridge has three functions and no more', async () => {
  const names = await swath.page.evaluate(() =>
    Object.keys((globalThis as unknown as { bridge: object }).bridge).sort(),
  )
  expect(names).toEqual(['call', 'droppedPath', 'onEvent'])
})

test('the policy stops eval, inline script, inline style, foreign addresses and frames', async () => {
  const blocked = await swath.page.evaluate(
    () =>
      new Promise<string[]>((resolve) => {
        const seen = new Set<string>()
        document.addEventListener('securitypolicyviolation', (event) => seen.add(event.effectiveDirective))
        setTimeout(() => {
          const script = document.createElement('script')
          script.textContent = 'globalThis.wasRun = true'
          const style = document.createElement('style')
          style.textContent = 'body { display: none }'
          const frame = document.createElement('iframe')
          frame.src = 'https://example.org/'
          const image = document.createElement('img')
          image.src = 'https://example.org/pixel.png'
          document.body.append(script, style, frame, image)
          void fetch('https://example.org/').catch(() => {})
          try {
            new Function('return 1')()
          } catch {
            // the violation is what counts
          }
        }, 0)
        const poll = setInterval(() => {
          if (seen.size < 6) return
          clearInterval(poll)
          resolve([...seen].sort())
        }, 20)
      }),
  )
  expect(blocked).toEqual(['connect-src', 'frame-src', 'img-src', 'script-src', 'script-src-elem', 'style-src-elem'])
  expect(await swath.page.evaluate(() => 'wasRun' in globalThis)).toBe(false)
})

test('no navigation and no new window', async () => {
  const before = swath.page.url()
  await swath.page.evaluate(() => {
    const link = document.createElement('a')
    link.href = 'https://example.org/'
    document.body.append(link)
    link.click()
    link.remove()
  })
  expect(await swath.page.evaluate(() => window.open('https://example.org/'))).toBeNull()
  expect(swath.page.url()).toBe(before)
  expect(await swath.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1)
})

test('permissions are refused, but for writing to the clipboard', async () => {
  const answers = await swath.page.evaluate(async () => {
    const ask = async (name: string) => (await navigator.permissions.query({ name: name as PermissionName })).state
    return {
      geolocation: await ask('geolocation'),
      camera: await ask('camera'),
      notifications: await Notification.requestPermission(),
    }
  })
  expect(answers).toEqual({ geolocation: 'denied', camera: 'denied', notifications: 'denied' })
})

test.describe('the door', () => {
  const call = (feature: string, name: string, input?: unknown) =>
    swath.page.evaluate(
      ([f, n, i]) =>
        (globalThis as unknown as { bridge: { call(f: string, n: string, i: unknown): Promise<unknown> } }).bridge.call(
          f as string,
          n as string,
          i,
        ),
      [feature, name, input] as const,
    )

  for (const [feature, name] of [
    ['__proto__', 'toString'],
    ['constructor', 'constructor'],
    ['areas', '__proto__'],
    ['areas', 'hasOwnProperty'],
    ['nothing', 'list'],
  ] as const) {
    test(`${feature}.${name} does not exist`, async () => {
      expect(await call(feature, name)).toMatchObject({ ok: false, error: { code: 'bug' } })
    })
  }
  test('input that breaks the contract is refused with the field', async () => {
    expect(await call('areas', 'update', { id: 7 })).toMatchObject({
      ok: false,
      error: { code: 'invalid-input', fields: { id: expect.any(String) } },
    })
  })
  test('only web addresses are opened', async () => {
    for (const url of ['file:///etc/passwd', 'javascript:alert(1)', 'smb://host/x'])
      expect(await call('diagnostics', 'openLink', { url })).toMatchObject({
        ok: false,
        error: { code: 'invalid-input' },
      })
  })
  test('a raster can be opened by a layer only, never by a path', async () => {
    expect(await call('layers', 'add', { resultId: '../../etc', assetKey: '../passwd' })).toMatchObject({
      ok: false,
      error: { code: 'not-found' },
    })
  })
})

test('a frame of the same origin inside the window may not call', async () => {
  const reply = await swath.app.evaluate(async ({ BrowserWindow, ipcMain }) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents
    const handlers = (
      ipcMain as unknown as { _invokeHandlers: Map<string, (event: object, ...values: unknown[]) => Promise<unknown>> }
    )._invokeHandlers
    return handlers.get('app:call')?.(
      { senderFrame: { origin: 'app://ui', parent: contents?.mainFrame } },
      'areas',
      'list',
      undefined,
    )
  })
  expect(reply).toMatchObject({ ok: false, error: { code: 'bug' } })
})

test('the bundle’s scheme gives out nothing beside the bundle', async () => {
  for (const path of ['app://ui/..%2f..%2fpackage.json', 'app://ui/nothing.js', 'app://other/index.html'])
    expect(
      await swath.page.evaluate(
        (url) =>
          fetch(url).then(
            (answer) => answer.status,
            () => 404,
          ),
        path,
      ),
    ).toBe(404)
})

test('the password of the embedded back-end never reaches the window', async () => {
  const texts = await swath.page.evaluate(async () => {
    const { bridge } = globalThis as unknown as {
      bridge: { call(f: string, n: string, i?: unknown): Promise<unknown> }
    }
    const answers = await Promise.all([
      bridge.call('local', 'status'),
      bridge.call('connections', 'list'),
      bridge.call('diagnostics', 'requests'),
    ])
    return JSON.stringify(answers)
  })
  await expect
    .poll(() => swath.call<{ state: string }[]>('connections', 'list'))
    .toMatchObject([{ state: 'connected' }])
  await swath.call('local', 'copy', { what: 'password' })
  const password = await swath.app.evaluate(({ clipboard }) => clipboard.readText())
  expect(password.length).toBeGreaterThan(15)
  expect(texts).not.toContain(password)
})
