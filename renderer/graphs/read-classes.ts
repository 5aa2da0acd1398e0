/** Class values as a user types them: `3, 8 9`. Pure. */

/** The whole numbers in order without repeats, or what is wrong with the text. */
export function readClasses(text: string): { values: number[]; problem?: string } {
  const words = text.split(/[\s,;]+/).filter(Boolean)
  const wrong = words.find((word) => !/^-?\d{1,9}$/.test(word))
  if (wrong !== undefined) return { values: [], problem: `${wrong.slice(0, 20)} is not a whole number.` }
  return { values: [...new Set(words.map(Number))].sort((a, b) => a - b) }
}
