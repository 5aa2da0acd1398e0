/**
 * Long loops that let others have their turn.
 * Owns: how often. Why: ten thousand files must not keep the server from answering.
 */
const PAUSE_EVERY = 100
const pause = () => new Promise<void>((resolve) => setImmediate(resolve))

/** The items in their order, with a pause of the event loop every so many. */
export async function* unhurried<T>(items: Iterable<T>): AsyncGenerator<T> {
  let count = 0
  for (const item of items) {
    if (++count % PAUSE_EVERY === 0) await pause()
    yield item
  }
}
