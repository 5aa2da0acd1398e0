/**
 * Marks of the start, for measuring it: `SWATH_TIMINGS=1` prints them, `quit` also ends at the first drawn frame.
 * Owns: nothing at run time of a user (without the variable nothing is printed or kept).
 */
import { app } from 'electron'

export type Timings = { mark(name: string, extra?: object): void }

export function createTimings(): Timings {
  const wanted = process.env.SWATH_TIMINGS
  const startedAtMs = process.getCreationTime() ?? Date.now()
  return {
    mark(name, extra = {}) {
      if (!wanted) return
      const line = { timing: name, ms: Math.round(Date.now() - startedAtMs), ...extra }
      process.stdout.write(`${JSON.stringify(line)}\n`)
      if (name !== 'interactive') return
      if (wanted === 'quit') app.quit()
      if (wanted === 'memory') setTimeout(printMemory, 8000)
    },
  }
}

function printMemory(): void {
  const rows = app
    .getAppMetrics()
    .map((metric) => ({ type: metric.type, name: metric.name, rssKiB: metric.memory.workingSetSize, pid: metric.pid }))
  const totalKiB = rows.reduce((sum, row) => sum + row.rssKiB, 0)
  process.stdout.write(`${JSON.stringify({ timing: 'memory', totalKiB, rows })}\n`)
  app.quit()
}
