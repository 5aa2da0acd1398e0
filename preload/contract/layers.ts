/**
 * What lies on the map: rasters of results, their order and how they are drawn.
 * The numbers themselves never come through here: `connect` sends the window a MessagePort to the raster engine,
 * whose messages are typed in raster-port.ts.
 */
import { z } from 'zod'
import { call, feature } from './define.ts'
import { WireError } from './errors.ts'
import { Bbox, LayerId, ResultId } from './vocabulary.ts'

export const LayerStyle = z.object({
  /** `colour-map`: one band through a colour map; `rgb`: three bands. */
  mode: z.enum(['colour-map', 'rgb']),
  /** 0-based bands: one for colour-map, three for rgb. */
  bands: z.array(z.number().int().min(0)).min(1).max(3),
  colourMap: z.string(),
  reversed: z.boolean(),
  /** Lower and upper limit of each channel in the raster's units. */
  stretch: z
    .array(z.tuple([z.number(), z.number()]))
    .min(1)
    .max(3),
  gamma: z.number().min(0.1).max(5),
  opacity: z.number().min(0).max(1),
})
export type LayerStyle = z.infer<typeof LayerStyle>

export const RasterBand = z.object({
  name: z.string(),
  dataType: z.string(),
  unit: z.string().optional(),
  nodata: z.union([z.number(), z.literal('nan')]).nullable(),
  scale: z.number(),
  offset: z.number(),
})
export type RasterBand = z.infer<typeof RasterBand>

export const RasterInfo = z.object({
  width: z.number().int(),
  height: z.number().int(),
  bands: z.array(RasterBand).min(1),
  /** e.g. `EPSG:32632`, or a name where there is no code. */
  crs: z.string(),
  resolution: z.tuple([z.number(), z.number()]),
  bounds: Bbox,
  overviewCount: z.number().int(),
})
export type RasterInfo = z.infer<typeof RasterInfo>

export const Layer = z.object({
  id: LayerId,
  revision: z.number().int(),
  /** 0 is drawn last, on top. */
  position: z.number().int(),
  title: z.string(),
  resultId: ResultId,
  assetKey: z.string(),
  isVisible: z.boolean(),
  style: LayerStyle,
  /** What the engine found in the file; absent until it was opened in this session. */
  raster: RasterInfo.optional(),
  failure: WireError.optional(),
})
export type Layer = z.infer<typeof Layer>

export const BandStatistics = z.object({
  band: z.number().int(),
  count: z.number().int(),
  validCount: z.number().int(),
  min: z.number(),
  max: z.number(),
  mean: z.number(),
  stdDev: z.number(),
  /** Percentiles 2 and 98: the default stretch. */
  p2: z.number(),
  p98: z.number(),
  histogram: z.object({ from: z.number(), to: z.number(), counts: z.array(z.number().int()) }),
  /** True where it was computed from an overview. */
  isApproximate: z.boolean(),
})
export type BandStatistics = z.infer<typeof BandStatistics>

export const layers = feature({
  calls: {
    list: call(z.void(), z.array(Layer)),
    /** Puts a raster of a result on the map, with a stretch from its statistics; one that lies there already is returned. */
    add: call(z.object({ resultId: ResultId, assetKey: z.string() }), Layer),
    /** Opens the file in the engine (again); the answer has `raster` or `failure`. */
    open: call(z.object({ id: LayerId }), Layer),
    style: call(z.object({ id: LayerId, style: LayerStyle }), Layer),
    show: call(z.object({ id: LayerId, isVisible: z.boolean() }), Layer),
    move: call(z.object({ id: LayerId, position: z.number().int().min(0) }), z.array(Layer)),
    remove: call(z.object({ id: LayerId }), z.void()),
    statistics: call(z.object({ id: LayerId, band: z.number().int().min(0), exact: z.boolean() }), BandStatistics),
    /** Makes main send the window a port to the engine (message `engine-port`). */
    connect: call(z.void(), z.void()),
  },
  events: { changed: Layer, removed: z.object({ id: LayerId }) },
})
