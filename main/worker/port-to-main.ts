/**
 * The way from a process of the application to main. Owns: which kind of port it is. Does not: know what is said over it.
 */
import type { Port } from '../core/peer.ts'

/** What is used of Electron's port. */
type ParentPort = {
  postMessage(message: unknown): void
  on(event: 'message', listener: (event: { data: unknown }) => void): void
}

/** Electron's port in a utility process; the channel of child_process.fork in plain Node, with which the process ends. */
export function portToMain(): Port {
  const { parentPort } = process as unknown as { parentPort?: ParentPort }
  if (parentPort)
    return {
      postMessage: (message) => parentPort.postMessage(message),
      onMessage: (listener) => parentPort.on('message', (event) => listener(event.data)),
    }
  process.on('disconnect', () => process.exit(0))
  return {
    postMessage: (message) => void process.send?.(message),
    onMessage: (listener) => void process.on('message', listener),
  }
}
