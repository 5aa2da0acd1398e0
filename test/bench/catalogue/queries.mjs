/** What is typed: beginnings of ids, of words of titles and of keywords of the synthetic entries, and some that nothing has. */

/** Numbers in [0, 1) from a seed (mulberry32). */
export function numbers(seed) {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** So many queries of 1 to 12 letters; one in ten is made up. `entryAt(n)`: the n-th of so many entries. */
export function makeQueries({ count, entryAt, entryCount, seed }) {
  const next = numbers(seed)
  const integer = (below) => Math.floor(next() * below)
  const made = []
  while (made.length < count) {
    const { id, title = '', keywords = [] } = entryAt(integer(entryCount))
    const words = [id, ...String(title).split(/[^\p{L}\p{N}_-]+/u), ...keywords].filter(Boolean)
    const length = 1 + integer(12)
    const invented = Array.from({ length }, () => String.fromCharCode(97 + integer(26))).join('')
    const text = next() < 0.1 ? invented : String(words[integer(words.length)]).slice(0, length)
    if (text.trim() !== '') made.push(text)
  }
  return made
}
