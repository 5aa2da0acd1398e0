/** The map's scale as a ratio, for the status bar. Pure. */

/** The size of a pixel by which map services state scales: OGC 06-042 (WMS 1.3.0), 7.2.4.6.9. */
const STANDARD_PIXEL_M = 0.00028

/** `1:250,000`, with two significant digits; null where no scale can be told. */
export function scaleWords(metresPerPixel: number | null): string | null {
  if (metresPerPixel === null || !Number.isFinite(metresPerPixel) || metresPerPixel <= 0) return null
  const words = new Intl.NumberFormat('en', { maximumSignificantDigits: 2 }).format(metresPerPixel / STANDARD_PIXEL_M)
  return `1:${words}`
}
