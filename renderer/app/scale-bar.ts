/** The length of a scale bar: the longest round distance that fits. Pure. */

export type ScaleBar = { widthPx: number; label: string }

const EARTH_CIRCUMFERENCE_M = 40_075_017

/** The longest of 1, 2 or 5 × 10ⁿ metres that is at most `mostPx` wide; null for scales that no bar can show. */
export function scaleBar(metresPerPixel: number, mostPx = 80): ScaleBar | null {
  const most = metresPerPixel * mostPx
  if (!Number.isFinite(most) || most <= 0 || most > EARTH_CIRCUMFERENCE_M) return null
  const power = 10 ** Math.floor(Math.log10(most))
  const metres = [5, 2, 1].map((step) => step * power).find((length) => length <= most * (1 + 1e-9)) ?? power
  const label = metres >= 1000 ? `${metres / 1000} km` : metres >= 1 ? `${metres} m` : `${Math.round(metres * 100)} cm`
  return { widthPx: Math.round(metres / metresPerPixel), label }
}
