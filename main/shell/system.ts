/**
 * What the application needs of Electron beside its window: its folder, its version, sleep and waking.
 * Owns: nothing. Why: the composition root builds features out of plain functions and imports no Electron.
 */
import { app, BrowserWindow, type MessagePortMain, powerMonitor } from 'electron'
import { newChannel } from './processes.ts'
import { sendPort } from './window.ts'

/** Where the application keeps its data. */
export const dataFolder = (): string => app.getPath('userData')
export const applicationVersion = (): string => app.getVersion()
export const isPackaged = (): boolean => app.isPackaged

export function onSleepAndWake(asleep: () => void, awake: () => void): void {
  powerMonitor.on('suspend', asleep)
  powerMonitor.on('resume', awake)
}

/** The user turns to a window: it gets the focus, is shown again or restored. */
export function onWindowSeen(seen: () => void): void {
  app.on('browser-window-focus', seen)
  app.on('browser-window-created', (_event, window) => follow(window))
  for (const window of BrowserWindow.getAllWindows()) follow(window)
  function follow(window: BrowserWindow): void {
    window.on('show', seen)
    window.on('restore', seen)
  }
}

/** A pair of ports: one goes to the window as a message of this type, the other is the answer. */
export function portToWindow(type: string): MessagePortMain {
  const { port1, port2 } = newChannel()
  const [window] = BrowserWindow.getAllWindows()
  if (window) sendPort(window, type, port2)
  return port1
}
