/**
 * Finds secrets that were registered, in every form in which they could stand in a text.
 * Owns: the forms, and how many values are known at a time. Does not: know patterns (redact.ts).
 * Why not one regular expression: sessions bring a new token every few minutes, and compiling thousands of alternatives
 * takes half a second each time. Here a new value costs microseconds, and a text is walked once however many are known.
 */
/** Shorter values would make ordinary words vanish. */
export const SHORTEST_SECRET = 4
const SHORTEST_ENCODED = 6
/** Tokens and kept sessions are longer than this; passwords and keys that people type are not. */
const LONG = 200
const MOST_LONG = 256
const MOST_SHORT = 4_000

export type KnownSecrets = {
  /** Of long values the latest 256 are known, of short ones the latest 4,000. One that comes again is a late one. */
  add(value: string): void
  /** The text with every known value replaced; of two that begin at one place the longer. */
  replace(text: string, replacement: string): string
}

export function createKnownSecrets(): KnownSecrets {
  const long = new Map<string, string[]>()
  const short = new Map<string, string[]>()
  /** Form → how many values have it. */
  const counts = new Map<string, number>()
  /** The first characters of forms → these forms, the longest first. */
  const byStart = new Map<string, string[]>()
  /** How many forms begin with characters of this hash: most places of a text are passed by with one look here. */
  const hashes = new Uint32Array(HASHES)

  function mark(form: string, by: 1 | -1): void {
    const hash = hashAt(form, 0)
    hashes[hash] = (hashes[hash] ?? 0) + by
  }
  function learn(form: string): void {
    const count = counts.get(form) ?? 0
    counts.set(form, count + 1)
    if (count > 0) return
    const start = form.slice(0, SHORTEST_SECRET)
    const forms = [...(byStart.get(start) ?? []), form].sort((a, b) => b.length - a.length)
    byStart.set(start, forms)
    mark(form, 1)
  }
  function forget(form: string): void {
    const count = counts.get(form) ?? 0
    if (count > 1) return void counts.set(form, count - 1)
    counts.delete(form)
    const start = form.slice(0, SHORTEST_SECRET)
    const forms = (byStart.get(start) ?? []).filter((one) => one !== form)
    if (forms.length > 0) byStart.set(start, forms)
    else byStart.delete(start)
    mark(form, -1)
  }
  function formAt(text: string, index: number): string | undefined {
    if (hashes[hashAt(text, index)] === 0) return undefined
    const forms = byStart.get(text.slice(index, index + SHORTEST_SECRET))
    return forms?.find((form) => text.startsWith(form, index))
  }

  return {
    add(value) {
      if (value.length < SHORTEST_SECRET) return
      const [known, most] = value.length > LONG ? [long, MOST_LONG] : [short, MOST_SHORT]
      const before = known.get(value)
      const forms = before ?? formsOf(value)
      known.delete(value)
      known.set(value, forms)
      if (before !== undefined) return
      for (const form of forms) learn(form)
      const [oldest] = known
      if (known.size <= most || oldest === undefined) return
      known.delete(oldest[0])
      for (const form of oldest[1]) forget(form)
    },
    replace(text, replacement) {
      if (counts.size === 0) return text
      const parts: string[] = []
      let from = 0
      for (let index = 0; index <= text.length - SHORTEST_SECRET; index++) {
        const form = formAt(text, index)
        if (form === undefined) continue
        parts.push(text.slice(from, index), replacement)
        from = index + form.length
        index = from - 1
      }
      return parts.length === 0 ? text : parts.join('') + text.slice(from)
    },
  }
}

const HASHES = 0x10000
/** Of four characters; the multiplier is that of Knuth. */
const hashAt = (text: string, index: number): number =>
  Math.imul(
    text.charCodeAt(index) ^
      (text.charCodeAt(index + 1) << 7) ^
      (text.charCodeAt(index + 2) << 14) ^
      (text.charCodeAt(index + 3) << 21),
    2_654_435_761,
  ) >>> 16

/** The part of a base64 text that stays the same wherever in a longer text the secret begins: three alignments. */
function base64Forms(secret: string): string[] {
  const bytes = Buffer.from(secret)
  return [0, 1, 2].flatMap((lead) => {
    const whole = Buffer.concat([Buffer.alloc(lead), bytes])
      .toString('base64')
      .replace(/=+$/, '')
    const first = lead === 0 ? 0 : lead + 1
    const isCut = (lead + bytes.length) % 3 !== 0
    const core = whole.slice(first, isCut ? -1 : undefined)
    return core.length < SHORTEST_ENCODED ? [] : [core, core.replaceAll('+', '-').replaceAll('/', '_')]
  })
}

/** encodeURIComponent that also takes half of a surrogate pair. */
const urlEncoded = (text: string) => encodeURIComponent(text.toWellFormed())

/** Every form in which a registered secret is looked for. */
function formsOf(secret: string): string[] {
  const encoded = urlEncoded(secret)
  const forms = [
    secret,
    encoded,
    new URLSearchParams([['', secret.toWellFormed()]]).toString().slice(1),
    encoded.replace(/%[\dA-F]{2}/g, (hex) => hex.toLowerCase()),
    JSON.stringify(secret).slice(1, -1),
    ...(secret.length >= SHORTEST_ENCODED ? base64Forms(secret) : []),
  ]
  return [...new Set(forms.flatMap((form) => [form, urlEncoded(form)]))]
}
