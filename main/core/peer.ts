/**
 * Questions and answers between two processes, over any pair of ports.
 * Owns: numbering, and failures that cross as values. Does not: start processes or know what is asked.
 */
import type { WireError } from '../../preload/contract/errors.ts'
import { AppError, toWireError } from './errors.ts'

export type Port = {
  postMessage(message: unknown): void
  onMessage(listener: (message: unknown) => void): void
}
/** What one side can be asked: name → input and answer. */
export type Questions = Record<string, { input: unknown; answer: unknown }>
export type Answers<Q extends Questions> = {
  [N in keyof Q]: (input: Q[N]['input']) => Q[N]['answer'] | Promise<Q[N]['answer']>
}
export type Peer<Q extends Questions> = {
  /** @throws AppError as the other side threw it; `bug` for everything that was no AppError */
  ask<N extends keyof Q & string>(what: N, input: Q[N]['input']): Promise<Q[N]['answer']>
  /** Every open question fails: the other side is gone. */
  close(): void
}
type Message =
  | { kind: 'ask'; n: number; what: string; input: unknown }
  | { kind: 'answer'; n: number; ok: true; value: unknown }
  | { kind: 'answer'; n: number; ok: false; error: WireError }

/** `onBug` is told of what a handler threw that no AppError is, and gives its place in the log. */
export function createPeer<Mine extends Questions, Theirs extends Questions>(
  port: Port,
  answers: Answers<Mine>,
  onBug: (failure: unknown) => string,
): Peer<Theirs> {
  type Open = { resolve(value: unknown): void; reject(failure: unknown): void }
  const open = new Map<number, Open>()
  let lastN = 0
  let isClosed = false

  async function answer(message: Message & { kind: 'ask' }): Promise<void> {
    try {
      if (!Object.hasOwn(answers, message.what)) throw new Error(`unknown question: ${message.what}`)
      const handler = answers[message.what] as (input: unknown) => unknown
      const value = await handler(message.input)
      port.postMessage({ kind: 'answer', n: message.n, ok: true, value } satisfies Message)
    } catch (failure) {
      const logRef = failure instanceof AppError ? '' : onBug(failure)
      port.postMessage({
        kind: 'answer',
        n: message.n,
        ok: false,
        error: toWireError(failure, logRef),
      } satisfies Message)
    }
  }
  port.onMessage((received) => {
    const message = received as Message
    if (message?.kind === 'ask') return void answer(message)
    if (message?.kind !== 'answer') return
    const waiting = open.get(message.n)
    open.delete(message.n)
    if (message.ok) waiting?.resolve(message.value)
    else waiting?.reject(fromWireError(message.error))
  })
  return {
    ask: (what, input) =>
      new Promise((resolve, reject) => {
        if (isClosed) return reject(gone())
        const n = ++lastN
        open.set(n, { resolve: resolve as (value: unknown) => void, reject })
        port.postMessage({ kind: 'ask', n, what, input } satisfies Message)
      }),
    close() {
      isClosed = true
      for (const waiting of open.values()) waiting.reject(gone())
      open.clear()
    },
  }
}

const gone = () => new AppError('canceled', 'The process that did this has ended.', { retry: 'now' })

function fromWireError({ code, message, retry, serverCode, serverRef, fields, link }: WireError): AppError {
  return new AppError(code, message, { retry, serverCode, serverRef, link, ...(fields ? { fields } : {}) })
}
