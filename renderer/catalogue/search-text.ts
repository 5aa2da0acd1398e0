/** Whether all words of a search occur in the texts, without case and accents. Pure; used by every list's filter. */

const plain = (text: string) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()

export function matchesText(search: string, ...texts: readonly (string | null | undefined)[]): boolean {
  const words = plain(search).split(/\s+/).filter(Boolean)
  if (words.length === 0) return true
  const all = plain(texts.filter(Boolean).join(' '))
  return words.every((word) => all.includes(word))
}
