/** A main process with the application's own scheme and policy and a window of one page, that runs what it is told there. */
import { app, BrowserWindow } from 'electron'
import { declareScheme, serveBundle, servePictures } from '../../../../main/shell/protocol.ts'
import { keepSessionsQuiet } from '../../../../main/shell/sessions.ts'
import { inputOfScript, runWhenReady } from '../../../fakes/electron-script.ts'

/** `pictures`: base64 by `ID` or `ID/z/x/y`. `script` runs in the page; its value is reported with what was asked. */
export type WindowInput = { folder: string; pictures: Record<string, string>; script: string }
export type WindowReport = { value: unknown; asked: string[] }

const { folder, pictures, script } = inputOfScript<WindowInput>()
const asked: string[] = []
const find = async (address: string) => {
  asked.push(address)
  if (address.startsWith('failing')) throw new Error('a failure that must not show: CANARY')
  const picture = pictures[address]
  return picture === undefined ? null : Buffer.from(picture, 'base64')
}

declareScheme()
keepSessionsQuiet()
runWhenReady(app, async () => {
  serveBundle(folder)
  servePictures({ tile: (...place) => find(place.slice(0, 4).join('/')), media: find })
  const window = new BrowserWindow({
    show: false,
    // drawn into memory: there may be no display
    webPreferences: {
      offscreen: true,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      spellcheck: false,
    },
  })
  await window.loadURL('app://ui/index.html')
  return { value: await window.webContents.executeJavaScript(script), asked } satisfies WindowReport
})
