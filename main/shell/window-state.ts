/**
 * What the first frame needs to know and the database would tell too late: where the window was, its colours, its layout.
 * Owns: the file window.json, written whole. Does not: judge the layout (the window does); bounds that lie on no screen
 * any more are forgotten.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { nativeTheme, screen } from 'electron'
import { writeAtomically } from '../core/files.ts'
import type { Log } from '../core/log.ts'
import type { WindowBounds } from './window.ts'

type ThemeName = 'system' | 'light' | 'dark'
type State = { bounds?: unknown; theme?: unknown; memory?: unknown }
export type WindowState = {
  bounds(): WindowBounds | null
  /** The layout as the window left it; unchecked. */
  memory(): unknown
  keepBounds(bounds: WindowBounds): void
  keepMemory(memory: object): void
  /** Also what the system draws around the window. */
  applyTheme(theme: ThemeName): void
  /** When everything that was to be kept is on the disk. */
  settled(): Promise<void>
}

export function openWindowState(folder: string, log: Log): WindowState {
  const file = join(folder, 'window.json')
  const state = read(file)
  let writing = Promise.resolve()
  function keep(part: State): void {
    Object.assign(state, part)
    writing = writing
      .then(() => writeAtomically(file, JSON.stringify(state)))
      .catch((failure) => void log.warn('The state of the window could not be kept', { failure }))
  }
  if (state.theme === 'light' || state.theme === 'dark') nativeTheme.themeSource = state.theme
  return {
    bounds: () => (isBounds(state.bounds) && isOnScreen(state.bounds) ? state.bounds : null),
    memory: () => state.memory ?? null,
    keepBounds: (bounds) => keep({ bounds }),
    keepMemory: (memory) => keep({ memory }),
    applyTheme(theme) {
      nativeTheme.themeSource = theme
      if (theme !== (state.theme ?? 'system')) keep({ theme })
    },
    settled: () => writing,
  }
}

function read(file: string): State {
  try {
    const found: unknown = JSON.parse(readFileSync(file, 'utf8'))
    return typeof found === 'object' && found !== null && !Array.isArray(found) ? { ...found } : {}
  } catch {
    return {} // the first start, or a file that was damaged: the defaults hold
  }
}

function isBounds(value: unknown): value is WindowBounds {
  const bounds = value as Partial<Record<keyof WindowBounds, unknown>> | null
  if (typeof bounds !== 'object' || bounds === null) return false
  return [bounds.x, bounds.y, bounds.width, bounds.height].every((side) => Number.isFinite(side))
}

function isOnScreen({ x = 0, y = 0, width, height }: WindowBounds): boolean {
  return screen.getAllDisplays().some(({ workArea }) => {
    const overlapX = Math.min(x + width, workArea.x + workArea.width) - Math.max(x, workArea.x)
    const overlapY = Math.min(y + height, workArea.y + workArea.height) - Math.max(y, workArea.y)
    return overlapX > 100 && overlapY > 100
  })
}
