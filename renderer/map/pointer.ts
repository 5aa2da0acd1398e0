/**
 * What the pointer does on the map: clicks, drags of a rectangle, the box zoom.
 * Owns: telling a click from a drag, and which pointer events deck.gl must not see.
 * Does not: change anything itself; it calls what it is handed. Positions are pixels from the map's upper left corner.
 */
import type { Pixel } from './projection.ts'

export type PointerNeeds = {
  /** `rectangle`: a drag draws; `polygon`: clicks set corners; null: nothing is drawn. */
  tool(): 'rectangle' | 'polygon' | null
  pressed(): void
  clicked(at: Pixel, isShift: boolean): void
  /** A rectangle is drawn from `from`; called for the press, each move and the release. */
  rectangle(phase: 'press' | 'move' | 'release', from: Pixel, at: Pixel): void
  boxZoom(phase: 'move' | 'release' | 'cancel', from: Pixel, at: Pixel): void
}

const CLICK_SLOP_PX = 4
const distance = (a: Pixel, b: Pixel) => Math.hypot(a[0] - b[0], a[1] - b[1])

/** Listens on the map's element, before deck.gl does. Returns the way to stop. */
export function watchPointer(element: HTMLElement, needs: PointerNeeds): () => void {
  let from: Pixel | null = null
  let mode: 'click' | 'rectangle' | 'box' = 'click'
  const at = (event: PointerEvent): Pixel => {
    const box = element.getBoundingClientRect()
    return [event.clientX - box.left, event.clientY - box.top]
  }
  const isOwn = (event: Event) => event.target instanceof Element && event.target.closest('[data-map-part]') !== null

  const down = (event: PointerEvent) => {
    if (event.button !== 0 || isOwn(event)) return
    needs.pressed()
    from = at(event)
    mode = needs.tool() === 'rectangle' ? 'rectangle' : event.shiftKey && needs.tool() === null ? 'box' : 'click'
    if (mode === 'click') return
    event.stopPropagation()
    event.preventDefault()
    element.setPointerCapture(event.pointerId)
    if (mode === 'rectangle') needs.rectangle('press', from, from)
  }
  const move = (event: PointerEvent) => {
    if (!from || mode === 'click') return
    event.stopPropagation()
    if (mode === 'rectangle') needs.rectangle('move', from, at(event))
    else needs.boxZoom('move', from, at(event))
  }
  const up = (event: PointerEvent) => {
    if (!from) return
    const [begin, end] = [from, at(event)]
    from = null
    if (mode === 'rectangle') needs.rectangle('release', begin, end)
    else if (mode === 'box') needs.boxZoom(distance(begin, end) > CLICK_SLOP_PX ? 'release' : 'cancel', begin, end)
    else if (distance(begin, end) <= CLICK_SLOP_PX) needs.clicked(end, event.shiftKey)
  }
  const cancel = () => {
    if (from && mode === 'box') needs.boxZoom('cancel', from, from)
    from = null
  }
  element.addEventListener('pointerdown', down, true)
  element.addEventListener('pointermove', move, true)
  element.addEventListener('pointerup', up, true)
  element.addEventListener('pointercancel', cancel, true)
  return () => {
    element.removeEventListener('pointerdown', down, true)
    element.removeEventListener('pointermove', move, true)
    element.removeEventListener('pointerup', up, true)
    element.removeEventListener('pointercancel', cancel, true)
  }
}
