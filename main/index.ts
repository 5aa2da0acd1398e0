/**
 * Where the application starts. Order matters for the first picture: the window loads while the features are built,
 * and its first calls wait at the door until they are.
 */
import { join } from 'node:path'
import { app, BrowserWindow, session } from 'electron'
import { createLog } from './core/log.ts'
import { createLogFile } from './core/log-file.ts'
import { createRedactor } from './core/redact.ts'
import { serve } from './ipc/serve.ts'
import { denyPermissions } from './shell/permissions.ts'
import { endProcesses } from './shell/processes.ts'
import { declareScheme, serveBundle, UI_ORIGIN } from './shell/protocol.ts'
import { restoreTheme } from './shell/theme.ts'
import { createTimings } from './shell/timings.ts'
import { createWindow, lockWebContents } from './shell/window.ts'
import { readBounds, writeBounds } from './shell/window-bounds.ts'

const timings = createTimings()
timings.mark('main-start')
declareScheme()
// enableSandbox() would drop --no-sandbox again, and root (containers, CI) cannot run without that switch
if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox()
lockWebContents()

if (app.requestSingleInstanceLock()) void start()
else app.quit()

async function start(): Promise<void> {
  app.on('second-instance', focusWindow)
  app.on('window-all-closed', () => app.quit())
  const redactor = createRedactor()
  const logFile = createLogFile({ folder: join(app.getPath('userData'), 'logs') })
  const log = createLog({ sink: logFile, redactor })
  process.on('uncaughtException', (failure) => log.error('An error that nobody caught', { failure }))
  process.on('unhandledRejection', (failure) => log.error('A promise that nobody awaited', { failure }))
  const devUrl = app.isPackaged ? undefined : process.env.ELECTRON_RENDERER_URL

  await app.whenReady()
  timings.mark('app-ready')
  restoreTheme(app.getPath('userData'))
  serveBundle(join(import.meta.dirname, '../renderer'))
  denyPermissions(session.defaultSession)
  const built = import('./features.ts').then(({ createFeatures }) =>
    createFeatures({ log, logFile, redactor, timings }),
  )
  serve({
    handlers: built.then((features) => features.handlers),
    allowedOrigins: devUrl ? [UI_ORIGIN, new URL(devUrl).origin] : [UI_ORIGIN],
    log: log.child('door'),
    checkOutput: !app.isPackaged,
  })
  openWindow(devUrl)
  timings.mark('window-created')
  app.on('activate', () => BrowserWindow.getAllWindows().length === 0 && openWindow(devUrl))
  built.catch((failure) => log.error('The features could not be built', { failure }))
  quitInOrder(built, log)
}

function openWindow(devUrl: string | undefined): void {
  const folder = app.getPath('userData')
  createWindow({
    bounds: readBounds(folder),
    devUrl,
    onBounds: (bounds) => writeBounds(folder, bounds),
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
function quitInOrder(built: Promise<{ close(): Promise<void> }>, log: { flush(): Promise<void> }): void {
  let isClosing = false
  app.on('before-quit', (event) => {
    if (isClosing) return
    isClosing = true
    event.preventDefault()
    const patience = new Promise<void>((resolve) => setTimeout(resolve, 3000))
    const closed = built.then((features) => features.close()).catch(() => {})
    void Promise.race([closed, patience]).then(async () => {
      endProcesses()
      await Promise.race([log.flush(), patience])
      app.exit(0)
    })
  })
}
