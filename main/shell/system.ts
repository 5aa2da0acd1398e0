/**
 * What the application needs of Electron beside its window: its folder, its version, its network, sleep and waking.
 * Owns: nothing. Why: the composition root builds features out of plain functions and imports no Electron.
 */
import { app, BrowserWindow, type MessagePortMain, net, powerMonitor, session } from 'electron'
import { newChannel } from './processes.ts'
import { sendPort } from './window.ts'

/** Where the application keeps its data. */
export const dataFolder = (): string => app.getPath('userData')
export const applicationVersion = (): string => app.getVersion()
export const isPackaged = (): boolean => app.isPackaged

/** A request over Chromium's network, for core/http. */
export const netRequest = (options: Electron.ClientRequestConstructorOptions): Electron.ClientRequest =>
  net.request(options)

/** As session.resolveProxy: `DIRECT`, `PROXY host:port` … */
export const resolveProxy = (url: string): Promise<string> => session.defaultSession.resolveProxy(url)

/** What the user has set: the system's proxy, none, or one address for everything but this computer. */
export async function setProxy(mode: 'system' | 'none' | 'fixed', address: string): Promise<void> {
  const config: Electron.ProxyConfig =
    mode === 'fixed' && address !== ''
      ? { mode: 'fixed_servers', proxyRules: address, proxyBypassRules: '<local>' }
      : { mode: mode === 'none' ? 'direct' : 'system' }
  await session.defaultSession.setProxy(config)
  await session.defaultSession.closeAllConnections()
}

export function onSleepAndWake(asleep: () => void, awake: () => void): void {
  powerMonitor.on('suspend', asleep)
  powerMonitor.on('resume', awake)
}

/** A pair of ports: one goes to the window as a message of this type, the other is the answer. */
export function portToWindow(type: string): MessagePortMain {
  const { port1, port2 } = newChannel()
  const [window] = BrowserWindow.getAllWindows()
  if (window) sendPort(window, type, port2)
  return port1
}
