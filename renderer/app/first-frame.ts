/**
 * When the map has drawn its first frame. What can wait (lists, the features in main, the keychain) waits for it, so
 * that the window shows something to work with as early as it can.
 * A machine on which the map does not draw is not kept waiting.
 */
const PATIENCE_MS = 1500
const gate = Promise.withResolvers<void>()
setTimeout(gate.resolve, PATIENCE_MS)

export const firstFrame: Promise<void> = gate.promise
export const tellFirstFrame = (): void => gate.resolve()
