/**
 * The raster engine's front door: what the local back-end, the viewer, the library and publishing may use.
 * Owns: nothing; the parts are in the files beside it. Knows no Electron, no database and no window.
 */
export { type CogBand, type CogOptions, type CogWriter, createCogWriter } from './cog-writer.ts'
export { crsFromEpsg, crsFromUserInput, sameCrs, transformer, transformPoint, WGS84 } from './crs.ts'
export {
  type Bounds,
  footprint,
  gridBounds,
  resampledGrid,
  transformBounds,
} from './grid.ts'
export { type OpenOptions, openRaster } from './open-raster.ts'
export { type PngImage, writePng } from './png.ts'
export {
  type BandStatistics,
  bandStatistics,
  bandsStatistics,
  type StatisticsOptions,
} from './statistics.ts'
export * from './types.ts'
export { warpWindow } from './warp.ts'
