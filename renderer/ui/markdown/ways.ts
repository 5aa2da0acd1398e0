/** What a text can do beside being read; handed in by the page, as ui/ knows nothing of the application. */
export type MarkdownWays = {
  /** Opens an address outside; without it links are words. */
  open: ((href: string) => unknown) | undefined
  /** Gets leave to show a picture and answers with an address that the window may load. */
  loadPicture: ((href: string) => Promise<string>) | undefined
  /** The level of the page's heading that the text stands under. */
  headingLevel: number
}
