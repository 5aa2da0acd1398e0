/** Character references of HTML (`&amp;`, `&#955;`, `&deg;`) as the characters that they stand for. Pure. */

/** Those that texts about data use; the others stay as they are written. */
const NAMED: Record<string, string> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: '\u00a0',
  colon: ':',
  Tab: '\t',
  NewLine: '\n',
  sol: '/',
  copy: '©',
  reg: '®',
  trade: '™',
  deg: '°',
  micro: 'µ',
  mu: 'μ',
  middot: '·',
  bull: '•',
  ndash: '–',
  mdash: '—',
  hellip: '…',
  lsquo: '‘',
  rsquo: '’',
  ldquo: '“',
  rdquo: '”',
  laquo: '«',
  raquo: '»',
  times: '×',
  divide: '÷',
  minus: '−',
  plusmn: '±',
  sup1: '¹',
  sup2: '²',
  sup3: '³',
  frac12: '½',
  frac14: '¼',
  le: '≤',
  ge: '≥',
  ne: '≠',
  asymp: '≈',
  rarr: '→',
  larr: '←',
  euro: '€',
  sect: '§',
  para: '¶',
  alpha: 'α',
  beta: 'β',
  gamma: 'γ',
  lambda: 'λ',
  sigma: 'σ',
  Delta: 'Δ',
  auml: 'ä',
  ouml: 'ö',
  uuml: 'ü',
  Auml: 'Ä',
  Ouml: 'Ö',
  Uuml: 'Ü',
  szlig: 'ß',
  eacute: 'é',
  egrave: 'è',
  agrave: 'à',
  ccedil: 'ç',
}
const LAST_CODE_POINT = 0x10ffff

function character(code: number): string {
  const isValid = code > 0 && code <= LAST_CODE_POINT && !(code >= 0xd800 && code <= 0xdfff)
  return isValid ? String.fromCodePoint(code) : '\ufffd'
}

export function decodeReferences(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(
    /&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([A-Za-z][A-Za-z0-9]{1,30}));/g,
    (all, decimal, hexadecimal, name) => {
      if (decimal) return character(Number(decimal))
      if (hexadecimal) return character(Number.parseInt(hexadecimal, 16))
      return Object.hasOwn(NAMED, name) ? (NAMED[name] as string) : all
    },
  )
}
