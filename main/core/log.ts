/**
 * The application's log: one JSON object a line, secrets taken out before anything is written.
 * Owns: the format of a line and the references (`logRef`) by which an error finds its entry. Never throws, never blocks.
 * Does not: write files (log-file.ts) or know who reads it. A utility process hands its lines to main (forwardTo).
 */
import { type Clock, instant, systemClock } from './clock.ts'
import { createRedactor, type Redactor } from './redact.ts'

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

export type LogLine = {
  at: string
  level: LogLevel
  /** Feature or part that speaks, e.g. `jobs` or `transfers/download`. */
  from: string
  ref: string
  pid: number
  message: string
  /** What belongs to it; redacted already. */
  fields?: unknown
}

/** Where lines go. `write` returns at once; `flushNow` is for the last moment of a process. */
export type LogSink = {
  write(line: LogLine): void
  flush(): Promise<void>
  flushNow(): void
}

export type Log = {
  debug(message: string, fields?: object): string
  info(message: string, fields?: object): string
  warn(message: string, fields?: object): string
  /** The answer is the entry's reference, for `toWireError`. */
  error(message: string, fields?: object): string
  /** The same log, speaking for a part. */
  child(from: string): Log
  /** Takes in a line of another process. It is redacted again: that process may not know every secret. */
  accept(line: LogLine): void
  flush(): Promise<void>
}

export type LogOptions = {
  sink: LogSink
  redactor?: Redactor
  from?: string
  level?: LogLevel
  clock?: Clock
}

let lastMs = 0
let counter = 0
/** Short, sorts by time, unique in this process: milliseconds in base 36, then the process, then a counter. */
function nextRef(nowMs: number): string {
  const atMs = Math.max(nowMs, lastMs)
  counter = atMs === lastMs ? counter + 1 : 0
  lastMs = atMs
  return `${atMs.toString(36).padStart(9, '0')}-${counter.toString(36).padStart(2, '0')}-${process.pid.toString(36)}`
}

/** A log into the sink; lines below `level` (info unless told) are dropped. */
export function createLog({ sink, redactor = createRedactor(), from = 'main', level, clock }: LogOptions): Log {
  const { now } = clock ?? systemClock
  const lowest = LOG_LEVELS.indexOf(level ?? 'info')
  const speaker = (name: string): Log => {
    const write = (lineLevel: LogLevel, message: string, fields?: object): string => {
      const ref = nextRef(now())
      if (LOG_LEVELS.indexOf(lineLevel) < lowest) return ref
      const line: LogLine = {
        at: instant(now()),
        level: lineLevel,
        from: name,
        ref,
        pid: process.pid,
        message: redactor.text(message),
        ...(fields === undefined ? {} : { fields: redactor.value(fields) }),
      }
      writeSafely(sink, line)
      return ref
    }
    return {
      debug: (message, fields) => write('debug', message, fields),
      info: (message, fields) => write('info', message, fields),
      warn: (message, fields) => write('warn', message, fields),
      error: (message, fields) => write('error', message, fields),
      child: (part) => speaker(name === 'main' ? part : `${name}/${part}`),
      accept(line) {
        writeSafely(sink, {
          ...line,
          message: redactor.text(String(line.message)),
          fields: redactor.value(line.fields),
        })
      },
      flush: () => sink.flush().catch(() => {}),
    }
  }
  return speaker(from)
}

function writeSafely(sink: LogSink, line: LogLine): void {
  try {
    sink.write(line)
  } catch {
    // a log that fails must not take anything with it
  }
}

/** For a utility process: hands every line to main, which has the file. */
export function forwardTo(post: (line: LogLine) => void): LogSink {
  return { write: post, flush: async () => {}, flushNow() {} }
}

/** For tests: keeps the lines. */
export function memorySink(): LogSink & { readonly lines: LogLine[] } {
  const lines: LogLine[] = []
  return { lines, write: (line) => void lines.push(line), flush: async () => {}, flushNow() {} }
}

/** A log that nobody reads. */
export const silentLog: Log = createLog({ sink: { write() {}, flush: async () => {}, flushNow() {} } })
