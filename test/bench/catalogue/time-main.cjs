/**
 * Loaded into the main process before the application (`electron -r`): times every call at the door (from the request in
 * hand to its answer, schemas included; wall clock, and processor time of main's thread), and the turns that main's loop
 * had to wait for. Read with `globalThis.swathBench.take()`, which begins anew.
 */
const { monitorEventLoopDelay } = require('node:perf_hooks')
const { ipcMain } = require('electron')

const RESOLUTION_MS = 5
let calls = []
let busyCpuMs = 0
const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
delay.enable()

const cpuMs = () => {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}
let lastCpuMs = cpuMs()
setInterval(() => {
  const nowCpuMs = cpuMs()
  busyCpuMs = Math.max(busyCpuMs, nowCpuMs - lastCpuMs)
  lastCpuMs = nowCpuMs
}, RESOLUTION_MS).unref()

const handle = ipcMain.handle.bind(ipcMain)
ipcMain.handle = (channel, listener) =>
  handle(channel, async (event, ...values) => {
    const [beganMs, cpuBeganMs] = [performance.now(), cpuMs()]
    const answer = await listener(event, ...values)
    const [feature, name] = values
    calls.push({ place: `${feature}.${name}`, wallMs: performance.now() - beganMs, cpuMs: cpuMs() - cpuBeganMs })
    return answer
  })

globalThis.swathBench = {
  /**
   * What was since the last time. `blockedMs`: the longest time that nobody else had a turn; `blockedCpuMs`: the most
   * processor time between two turns, which other programs on the machine do not lengthen.
   */
  take() {
    const taken = { calls, blockedMs: Math.max(0, delay.max / 1e6 - RESOLUTION_MS), blockedCpuMs: busyCpuMs }
    busyCpuMs = 0
    calls = []
    delay.reset()
    return taken
  },
}
