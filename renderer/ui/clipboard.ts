/** How text gets onto the clipboard; the app sets the way through main, the browser's own is the default. */

let write = (text: string): Promise<void> => navigator.clipboard.writeText(text)

/** Takes another way from now on. */
export function setClipboard(way: (text: string) => Promise<void>): void {
  write = way
}
/** Puts the text on the clipboard. */
export const copyText = (text: string): Promise<void> => write(text)
