/**
 * The two predictors of TIFF, both ways: horizontal differences (2, TIFF 6.0 section 14) and the floating point
 * predictor (3, TIFF Technical Note 3).
 * Owns: loops over rows, in place. Does not: compress.
 */
import type { Values } from './types.ts'

/** Sums up differences to the pixel on the left. `rowLength` counts values; wraps as the type does. */
export function unpredictIntegers(values: Values, rowLength: number, rowCount: number, perPixel: number): void {
  for (let row = 0; row < rowCount; row++) {
    const start = row * rowLength
    if (perPixel === 1) {
      let sum = values[start] as number
      for (let i = start + 1; i < start + rowLength; i++) {
        sum = (sum + (values[i] as number)) | 0
        values[i] = sum
      }
      continue
    }
    for (let i = start + perPixel; i < start + rowLength; i++)
      values[i] = ((values[i] as number) + (values[i - perPixel] as number)) | 0
  }
}

/** Replaces values by their difference to the pixel on the left. */
export function predictIntegers(values: Values, rowLength: number, rowCount: number, perPixel: number): void {
  for (let row = 0; row < rowCount; row++) {
    const start = row * rowLength
    for (let i = start + rowLength - 1; i >= start + perPixel; i--)
      values[i] = ((values[i] as number) - (values[i - perPixel] as number)) | 0
  }
}

/** Undoes predictor 3: differences of bytes, then the byte planes (most significant first) back into values. */
export function unpredictFloat(
  bytes: Uint8Array,
  rowBytes: number,
  rowCount: number,
  valueBytes: number,
  perPixel: number,
): void {
  const planes = new Uint8Array(rowBytes)
  const count = rowBytes / valueBytes
  for (let row = 0; row < rowCount; row++) {
    const start = row * rowBytes
    for (let i = start + perPixel; i < start + rowBytes; i++)
      bytes[i] = (bytes[i] as number) + (bytes[i - perPixel] as number)
    planes.set(bytes.subarray(start, start + rowBytes))
    for (let b = 0; b < valueBytes; b++) {
      // plane 0 is the most significant byte, which lies last on a little-endian machine
      for (let i = 0, to = start + valueBytes - 1 - b, from = b * count; i < count; i++, to += valueBytes, from++)
        bytes[to] = planes[from] as number
    }
  }
}

/** Does predictor 3 to little-endian values. */
export function predictFloat(
  bytes: Uint8Array,
  rowBytes: number,
  rowCount: number,
  valueBytes: number,
  perPixel: number,
): void {
  const planes = new Uint8Array(rowBytes)
  const count = rowBytes / valueBytes
  for (let row = 0; row < rowCount; row++) {
    const start = row * rowBytes
    for (let b = 0; b < valueBytes; b++) {
      for (let i = 0, from = start + valueBytes - 1 - b, to = b * count; i < count; i++, from += valueBytes, to++)
        planes[to] = bytes[from] as number
    }
    for (let i = rowBytes - 1; i >= perPixel; i--) planes[i] = (planes[i] as number) - (planes[i - perPixel] as number)
    bytes.set(planes, start)
  }
}
