/**
 * The application's window, locked down: sandboxed, isolated, without navigation, without new windows.
 * Owns: BrowserWindow and the rules for every web contents. Does not: load anything but the bundle.
 */
import { join } from 'node:path'
import { app, BrowserWindow, nativeTheme } from 'electron'
import type { NumberedEvent } from '../../preload/contract/index.ts'
import { UI_ORIGIN } from './protocol.ts'

/** Bounds that the user left, if they still lie on a screen. */
export type WindowBounds = { x?: number; y?: number; width: number; height: number; isMaximized: boolean }

const DEFAULT_BOUNDS: WindowBounds = { width: 1440, height: 900, isMaximized: false }
export const MINIMUM_SIZE = { width: 900, height: 600 }

/** For every web contents that will ever exist: no navigation, no new windows, no embedded views. */
export function lockWebContents(): void {
  app.on('web-contents-created', (_event, contents) => {
    contents.setWindowOpenHandler(() => ({ action: 'deny' }))
    contents.on('will-navigate', (event) => event.preventDefault())
    contents.on('will-frame-navigate', (event) => event.preventDefault())
    contents.on('will-redirect', (event) => event.preventDefault())
    contents.on('will-attach-webview', (event) => event.preventDefault())
  })
}

type WindowNeeds = {
  bounds: WindowBounds | null
  /** The layout as the window left it: goes with the address, so that the first frame has it. */
  memory: unknown
  /** Address of the development server, only where the application is not packaged. */
  devUrl: string | undefined
  onBounds: (bounds: WindowBounds) => void
  onShown: () => void
  onLoaded: () => void
}

export function createWindow({ bounds, memory, devUrl, onBounds, onShown, onLoaded }: WindowNeeds): BrowserWindow {
  const { isMaximized, ...size } = bounds ?? DEFAULT_BOUNDS
  const window = new BrowserWindow({
    ...size,
    minWidth: MINIMUM_SIZE.width,
    minHeight: MINIMUM_SIZE.height,
    show: false,
    title: 'Swath',
    icon: join(import.meta.dirname, '../../resources/icon.png'),
    autoHideMenuBar: true,
    backgroundColor: nativeTheme.shouldUseDarkColors ? '#16191d' : '#f4f5f6',
    webPreferences: {
      preload: join(import.meta.dirname, '../preload/index.cjs'),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
    },
  })
  window.once('ready-to-show', () => {
    if (isMaximized) window.maximize()
    window.show()
    onShown()
  })
  window.webContents.on('did-finish-load', onLoaded)
  window.on('close', () => onBounds({ ...window.getNormalBounds(), isMaximized: window.isMaximized() }))
  const query = memory ? `?memory=${encodeURIComponent(JSON.stringify(memory))}` : ''
  void window.loadURL(`${devUrl ?? `${UI_ORIGIN}/index.html`}${query}`)
  return window
}

/** Hands an event to every window that is there to take it. */
export function sendEvent(event: NumberedEvent): void {
  for (const window of BrowserWindow.getAllWindows()) {
    if (!window.isDestroyed() && !window.webContents.isDestroyed() && !window.webContents.isCrashed())
      window.webContents.send('app:event', event)
  }
}

/** Hands a port to the window's main frame. */
export function sendPort(window: BrowserWindow, type: string, port: Electron.MessagePortMain): void {
  window.webContents.postMessage('app:event', { type }, [port])
}
