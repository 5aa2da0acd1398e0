/**
 * Checking a process, and computing one while the client waits.
 * Owns: the temporary folder of a computation, and how many may wait. A client that goes away ends its computation.
 */
import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { AppError, fromFileError } from '../../../core/errors.ts'
import type { RunAsset } from '../../evaluate/api.ts'
import type { BackEnd } from '../back-end.ts'
import { busy } from '../errors.ts'
import { type Answer, type Exchange, json, type Route, route } from '../exchange.ts'
import { readComputation, readProcess } from '../read-job.ts'
import { asObject } from '../read-request.ts'
import { tarStream } from '../tar.ts'
import { visibleWorld } from '../visible-collections.ts'

const MOST_AT_ONCE = 2
const MOST_WAITING = 20

export function processingRoutes(backEnd: BackEnd): Route[] {
  const turn = createTurns(MOST_AT_ONCE, MOST_WAITING)
  return [
    route('POST', '/validation', 'optional', async (exchange) => {
      const process = readProcess(asObject(await exchange.json()))
      const problems = backEnd.engine.check(process, visibleWorld(backEnd, exchange))
      return json({ errors: problems.map((problem) => ({ id: exchange.id, ...problem, links: [] })) })
    }),
    route('POST', '/result', 'bearer', async (exchange) => {
      const { process } = readComputation(await exchange.json())
      return turn(exchange.signal, () => compute(backEnd, exchange, process))
    }),
  ]
}

async function compute(backEnd: BackEnd, exchange: Exchange, process: { process_graph: object }): Promise<Answer> {
  const outputDir = join(backEnd.stateDir, 'computations', randomUUID())
  const clear = () => void rm(outputDir, { recursive: true, force: true }).catch(() => {})
  try {
    await mkdir(outputDir, { recursive: true })
    const { assets } = await backEnd.engine.run(process, backEnd.world(), {
      outputDir,
      signal: exchange.signal,
      ...backEnd.limits,
    })
    return {
      status: 200,
      headers: { 'OpenEO-Costs': '0', 'OpenEO-Identifier': exchange.id },
      body: bodyOf(assets, clear),
    }
  } catch (failure) {
    clear()
    throw failure instanceof AppError ? failure : (fromFileError(failure, 'the result') ?? failure)
  }
}

function bodyOf(assets: readonly RunAsset[], done: () => void): Answer['body'] {
  const data = assets.filter(({ roles }) => roles.includes('data'))
  const [only] = data.length === 1 ? data : assets
  if (only && (data.length === 1 || assets.length === 1)) {
    const open = () => createReadStream(only.path)
    const { mediaType: type, sizeBytes } = only
    return { kind: 'stream', type, name: basename(only.path), sizeBytes, open, done }
  }
  const entries = assets.map(({ path, sizeBytes }) => ({ name: basename(path), path, sizeBytes }))
  return { kind: 'stream', type: 'application/x-tar', name: 'result.tar', open: () => tarStream(entries), done }
}

/** Lets a few work at once and the next ones wait in order. @throws OpeneoError InfrastructureBusy where too many wait */
function createTurns(mostAtOnce: number, mostWaiting: number) {
  let working = 0
  const waiting: (() => void)[] = []
  return async <T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> => {
    if (working >= mostAtOnce) {
      if (waiting.length >= mostWaiting) throw busy()
      await new Promise<void>((resolve) => waiting.push(resolve))
    } else working++
    try {
      signal.throwIfAborted()
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else working--
    }
  }
}
