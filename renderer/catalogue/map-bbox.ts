/** What a map shows as a box of the contract: within the world, west above east across the antimeridian. Pure. */
import type { Bbox } from '../../preload/contract/vocabulary.ts'
import { wrapLongitude } from '../map/projection.ts'

const round = (value: number) => Number(value.toFixed(6))

export function mapBbox([west, south, east, north]: readonly number[]): Bbox {
  const [low, high] = [Math.max(-90, south ?? -90), Math.min(90, north ?? 90)].map(round) as [number, number]
  if (west === undefined || east === undefined || east - west >= 360) return [-180, low, 180, high]
  return [round(wrapLongitude(west)), low, round(wrapLongitude(east)), high]
}
