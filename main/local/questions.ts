/**
 * Questions to the back-end's process that wait for their answers, by number.
 * Owns: the numbers and who waits. Does not: send (the caller has the process).
 */
import { AppError } from '../core/errors.ts'
import type { FromBackEnd, ToBackEnd } from './process-messages.ts'

type Question = Extract<ToBackEnd, { number: number }>
type Answer = Extract<FromBackEnd, { type: 'answer' }>
/** Of each kind of question what the caller gives. */
type Unnumbered<Q> = Q extends Question ? Omit<Q, 'number'> : never

export type Questions = {
  /** Resolves when the process has done it. @throws AppError what the process says; back-end where it ended */
  ask(question: Unnumbered<Question>, send: (question: Question) => void): Promise<void>
  accept(answer: Answer): void
  /** The process is gone: nobody will answer. */
  drop(): void
}

export function createQuestions(): Questions {
  const waiting = new Map<number, { resolve(): void; reject(failure: AppError): void }>()
  let last = 0
  return {
    ask(question, send) {
      const number = ++last
      return new Promise<void>((resolve, reject) => {
        send({ ...question, number })
        waiting.set(number, { resolve, reject })
      })
    },
    accept({ number, failure }) {
      const asker = waiting.get(number)
      waiting.delete(number)
      if (failure) asker?.reject(new AppError(failure.code, failure.message))
      else asker?.resolve()
    },
    drop() {
      for (const { reject } of waiting.values())
        reject(new AppError('back-end', 'The back-end on this computer ended before it could answer.'))
      waiting.clear()
    },
  }
}
