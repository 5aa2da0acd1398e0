/** Errors that nothing in the window has handled go to the log, each once and not more than a few. */
import type { Client } from '../../preload/contract/index.ts'

const MOST_REPORTS = 20
const MOST_STACK = 20_000
const MOST_MESSAGE = 5_000

/** Sends one error to the log. Never fails itself. */
export function reportTo(client: Pick<Client, 'diagnostics'>, thrown: unknown, fallback = String(thrown)): void {
  const error = thrown instanceof Error ? thrown : undefined
  const message = messageOf(error, fallback)
  const stack = error?.stack?.slice(0, MOST_STACK)
  client.diagnostics.reportProblem(stack === undefined ? { message } : { message, stack }).catch(() => undefined)
}
const messageOf = (error: Error | undefined, fallback: string): string =>
  (error ? `${error.name}: ${error.message}` : fallback).slice(0, MOST_MESSAGE)

/** Listens for unhandled errors and rejections from now on; returns the way to stop. */
export function reportProblems(client: Pick<Client, 'diagnostics'>): () => void {
  const seen = new Set<string>()
  const report = (thrown: unknown, fallback: string) => {
    const message = messageOf(thrown instanceof Error ? thrown : undefined, fallback)
    if (seen.has(message) || seen.size >= MOST_REPORTS) return
    seen.add(message)
    reportTo(client, thrown, fallback)
  }
  const onError = (event: ErrorEvent) => report(event.error, event.message)
  const onRejection = (event: PromiseRejectionEvent) => report(event.reason, String(event.reason))
  window.addEventListener('error', onError)
  window.addEventListener('unhandledrejection', onRejection)
  return () => {
    window.removeEventListener('error', onError)
    window.removeEventListener('unhandledrejection', onRejection)
  }
}
