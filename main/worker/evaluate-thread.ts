/**
 * A worker thread of the local back-end that computes blocks of results.
 * Owns: the messages. Does not: anything else; the work is in local/evaluate/block-evaluator.ts. The thread is ended
 * from outside, at any moment: it only reads.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { createBlockEvaluator, type EvaluationJob } from '../local/evaluate/block-evaluator.ts'
import { type FromThread, sendable, type ToThread } from '../local/evaluate/thread-pool.ts'

if (parentPort === null) throw new Error('evaluate-thread runs as a worker thread only')
const port = parentPort
const evaluator = createBlockEvaluator(workerData as EvaluationJob)
// one block after the other: the memory of a thread is meant for one
let last: Promise<unknown> = Promise.resolve()

port.on('message', ({ id, task }: ToThread) => {
  last = last.then(async () => {
    try {
      const values = await evaluator.evaluate(task)
      const answer: FromThread = { id, counts: evaluator.counts(), values }
      port.postMessage(
        answer,
        values.map(({ buffer }) => buffer),
      )
    } catch (failure) {
      const answer: FromThread = { id, counts: evaluator.counts(), failure: sendable(failure) }
      port.postMessage(answer)
    }
  })
})
