/**
 * What `npm run bench` and `npm run soak` share: names from a folder, a table, and the last line of JSON.
 * A measurement is a file test/bench/NAME.bench.mjs or NAME.soak.mjs with `title` and `run({ args, say, env })`, which
 * answers { figures, ratios?, rows?, isGood? }. It runs in Electron's Node, with a display in `env` where it asks for one
 * (`needsDisplay`).
 */
import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { buildApp } from './build-app.mjs'
import { root, SetupFailure, say } from './setup/steps.mjs'
import { setUp } from './setup.mjs'
import { hasDisplay, startVirtualDisplay } from './virtual-display.mjs'

const folder = join(root, 'test', 'bench')

/** The middle of the values; of two middles their mean. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

function machine() {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    load: loadavg().map((load) => Math.round(load * 100) / 100),
    platform: `${process.platform}-${process.arch}`,
    electron: process.versions.electron,
    node: process.versions.node,
  }
}

/** Rows of objects as a table; the keys of the first are the headings. */
function table(rows) {
  const [first] = rows
  if (!first) return
  const keys = Object.keys(first)
  const lines = [keys, ...rows.map((row) => keys.map((key) => String(row[key])))]
  const widths = keys.map((_, column) => Math.max(...lines.map((line) => line[column].length)))
  const isNumber = (text) => /^-?[\d.]+( ?\w+)?$/.test(text)
  for (const line of lines)
    say(line.map((text, i) => (isNumber(text) ? text.padStart(widths[i]) : text.padEnd(widths[i]))).join('  '))
}

/** This very command again, in Electron's Node; ends as that one ends. */
function continueInElectron(script, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(root, 'build', 'run-electron.mjs'), script, ...args], {
      stdio: 'inherit',
    })
    child.on('error', reject)
    child.on('exit', (code) => resolve(code ?? 1))
  })
}

/** `kind` is `bench` or `soak`; `script` the file of the command. */
export async function measure(kind, script) {
  const suffix = `.${kind}.mjs`
  const names = readdirSync(folder)
    .filter((file) => file.endsWith(suffix))
    .map((file) => file.slice(0, -suffix.length))
  const [name, ...args] = process.argv.slice(2)
  if (!names.includes(name))
    throw new SetupFailure(
      `${name ? `Nothing is called ${name}` : 'Which one'}? Known: ${names.join(', ')}.\n  npm run ${kind} -- NAME`,
    )
  if (!process.versions.electron) {
    await setUp({ for: 'test' })
    await buildApp()
    process.exitCode = await continueInElectron(script, process.argv.slice(2))
    return
  }
  const measurement = await import(pathToFileURL(join(folder, name + suffix)).href)
  say(`${kind} ${name}: ${measurement.title}`)
  const display = measurement.needsDisplay && !hasDisplay() ? await startVirtualDisplay() : undefined
  try {
    const { ELECTRON_RUN_AS_NODE, ...env } = { ...process.env, ...display?.env }
    const before = machine()
    const result = await measurement.run({ args, say, env })
    table(result.rows ?? [])
    if (result.isGood === false) process.exitCode = 1
    const { figures, ratios = {} } = result
    say(JSON.stringify({ [kind]: name, figures, ratios, machine: { ...before, loadAtEnd: machine().load } }))
  } finally {
    display?.stop()
  }
}
