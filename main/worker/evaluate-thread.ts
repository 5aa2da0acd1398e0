/**
 * A worker thread of the local back-end: a run, or the blocks of one.
 * Owns: the messages. Does not: anything else; the work is in local/evaluate. A thread for blocks is ended from
 * outside, at any moment: it only reads. A thread for a run ends what it began before it is ended.
 */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { createBlockEvaluator, type EvaluationJob } from '../local/evaluate/block-evaluator.ts'
import { answerRun } from '../local/evaluate/run-in-thread.ts'
import { type FromThread, sendable, type ThreadData, type ToThread } from '../local/evaluate/thread-pool.ts'

function answerBlocks(port: MessagePort, job: EvaluationJob): void {
  const evaluator = createBlockEvaluator(job)
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
}

if (parentPort === null) throw new Error('evaluate-thread runs as a worker thread only')
const data = workerData as ThreadData
if (data.kind === 'blocks') answerBlocks(parentPort, data.job)
else void answerRun(parentPort, data.request)
