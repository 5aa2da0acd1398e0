/** Log entries by level and as text. Pure. */
import type { JobLog } from '../../preload/contract/jobs.ts'

export type LogLevel = JobLog['level']
const ORDER: readonly LogLevel[] = ['debug', 'info', 'warning', 'error']
export const LOG_LEVELS = [
  { value: 'debug', label: 'Everything' },
  { value: 'info', label: 'Information' },
  { value: 'warning', label: 'Warnings' },
  { value: 'error', label: 'Errors only' },
] as const

export const atLeast = (level: LogLevel, least: LogLevel): boolean => ORDER.indexOf(level) >= ORDER.indexOf(least)

/** `2026-11-20T09:30:00Z error [OutOfMemory] …`, one line an entry. */
export const logText = (entries: readonly JobLog[]): string =>
  entries
    .map(({ time, level, code, message }) => [time, level, code && `[${code}]`, message].filter(Boolean).join(' '))
    .join('\n')
