/** Short answers to what the user just did. Work in the background never speaks here. */

export type Toast = {
  id: number
  text: string
  tone: 'plain' | 'bad'
  action?: { label: string; run(): unknown }
  /** When it goes away by itself, ms; an error stays until dismissed. */
  staysMs: number | null
}
export type ToastOptions = { tone?: Toast['tone']; action?: Toast['action']; undo?: () => unknown }

export class Toasts {
  #next = 1
  all = $state.raw<readonly Toast[]>([])

  /** Says something; `undo` adds an Undo button and keeps it longer. At most three are shown. */
  say(text: string, { tone = 'plain', action, undo }: ToastOptions = {}): number {
    const id = this.#next++
    const offered = undo ? { label: 'Undo', run: undo } : action
    const staysMs = tone === 'bad' ? null : offered ? 12_000 : 6_000
    const toast: Toast = { id, text, tone, staysMs, ...(offered ? { action: offered } : {}) }
    this.all = [...this.all, toast].slice(-3)
    return id
  }

  dismiss(id: number): void {
    this.all = this.all.filter((toast) => toast.id !== id)
  }
}
