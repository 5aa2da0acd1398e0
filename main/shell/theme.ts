/**
 * Light, dark or as the system, for the window and for what the system draws around it.
 * Owns: the file that remembers it, because the first frame comes before the database is open.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { nativeTheme } from 'electron'

export type ThemeName = 'system' | 'light' | 'dark'

const file = (folder: string) => join(folder, 'theme.txt')

/** Before the first window: what was chosen last. */
export function restoreTheme(folder: string): void {
  try {
    const name = readFileSync(file(folder), 'utf8').trim()
    if (name === 'light' || name === 'dark') nativeTheme.themeSource = name
  } catch {
    // nothing was chosen yet
  }
}

export function applyTheme(folder: string, name: ThemeName): void {
  if (nativeTheme.themeSource === name) return
  nativeTheme.themeSource = name
  try {
    writeFileSync(file(folder), name)
  } catch {
    // then the next start begins in the colours of the system
  }
}
