/** Takes a link that is dragged from a browser, as an attachment: `<div {@attach linkTarget({ onover, ondrop })}>`. */
import type { Attachment } from 'svelte/attachments'

type Needs = { onover: (isOver: boolean) => void; ondrop: (address: string) => unknown }

/** The first address of a list of links (RFC 2483: a line each, # begins a comment), or of plain text. */
export function droppedAddress(data: Pick<DataTransfer, 'getData'>): string | undefined {
  const lines = `${data.getData('text/uri-list')}\n${data.getData('text/plain')}`.split(/\r?\n/)
  return lines.map((line) => line.trim()).find((line) => /^https?:\/\/\S+$/i.test(line))
}
const holdsLink = ({ dataTransfer }: DragEvent): boolean =>
  dataTransfer !== null && !dataTransfer.types.includes('Files') && dataTransfer.types.includes('text/uri-list')

export function linkTarget({ onover, ondrop }: Needs): Attachment<HTMLElement> {
  return (element) => {
    const over = (event: DragEvent) => {
      if (!holdsLink(event)) return
      event.preventDefault()
      if (event.dataTransfer) event.dataTransfer.dropEffect = 'copy'
      onover(true)
    }
    const leave = (event: DragEvent) => {
      if (!(event.relatedTarget instanceof Node && element.contains(event.relatedTarget))) onover(false)
    }
    const drop = (event: DragEvent) => {
      onover(false)
      if (!holdsLink(event) || !event.dataTransfer) return
      // also what is no web address: else the window itself would follow it
      event.preventDefault()
      const address = droppedAddress(event.dataTransfer)
      if (address) ondrop(address)
    }
    element.addEventListener('dragover', over)
    element.addEventListener('dragleave', leave)
    element.addEventListener('drop', drop)
    return () => {
      element.removeEventListener('dragover', over)
      element.removeEventListener('dragleave', leave)
      element.removeEventListener('drop', drop)
    }
  }
}
