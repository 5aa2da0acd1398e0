/** The real catalogue process in plain Node, for tests: child_process.fork instead of Electron's utility process. */
import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import type { CatalogueProcess } from '../../main/catalogue/index.ts'

const entry = join(import.meta.dirname, '../../main/worker/catalogue.ts')

export type StartedProcess = CatalogueProcess & { readonly child: ChildProcess }
export function startCatalogueProcess(): StartedProcess {
  const child = fork(entry, [], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], serialization: 'advanced' })
  return {
    child,
    postMessage: (message) => void (child.connected && child.send(message as object)),
    onMessage: (listener) => child.on('message', listener),
    onExit: (listener) => void child.on('exit', (code) => listener(code ?? -1)),
    kill: () => void child.kill(),
  }
}
