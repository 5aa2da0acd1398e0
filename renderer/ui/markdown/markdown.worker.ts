/** Reads long texts away from the window's thread: `{ id, text, base }` in, `{ id, tree }` out. */
import { readMarkdown } from './read-markdown.ts'

self.addEventListener('message', ({ data }: MessageEvent<{ id: number; text: string; base?: string }>) => {
  self.postMessage({ id: data.id, tree: readMarkdown(data.text, data.base) })
})
