/** The back-end's process and the application understand each other: start, status, folders, failure, stop. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { FromBackEnd, type ToBackEnd } from '../../../main/local/process-messages.ts'
import { dataFolder, signIn, temporaryFolder } from './support/back-end.ts'

const entry = resolve(import.meta.dirname, '../../../main/worker/local-back-end.ts')
/** Gives a plain Node process the `parentPort` of Electron's utility processes, over node's own channel to its parent. */
const PARENT_PORT = `process.parentPort = {
  on: (_event, listener) => process.on('message', (data) => listener({ data })),
  postMessage: (message) => process.send?.(message),
}`
const port = `data:text/javascript,${encodeURIComponent(PARENT_PORT)}`
const shared = resolve(import.meta.dirname, '../../../../shared/data')

type Message<T extends FromBackEnd['type']> = Extract<FromBackEnd, { type: T }>

function startProcess() {
  const child: ChildProcess = fork(entry, [], {
    execArgv: ['--import', port],
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const seen: FromBackEnd[] = []
  child.on('message', (message) => seen.push(FromBackEnd.parse(message)))
  const last = <T extends FromBackEnd['type']>(type: T) =>
    seen.findLast((message) => message.type === type) as Message<T> | undefined
  return {
    child,
    seen,
    last,
    send: (message: ToBackEnd | object) => child.send(message),
    /** The newest message of the kind that fits, as soon as there is one. */
    async until<T extends FromBackEnd['type']>(
      type: T,
      fits: (message: Message<T>) => boolean = () => true,
    ): Promise<Message<T>> {
      for (;;) {
        const message = last(type)
        if (message && fits(message)) return message
        await once(child, 'message', { signal: AbortSignal.timeout(20_000) })
      }
    },
  }
}

test('started, told of folders, and stopped', async () => {
  const [stateDir, data] = [temporaryFolder(), temporaryFolder()]
  cpSync(join(shared, 'dem.tif'), join(data, 'dem.tif'))
  writeFileSync(join(data, 'empty.tif'), '')
  const { child, send, until, last, seen } = startProcess()
  send({ type: 'start', dataDir: stateDir, folders: [] })
  const ready = await until('ready')
  send({ type: 'nonsense' })
  send({ type: 'setFolders', folders: [dataFolder(data)] })
  const status = await until('status', ({ isScanning, collections }) => !isScanning && collections.length === 1)
  expect(status).toMatchObject({
    problems: [{ folderId: data, file: 'empty.tif', reason: 'The file is empty.' }],
    setAside: null,
  })
  expect(status.collections[0]).toMatchObject({ scenes: 1 })
  const client = await signIn(ready)
  expect((await client.ask('GET', '/me')).status).toBe(200)
  cpSync(join(shared, 'shade.tif'), join(data, 'shade.tif'))
  send({ type: 'rescan' })
  await until('status', ({ isScanning, collections }) => !isScanning && collections.length === 2)
  const ended = once(child, 'exit')
  send({ type: 'stop' })
  expect((await ended)[0]).toBe(0)
  expect(last('stopped')).toEqual({ type: 'stopped' })
  expect(JSON.stringify(seen.filter(({ type }) => type === 'log'))).not.toContain(ready.password)
}, 30_000)

test('a folder in use is told as a failure with a sentence; a damaged database as a status', async () => {
  const stateDir = temporaryFolder()
  writeFileSync(join(stateDir, 'back-end.db'), 'no database'.repeat(1000))
  const first = startProcess()
  first.send({ type: 'start', dataDir: stateDir, folders: [] })
  await first.until('status', ({ isScanning }) => !isScanning)
  const told = first.seen.flatMap((message) =>
    message.type === 'status' && message.setAside ? [message.setAside] : [],
  )
  expect(told).toEqual([
    expect.stringMatching(/^The list of jobs could not be read\. It is kept as 'back-end\.damaged-/),
  ])
  const second = startProcess()
  second.send({ type: 'start', dataDir: stateDir, folders: [] })
  expect(await second.until('failed')).toMatchObject({
    code: 'conflict',
    message: expect.stringMatching(/data folder/),
  })
}, 30_000)

test('statements are answered by number, after the status that follows from them; a refusal has its code', async () => {
  const [stateDir, data] = [temporaryFolder(), temporaryFolder()]
  cpSync(join(shared, 'lc.tif'), join(data, 'lc.tif'))
  const { send, until, last, seen } = startProcess()
  // before the start there is nobody to do it
  send({ type: 'stateNodata', number: 1, collectionId: 'x', value: 0 })
  expect(await until('answer')).toMatchObject({ number: 1, failure: { code: 'offline' } })
  send({ type: 'start', dataDir: stateDir, folders: [dataFolder(data)] })
  const status = await until('status', ({ isScanning, collections }) => !isScanning && collections.length === 1)
  const [scene] = status.undated
  expect(status).toMatchObject({ undatedCount: 1, dated: [], undated: [{ folderId: data, files: ['lc.tif'] }] })
  const { collectionId = '', sceneId = '' } = scene ?? {}
  send({ type: 'stateDate', number: 7, collectionId, sceneId, datetime: 'soon' })
  send({ type: 'stateDate', number: 8, collectionId, sceneId, datetime: '2021-03-04' })
  send({ type: 'stateNodata', number: 9, collectionId, value: 3 })
  await until('answer', ({ number }) => number === 9)
  const answers = seen.flatMap((message) => (message.type === 'answer' ? [[message.number, message.failure]] : []))
  expect(answers.slice(1)).toEqual([
    [7, { code: 'invalid-input', message: expect.stringMatching(/date/) }],
    [8, null],
    [9, null],
  ])
  expect(last('status')).toMatchObject({
    isScanning: false,
    undatedCount: 0,
    dated: [{ datetime: '2021-03-04T00:00:00Z' }],
    collections: [{ id: collectionId, bands: [{ nodata: 3, statedBy: 'here' }] }],
  })
}, 30_000)
