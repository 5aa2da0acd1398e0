/**
 * The map's colours as the theme has them now.
 * Owns: reading CSS colours (also light-dark()) as numbers, and noticing when they change.
 * Why a probe element: only the computed style of an element resolves light-dark() and custom properties.
 */
import type { MapColours } from './base-map.ts'

type Rgba = [number, number, number, number]
const NAMES = ['water', 'land', 'border', 'coast', 'graticule', 'label', 'halo'] as const

/** `rgb(1, 2, 3)`, `rgba(1, 2, 3, 0.5)` as 0–255 numbers; anything else is transparent. */
export function parseColour(text: string): Rgba {
  const numbers =
    text
      .match(/^rgba?\(([^)]+)\)$/)?.[1]
      ?.split(/[\s,/]+/)
      .filter(Boolean) ?? []
  const [red, green, blue, alpha = 1] = numbers.map(Number)
  if (red === undefined || green === undefined || blue === undefined) return [0, 0, 0, 0]
  return [red, green, blue, Math.round(alpha * 255)]
}

/** Reads the properties --map-water, --map-land … as they hold for `host`. */
export function readColours(host: HTMLElement): MapColours {
  const probe = document.createElement('span')
  probe.hidden = true
  host.append(probe)
  const colours = Object.fromEntries(
    NAMES.map((name) => {
      probe.style.setProperty('color', `var(--map-${name})`)
      return [name, parseColour(getComputedStyle(probe).color)]
    }),
  )
  probe.remove()
  return colours as MapColours
}

/** Calls back when the system's or the window's theme changes. Returns the way to stop. */
export function watchTheme(changed: () => void): () => void {
  const system = matchMedia('(prefers-color-scheme: dark)')
  system.addEventListener('change', changed)
  const observer = new MutationObserver(changed)
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme', 'class', 'style'] })
  return () => {
    system.removeEventListener('change', changed)
    observer.disconnect()
  }
}
