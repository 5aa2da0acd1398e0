/** What the map tells the status bar: where the pointer is, and how big a pixel is there. */

export class MapStatus {
  /** Degrees, EPSG:4326; null when the pointer is not over the map. */
  pointer = $state.raw<{ longitude: number; latitude: number } | null>(null)
  /** Ground metres of one CSS pixel at the centre of the map. */
  metresPerPixel = $state<number | null>(null)
  /** The value under the pointer with its unit, as words; null where there is none. */
  value = $state<string | null>(null)
}
