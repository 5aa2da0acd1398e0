/** Promises between processes: answers find their questions, failures cross as values, bugs say nothing but their place. */
import { expect, test } from 'vitest'
import { AppError } from '../../../main/core/errors.ts'
import { createPeer, type Port } from '../../../main/core/peer.ts'

type Left = { double: { input: number; answer: number } }
type Right = { fail: { input: 'known' | 'bug'; answer: undefined }; never: { input: undefined; answer: undefined } }

function pair(): [Port, Port] {
  const listeners: [((message: unknown) => void)[], ((message: unknown) => void)[]] = [[], []]
  const port = (mine: 0 | 1): Port => ({
    postMessage: (message) => {
      const copy = structuredClone(message)
      queueMicrotask(() => listeners[mine === 0 ? 1 : 0].forEach((listener) => void listener(copy)))
    },
    onMessage: (listener) => void listeners[mine].push(listener),
  })
  return [port(0), port(1)]
}

test('both sides ask at once; failures keep their code; the other side going away ends what is open', async () => {
  const [leftPort, rightPort] = pair()
  const bugs: unknown[] = []
  const left = createPeer<Left, Right>(leftPort, { double: (n) => n * 2 }, () => 'ref-left')
  const right = createPeer<Right, Left>(
    rightPort,
    {
      fail(kind) {
        if (kind === 'bug') throw new Error('secret inside')
        throw new AppError('disk-full', 'The disk is full.', { serverRef: 'r-1' })
      },
      never: () => new Promise(() => {}),
    },
    (failure) => {
      bugs.push(failure)
      return 'ref-right'
    },
  )
  expect(await Promise.all([1, 2, 3].map((n) => right.ask('double', n)))).toEqual([2, 4, 6])
  await expect(left.ask('fail', 'known')).rejects.toMatchObject({ code: 'disk-full', retry: 'now', serverRef: 'r-1' })
  await expect(left.ask('fail', 'bug')).rejects.toMatchObject({
    code: 'bug',
    message: expect.not.stringContaining('secret'),
  })
  expect(bugs.length).toBe(1)
  await expect(left.ask('toString' as 'never', undefined)).rejects.toMatchObject({ code: 'bug' })
  leftPort.postMessage({ kind: 'nonsense' })
  leftPort.postMessage(null)
  const open = left.ask('never', undefined)
  left.close()
  await expect(open).rejects.toMatchObject({ code: 'canceled' })
  await expect(left.ask('never', undefined)).rejects.toMatchObject({ code: 'canceled' })
})
