/**
 * Where the user left the window, in a file of its own: it is needed before the database is open.
 * Bounds that lie on no screen any more are forgotten.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { screen } from 'electron'
import type { WindowBounds } from './window.ts'

const file = (folder: string) => join(folder, 'window.json')

export function readBounds(folder: string): WindowBounds | null {
  try {
    const read: unknown = JSON.parse(readFileSync(file(folder), 'utf8'))
    return isBounds(read) && isOnScreen(read) ? read : null
  } catch {
    return null
  }
}

export function writeBounds(folder: string, bounds: WindowBounds): void {
  try {
    writeFileSync(file(folder), JSON.stringify(bounds))
  } catch {
    // a window that cannot be remembered opens at its default place
  }
}

function isBounds(value: unknown): value is WindowBounds {
  const bounds = value as Partial<Record<keyof WindowBounds, unknown>> | null
  const isNumber = (side: unknown) => typeof side === 'number' && Number.isFinite(side)
  return (
    typeof bounds === 'object' &&
    bounds !== null &&
    isNumber(bounds.width) &&
    isNumber(bounds.height) &&
    isNumber(bounds.x) &&
    isNumber(bounds.y)
  )
}

function isOnScreen({ x = 0, y = 0, width, height }: WindowBounds): boolean {
  return screen.getAllDisplays().some(({ workArea }) => {
    const overlapX = Math.min(x + width, workArea.x + workArea.width) - Math.max(x, workArea.x)
    const overlapY = Math.min(y + height, workArea.y + workArea.height) - Math.max(y, workArea.y)
    return overlapX > 100 && overlapY > 100
  })
}
