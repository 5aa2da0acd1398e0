/** Questions to the back-end's process: each gets its own answer, and none waits for a process that is gone. */
import { expect, test } from 'vitest'
import type { ToBackEnd } from '../../../main/local/process-messages.ts'
import { createQuestions } from '../../../main/local/questions.ts'

const question = { type: 'stateNodata', collectionId: 'fields', value: 0 } as const

test('answers find their questions in any order; an unknown answer is nobody’s', async () => {
  const questions = createQuestions()
  const sent: ToBackEnd[] = []
  const send = (message: ToBackEnd) => void sent.push(message)
  const first = questions.ask(question, send)
  const second = questions.ask({ ...question, value: 1 }, send)
  expect(sent).toMatchObject([{ number: 1 }, { number: 2, value: 1 }])
  questions.accept({ type: 'answer', number: 3, failure: null })
  questions.accept({
    type: 'answer',
    number: 2,
    failure: { code: 'read-only', message: 'The folder does not allow it.' },
  })
  questions.accept({ type: 'answer', number: 1, failure: null })
  await first
  await expect(second).rejects.toMatchObject({ code: 'read-only', message: 'The folder does not allow it.' })
})

test('a process that ends, or was never there, is told as a failure', async () => {
  const questions = createQuestions()
  const waiting = questions.ask(question, () => {})
  questions.drop()
  await expect(waiting).rejects.toMatchObject({ code: 'back-end' })
  const unsent = questions.ask(question, () => {
    throw new Error('no process')
  })
  await expect(unsent).rejects.toThrow('no process')
})
