/**
 * Other spellings under which a text is found: short and long names of satellites, numbers with and without a zero before
 * them, letters with marks. Pure. All texts are without marks and in lower case but where it is said.
 */

/** Letters that Unicode does not take apart. */
const LETTERS = new Map([
  ['ß', 'ss'],
  ['ẞ', 'SS'],
  ['æ', 'ae'],
  ['Æ', 'AE'],
  ['œ', 'oe'],
  ['Œ', 'OE'],
  ['ø', 'o'],
  ['Ø', 'O'],
  ['ł', 'l'],
  ['Ł', 'L'],
  ['đ', 'd'],
  ['Đ', 'D'],
  ['ð', 'd'],
  ['þ', 'th'],
  ['ı', 'i'],
])
/** Without accents and other marks, compatibility forms undone; the case stays. */
export const unmarked = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .replace(/[ßẞæÆœŒøØłŁđĐðþı]/g, (letter) => LETTERS.get(letter) ?? letter)

/** German and Nordic spelling without the letters: `Überflutung` → `Ueberflutung`. The case stays. */
export const spelledOut = (text: string): string =>
  /[äöüøå]|\u0308|\u030a/i.test(text)
    ? text
        .normalize('NFC')
        .replace(/[äöüø]/gi, (letter) => `${unmarked(letter)}e`)
        .replace(/å/g, 'aa')
        .replace(/Å/g, 'Aa')
    : text

/** Places of a short name and its number, with the number as it is also written: `b 08` → 8, `lc 8` → 08. */
export function padded(pieces: readonly string[]): { at: number; number: string }[] {
  const found: { at: number; number: string }[] = []
  for (let at = 0; at + 1 < pieces.length; at++) {
    const name = pieces[at] as string
    const number = pieces[at + 1] as string
    if (name.length > 2 || (name[0] as string) <= '9') continue
    if (/^0[1-9]$/.test(number)) found.push({ at, number: number[1] as string })
    else if (/^[1-9]$/.test(number)) found.push({ at, number: `0${number}` })
  }
  return found
}

const SENTINEL = /(?<![\p{L}\p{N}])(?:sentinel[ _.-]?|s)([1-6](?:[-/&][1-6])*)(?!\d)((?:[_\-.]*[\p{L}\p{N}]+){0,8})/gu
/** `l4` is a level of processing; `lc08` and the like are Landsat's own ids. */
const LANDSAT =
  /(?<![\p{L}\p{N}])(?:landsat[ _.-]?(?=0?[4-9])|l[ceot](?=0?[4-9])|l(?=[5789]))0?([4-9](?:[-/&][4-9])*)(?!\d)((?:[_\-.]*[\p{L}\p{N}]+){0,8})/gu
/** Of those, S1 is one day and S5 are five. */
const SYNTHESES = /proba[ _-]?v|spot[ _-]?v|vgt/

/** The short and the long names of the satellites in a text, with the rest of the word that each is in. */
export function satelliteNames(text: string): { name: string; tail: string }[] {
  const found: { name: string; tail: string }[] = []
  if (/[sl]\d|sentinel|landsat|l[ceot]\d/.test(text)) {
    if (!SYNTHESES.test(text)) collect(found, text, SENTINEL, ['sentinel', 's'])
    collect(found, text, LANDSAT, ['landsat', 'l', 'lc0', 'lc'])
  }
  return found
}
function collect(found: { name: string; tail: string }[], text: string, pattern: RegExp, names: readonly string[]) {
  for (const [, numbers = '', tail = ''] of text.matchAll(pattern))
    for (const number of numbers.split(/\D/)) for (const name of names) found.push({ name: name + number, tail })
}
