/** Makes an element take dropped files, as an attachment: `<div {@attach dropTarget({ onover, ondrop })}>`. */
import type { Attachment } from 'svelte/attachments'

type Needs = {
  /** True while files hang over the element. */
  onover: (isOver: boolean) => void
  ondrop: (files: File[]) => unknown
}

export function dropTarget({ onover, ondrop }: Needs): Attachment<HTMLElement> {
  return (element) => {
    // enter and leave come for every child: the element itself is left when as many were left as were entered
    let depth = 0
    const holdsFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false
    const enter = (event: DragEvent) => {
      if (!holdsFiles(event)) return
      event.preventDefault()
      depth++
      onover(true)
    }
    const over = (event: DragEvent) => {
      if (!holdsFiles(event)) return
      event.preventDefault()
      event.stopPropagation()
      if (event.dataTransfer) event.dataTransfer.dropEffect = 'copy'
    }
    const leave = () => {
      depth = Math.max(0, depth - 1)
      if (depth === 0) onover(false)
    }
    const drop = (event: DragEvent) => {
      if (!holdsFiles(event)) return
      event.preventDefault()
      event.stopPropagation()
      depth = 0
      onover(false)
      ondrop([...(event.dataTransfer?.files ?? [])])
    }
    element.addEventListener('dragenter', enter)
    element.addEventListener('dragover', over)
    element.addEventListener('dragleave', leave)
    element.addEventListener('drop', drop)
    return () => {
      element.removeEventListener('dragenter', enter)
      element.removeEventListener('dragover', over)
      element.removeEventListener('dragleave', leave)
      element.removeEventListener('drop', drop)
    }
  }
}
