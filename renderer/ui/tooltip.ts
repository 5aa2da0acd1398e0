/**
 * Tooltips as an attachment: `<button {@attach tooltip('Save')}>`; `tooltipWhenCut()` shows a text that is cut off.
 * Owns: one tooltip element in the top layer for the whole window. Opens after a rest of the pointer or at keyboard
 * focus, stays while the pointer is on it, closes with Escape (WCAG 2.2, 1.4.13).
 */
import type { Attachment } from 'svelte/attachments'

const OPEN_AFTER_MS = 450
const CLOSE_AFTER_MS = 80
const GAP_PX = 6

let bubble: HTMLElement | undefined
let owner: HTMLElement | undefined
let timer: ReturnType<typeof setTimeout> | undefined

/** One for all: a list of rows has hundreds of owners, and each would hear every key that is typed. */
function closeOnEscape(event: KeyboardEvent): void {
  if (event.key === 'Escape' && owner) close()
}

function bubbleElement(): HTMLElement {
  if (bubble?.isConnected) return bubble
  bubble = document.createElement('div')
  bubble.className = 'tooltip'
  bubble.popover = 'manual'
  bubble.setAttribute('role', 'tooltip')
  bubble.id = 'tooltip'
  bubble.addEventListener('pointerenter', () => clearTimeout(timer))
  bubble.addEventListener('pointerleave', close)
  document.body.append(bubble)
  document.addEventListener('keydown', closeOnEscape)
  return bubble
}

function place(element: HTMLElement, side: Side): void {
  const target = element.getBoundingClientRect()
  const box = bubbleElement().getBoundingClientRect()
  const clamp = (value: number, most: number) => Math.max(4, Math.min(value, most - 4))
  let left = target.left + target.width / 2 - box.width / 2
  let top = target.bottom + GAP_PX
  if (side === 'right' && target.right + GAP_PX + box.width < innerWidth) {
    left = target.right + GAP_PX
    top = target.top + target.height / 2 - box.height / 2
  } else if (side === 'above' || top + box.height > innerHeight) top = target.top - GAP_PX - box.height
  bubbleElement().style.setProperty('left', `${clamp(left, innerWidth - box.width)}px`)
  bubbleElement().style.setProperty('top', `${clamp(top, innerHeight - box.height)}px`)
}

function open(element: HTMLElement, text: string, side: Side): void {
  if (!element.isConnected || !text) return
  owner = element
  const shown = bubbleElement()
  shown.textContent = text
  shown.showPopover()
  place(element, side)
}

function close(): void {
  clearTimeout(timer)
  owner = undefined
  if (bubble?.matches(':popover-open')) bubble.hidePopover()
}

type Side = 'below' | 'above' | 'right'

/** Shows the text beside the element. The element needs a name of its own; the tooltip is no substitute for one. */
export function tooltip(
  text: string | (() => string | undefined) | undefined,
  side: Side = 'below',
): Attachment<HTMLElement> {
  return (element) => {
    const words = () => (typeof text === 'function' ? text() : text) ?? ''
    const later = () => {
      clearTimeout(timer)
      timer = setTimeout(() => open(element, words(), side), OPEN_AFTER_MS)
    }
    const leave = () => {
      clearTimeout(timer)
      timer = setTimeout(close, CLOSE_AFTER_MS)
    }
    const focus = () => {
      if (element.matches(':focus-visible')) open(element, words(), side)
    }
    element.addEventListener('pointerenter', later)
    element.addEventListener('pointerleave', leave)
    element.addEventListener('pointerdown', close)
    element.addEventListener('focus', focus)
    element.addEventListener('blur', close)
    return () => {
      if (owner === element) close()
      element.removeEventListener('pointerenter', later)
      element.removeEventListener('pointerleave', leave)
      element.removeEventListener('pointerdown', close)
      element.removeEventListener('focus', focus)
      element.removeEventListener('blur', close)
    }
  }
}

/** The whole text as a tooltip, only where it does not fit. For elements of class `cut`. */
export const tooltipWhenCut = (): Attachment<HTMLElement> => (element) =>
  tooltip(() => (element.scrollWidth > element.clientWidth ? (element.textContent ?? '') : undefined))(element)
