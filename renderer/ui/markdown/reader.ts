/**
 * Where a text is read: a short one at once, a longer one in a worker that is ended when it takes too long.
 * Owns: the worker and the time. Why: some texts of a few kilobytes, written for that, keep the lexer busy for seconds
 * (measured: 16,000 characters of `**a_` take 2.8 s); no text may hold up the window.
 */
import type { MarkdownTree } from './nodes.ts'
import { readMarkdown } from './read-markdown.ts'

/** Up to here the worst text that is known takes under 30 ms. */
export const AT_ONCE_CHARACTERS = 1200
export const MOST_MS = 1500

type Question = { id: number; text: string; base: string | undefined; tell: (tree: MarkdownTree | null) => void }

let worker: Worker | undefined
let lastId = 0
let asked: Question | undefined
let timer: ReturnType<typeof setTimeout> | undefined
const waiting: Question[] = []

/** The tree at once where the text is short; undefined where `readLater` is needed. null: cannot be read. */
export function readNow(text: string, base?: string): MarkdownTree | null | undefined {
  return text.length <= AT_ONCE_CHARACTERS ? readMarkdown(text, base) : undefined
}

/** The tree of a long text; null where it took too long or is nested too deeply: it is then shown as it is. */
export function readLater(text: string, base?: string): Promise<MarkdownTree | null> {
  return new Promise((tell) => {
    waiting.push({ id: ++lastId, text, base, tell })
    askNext()
  })
}

function askNext(): void {
  if (asked) return
  asked = waiting.shift()
  if (!asked) return
  worker ??= startWorker()
  timer = setTimeout(giveUp, MOST_MS)
  worker.postMessage({ id: asked.id, text: asked.text, base: asked.base })
}

function startWorker(): Worker {
  const made = new Worker(new URL('./markdown.worker.ts', import.meta.url), { type: 'module' })
  made.onmessage = ({ data }: MessageEvent<{ id: number; tree: MarkdownTree | null }>) => answer(data.id, data.tree)
  made.onerror = giveUp
  return made
}

function giveUp(): void {
  worker?.terminate()
  worker = undefined
  if (asked) answer(asked.id, null)
}

function answer(id: number, tree: MarkdownTree | null): void {
  if (asked?.id !== id) return
  clearTimeout(timer)
  const { tell } = asked
  asked = undefined
  tell(tree)
  askNext()
}
