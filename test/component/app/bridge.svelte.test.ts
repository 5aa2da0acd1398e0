/** Promise: every call crosses as plain data and comes back unwrapped, or as a Failure that keeps code and references. */
import { expect, test } from 'vitest'
import { type Bridge, createClient, Failure, wireErrorOf } from '../../../renderer/app/bridge.svelte.ts'
import { FakeFailure, fakeBridge } from './fake-bridge.ts'

test('state crosses as a plain copy, although a proxy cannot be cloned', async () => {
  const bridge = fakeBridge({ 'areas.update': (input: unknown) => input })
  const draft = $state({ id: 'a1', name: 'Inntal' })
  expect(() => structuredClone(draft)).toThrow()
  const answer = await createClient(bridge).areas.update(draft)
  expect(answer).toEqual({ id: 'a1', name: 'Inntal' })
  expect(bridge.inputsOf('areas.update')).toEqual([{ id: 'a1', name: 'Inntal' }])
})

test('a failed call rejects with everything that the reply said', async () => {
  const error = {
    code: 'back-end',
    message: 'The collection is not known.',
    retry: 'never',
    serverCode: 'CollectionNotFound',
    serverRef: 'r-77',
    logRef: 'l-1',
  } as const
  const bridge = fakeBridge({
    'catalogue.refresh': () => {
      throw new FakeFailure(error)
    },
  })
  const thrown = await createClient(bridge)
    .catalogue.refresh({ connectionId: 'c1' as never })
    .catch((failure: unknown) => failure)
  expect(thrown).toBeInstanceOf(Failure)
  expect(wireErrorOf(thrown)).toEqual(error)
})

test('a bridge that breaks is a failure of Swath, not a lost promise', async () => {
  const broken: Bridge = { ...fakeBridge(), call: () => Promise.reject(new Error('gone: /home/somebody')) }
  const thrown = await createClient(broken)
    .jobs.list()
    .catch((failure: unknown) => failure)
  const error = wireErrorOf(thrown)
  expect(error.code).toBe('bug')
  expect(error.message).not.toContain('/home')
})

test('awaiting the client or a feature of it calls nothing', async () => {
  const bridge = fakeBridge()
  const client = createClient(bridge)
  await client
  await client.jobs
  expect(bridge.calls).toEqual([])
  expect(client.jobs.list).toBe(client.jobs.list)
})

test('what nobody expected becomes a bug without its text', () => {
  expect(wireErrorOf(new TypeError('secret token 123'))).toMatchObject({ code: 'bug' })
  expect(JSON.stringify(wireErrorOf(new TypeError('secret token 123')))).not.toContain('123')
})
