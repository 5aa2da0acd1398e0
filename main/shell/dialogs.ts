/** The system's own dialogs for choosing folders and files. The window never sees more than was chosen. */
import { BrowserWindow, clipboard, dialog } from 'electron'

const owner = () => BrowserWindow.getFocusedWindow() ?? BrowserWindow.getAllWindows()[0]

/** The folder that the user chose, or null. */
export async function chooseFolder(title: string): Promise<string | null> {
  const window = owner()
  const options: Electron.OpenDialogOptions = { title, properties: ['openDirectory', 'createDirectory'] }
  const answer = await (window ? dialog.showOpenDialog(window, options) : dialog.showOpenDialog(options))
  return answer.canceled ? null : (answer.filePaths[0] ?? null)
}

/** The file name under which the user wants to save, or null. */
export async function chooseSaveFile(title: string, defaultName: string): Promise<string | null> {
  const window = owner()
  const options: Electron.SaveDialogOptions = { title, defaultPath: defaultName }
  const answer = await (window ? dialog.showSaveDialog(window, options) : dialog.showSaveDialog(options))
  return answer.canceled ? null : answer.filePath || null
}

export function copyText(text: string): void {
  clipboard.writeText(text)
}
