/**
 * The bridge between the window and main: one way to ask, one way to be told.
 * Owns: the two channels `app:call` and `app:event`. Does not: know any feature (preload/contract does).
 * A sandboxed preload cannot be an ES module, and may not hand Electron's own objects to the window.
 */
import { contextBridge, type IpcRendererEvent, ipcRenderer, webUtils } from 'electron'

/** The window, as far as this file needs it: the processes' common settings know no DOM. */
declare const window: {
  readonly location: { readonly origin: string }
  postMessage(message: unknown, targetOrigin: string, transfer: unknown[]): void
}

contextBridge.exposeInMainWorld('bridge', {
  call: (feature: string, name: string, input: unknown): Promise<unknown> =>
    ipcRenderer.invoke('app:call', feature, name, input),
  onEvent: (listener: (message: unknown) => void): (() => void) => {
    const relay = (event: IpcRendererEvent, message: unknown) => {
      if (event.ports.length === 0) listener(message)
    }
    ipcRenderer.on('app:event', relay)
    return () => ipcRenderer.removeListener('app:event', relay)
  },
  /** Where a dropped file or folder lies on this computer. Only a file that the user really dropped has an answer. */
  droppedPath: (file: File): string => webUtils.getPathForFile(file),
})

// a MessagePort cannot pass the context bridge; the window's own origin is the only one that may receive it
ipcRenderer.on('app:event', (event, message) => {
  if (event.ports.length > 0) window.postMessage(message, window.location.origin, event.ports)
})
