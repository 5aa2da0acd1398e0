// Gives a plain Node process the `parentPort` of Electron's utility processes, over node's own channel to its parent.
process.parentPort = {
  on: (_event, listener) => process.on('message', (data) => listener({ data })),
  postMessage: (message) => process.send?.(message),
}
