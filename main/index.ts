/**
 * Where the application starts. Order matters for the first picture: the window loads while the features are built,
 * and its first calls wait at the door until they are.
 */
import { join } from 'node:path'
import { app, BrowserWindow, session } from 'electron'
import { createLog } from './core/log.ts'
import { createLogFile } from './core/log-file.ts'
import { createRedactor } from './core/redact.ts'
import type { Features } from './features.ts'
import { serve } from './ipc/serve.ts'
import { denyPermissions } from './shell/permissions.ts'
import { endProcesses } from './shell/processes.ts'
import { declareScheme, serveBundle, UI_ORIGIN } from './shell/protocol.ts'
import { keepSessionsQuiet } from './shell/sessions.ts'
import { createTimings } from './shell/timings.ts'
import { createWindow, lockWebContents } from './shell/window.ts'
import { openWindowState, type WindowState } from './shell/window-state.ts'

const timings = createTimings()
timings.mark('main-start')
declareScheme()
// enableSandbox() would drop --no-sandbox again, and root (containers, CI) cannot run without that switch
if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox()
lockWebContents()
keepSessionsQuiet()

if (app.requestSingleInstanceLock()) void start()
else app.quit()

async function start(): Promise<void> {
  app.on('second-instance', focusWindow)
  app.on('window-all-closed', () => app.quit())
  const userData = app.getPath('userData')
  const redactor = createRedactor()
  const logFile = createLogFile({ folder: join(userData, 'logs') })
  const log = createLog({ sink: logFile, redactor })
  process.on('uncaughtException', (failure) => log.error('An error that nobody caught', { failure }))
  process.on('unhandledRejection', (failure) => log.error('A promise that nobody awaited', { failure }))
  const devUrl = app.isPackaged ? undefined : process.env.ELECTRON_RENDERER_URL

  await app.whenReady()
  timings.mark('app-ready')
  const windowState = openWindowState(userData, log)
  const open = () => openWindow(windowState, devUrl)
  let built: Promise<typeof import('./features.ts')> | undefined
  let features: Promise<Features> | undefined
  /** At the first call of the window: by then its own code is loaded, and both do not compete. */
  const build = () => {
    built ??= import('./features.ts')
    features ??= built.then(({ createFeatures }) => createFeatures({ log, logFile, redactor, timings, windowState }))
    return features
  }
  serveBundle(join(import.meta.dirname, '../renderer'), devUrl ? new URL(devUrl).origin : UI_ORIGIN)
  serve({
    allowedOrigins: devUrl ? [UI_ORIGIN, new URL(devUrl).origin] : [UI_ORIGIN],
    log: log.child('door'),
    firstFrame: (layers) => timings.mark('interactive', { layers }),
    open: async () => (await build()).answer,
  })
  open()
  timings.mark('window-created')
  denyPermissions(session.defaultSession)
  app.on('activate', () => BrowserWindow.getAllWindows().length === 0 && open())
  quitInOrder(async () => {
    await Promise.all([(await features)?.close(), windowState.settled()])
  }, log)
}

function openWindow(windowState: WindowState, devUrl: string | undefined): void {
  createWindow({
    bounds: windowState.bounds(),
    memory: windowState.memory(),
    devUrl,
    onBounds: (bounds) => windowState.keepBounds(bounds),
    onShown: () => timings.mark('window-shown'),
    onLoaded: () => timings.mark('did-finish-load'),
  })
}

function focusWindow(): void {
  const [window] = BrowserWindow.getAllWindows()
  if (window?.isMinimized()) window.restore()
  window?.focus()
}

/** Lets the features put away what they hold, for at most three seconds; what is not done then is in rows. */
function quitInOrder(close: () => Promise<void>, log: { flush(): Promise<void> }): void {
  let isClosing = false
  app.on('before-quit', (event) => {
    if (isClosing) return
    isClosing = true
    event.preventDefault()
    const patience = new Promise<void>((resolve) => setTimeout(resolve, 3000))
    void Promise.race([close().catch(() => {}), patience]).then(async () => {
      endProcesses()
      await Promise.race([log.flush(), patience])
      app.exit(0)
    })
  })
}
