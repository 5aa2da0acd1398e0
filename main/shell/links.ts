/**
 * The only way out to the system: web links open in the browser, e-mail addresses in the mail program, files are shown
 * in the file manager.
 * Owns: Electron's shell (lint forbids it elsewhere). Does not: open files, ever.
 */
import { shell } from 'electron'
import { AppError } from '../core/errors.ts'

/** The address to open, parsed and written anew, or an AppError('invalid-input'). Only http and https. */
export function webAddress(address: string): string {
  const url = URL.canParse(address) ? new URL(address) : null
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:'))
    throw new AppError('invalid-input', 'Only web addresses (http or https) can be opened.')
  if (url.username || url.password)
    throw new AppError('invalid-input', 'The address carries a user name or password and was not opened.')
  return url.href
}

/** An e-mail address and nothing else: what a link wants to have written, or attached, is left out. Null: it is none. */
export function mailAddress(address: string): string | null {
  const url = URL.parse(address)
  if (url?.protocol !== 'mailto:') return null
  return /^[^\s@?&,;/\\"'<>%]+@[a-z0-9.-]+$/i.test(url.pathname) ? `mailto:${url.pathname}` : null
}

/** Opens a web address, or begins a letter to an e-mail address; AppError('invalid-input') for everything else. */
export async function openLink(address: string): Promise<void> {
  await shell.openExternal(mailAddress(address) ?? webAddress(address))
}

export function revealFile(path: string): void {
  shell.showItemInFolder(path)
}

export async function moveToTrash(path: string): Promise<void> {
  await shell.trashItem(path)
}
