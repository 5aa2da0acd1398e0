/**
 * The log's files: `swath.log`, then `swath.1.log` … the oldest last; each at most 5 MB, five in all.
 * Owns: writing and turning them over. Lines gather in memory and are written together, never on the caller's time.
 * Does not: format or redact (log.ts). A disk that refuses costs lines, never the application.
 */
import { appendFileSync, mkdirSync } from 'node:fs'
import { appendFile, mkdir, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { LogLine, LogSink } from './log.ts'

const MOST_WAITING_LINES = 10_000

export type LogFileOptions = { folder: string; mostBytes?: number; fileCount?: number }
export type LogFile = LogSink & {
  /** The file that is written now; newest first, those that exist. */
  readonly path: string
  paths(): string[]
}

/** A sink into rotating files in the folder, made when the first line comes. */
export function createLogFile({ folder, mostBytes = 5_000_000, fileCount = 5 }: LogFileOptions): LogFile {
  const pathOf = (age: number) => join(folder, age === 0 ? 'swath.log' : `swath.${age}.log`)
  const path = pathOf(0)
  let waiting: string[] = []
  let droppedCount = 0
  let writing: Promise<void> | undefined
  let sizeBytes: number | undefined

  function take(): string {
    if (droppedCount > 0) waiting.push(`{"level":"warn","message":"${droppedCount} log lines were lost"}\n`)
    const text = waiting.join('')
    waiting = []
    droppedCount = 0
    return text
  }
  async function turnOver(): Promise<void> {
    for (let age = fileCount - 2; age >= 0; age--) await rename(pathOf(age), pathOf(age + 1)).catch(() => {})
    sizeBytes = 0
  }
  async function writeWaiting(): Promise<void> {
    await mkdir(folder, { recursive: true })
    sizeBytes ??= await stat(path).then(
      (found) => found.size,
      () => 0,
    )
    while (waiting.length > 0) {
      const text = take()
      const textBytes = Buffer.byteLength(text)
      if (sizeBytes > 0 && sizeBytes + textBytes > mostBytes) await turnOver()
      await appendFile(path, text, { mode: 0o600 })
      sizeBytes += textBytes
    }
  }
  function start(): Promise<void> {
    writing ??= new Promise<void>((resolve) => setImmediate(resolve))
      .then(writeWaiting)
      .catch(() => void take())
      .finally(() => {
        writing = undefined
      })
    return writing
  }

  const sink: LogFile = {
    path,
    paths: () => Array.from({ length: fileCount }, (_, age) => pathOf(age)),
    write(line: LogLine) {
      if (waiting.length >= MOST_WAITING_LINES) {
        waiting.shift()
        droppedCount++
      }
      waiting.push(`${JSON.stringify(line)}\n`)
      void start()
    },
    async flush() {
      while (waiting.length > 0 || writing) await start()
    },
    flushNow() {
      if (waiting.length === 0) return
      try {
        mkdirSync(folder, { recursive: true })
        appendFileSync(path, take(), { mode: 0o600 })
      } catch {
        // nothing is left to tell it to
      }
    },
  }
  process.once('exit', () => sink.flushNow())
  return sink
}
