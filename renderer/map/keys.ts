/**
 * What a key means on the map. Pure: the canvas acts on the answer.
 * Without a tool the keys move and zoom; with a tool they draw at the crosshair in the middle.
 */
import { isFinishable, type Sketch } from './draw-area.ts'
import type { Pixel } from './projection.ts'

export type KeyMeaning =
  | { do: 'pan'; dx: number; dy: number }
  | { do: 'zoom'; levels: number }
  | { do: 'home' }
  | { do: 'corner' }
  | { do: 'finish' }
  | { do: 'remove-corner' }
  | { do: 'cancel' }
  | { do: 'pick' }
  | { do: 'undo' }

const ARROWS: Record<string, Pixel> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }
const FAR_PX = 96
const NEAR_PX = 24
const FINE_PX = 2

type Key = Pick<KeyboardEvent, 'key' | 'shiftKey' | 'ctrlKey' | 'metaKey' | 'altKey'>

/** `isOnFirstCorner`: the crosshair stands on the first corner of the sketch. null: the key is not the map's. */
export function keyMeaning(key: Key, sketch: Sketch | null, isOnFirstCorner: boolean): KeyMeaning | null {
  if ((key.ctrlKey || key.metaKey) && !key.altKey && key.key.toLowerCase() === 'z' && !key.shiftKey)
    return { do: 'undo' }
  if (key.ctrlKey || key.metaKey || key.altKey) return null
  const arrow = ARROWS[key.key]
  if (arrow) {
    const stepPx = sketch ? (key.shiftKey ? FINE_PX : NEAR_PX) : key.shiftKey ? NEAR_PX : FAR_PX
    return { do: 'pan', dx: arrow[0] * stepPx, dy: arrow[1] * stepPx }
  }
  switch (key.key) {
    case '+':
    case '=':
      return { do: 'zoom', levels: 1 }
    case '-':
    case '_':
      return { do: 'zoom', levels: -1 }
    case 'Home':
      return { do: 'home' }
    case 'Escape':
      return { do: 'cancel' }
    case 'Backspace':
    case 'Delete':
      return sketch ? { do: 'remove-corner' } : null
    case 'Enter':
    case ' ':
      if (!sketch) return { do: 'pick' }
      return isOnFirstCorner && sketch.tool === 'polygon' && isFinishable(sketch) ? { do: 'finish' } : { do: 'corner' }
    default:
      return null
  }
}
