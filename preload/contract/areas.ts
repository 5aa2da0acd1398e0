/** Areas of interest: drawn, dropped or typed; named and kept. */
import { z } from 'zod'
import { call, feature } from './define.ts'
import { AreaGeometry, AreaId, Bbox, Instant } from './vocabulary.ts'

export const Area = z.object({
  id: AreaId,
  revision: z.number().int(),
  name: z.string(),
  geometry: AreaGeometry,
  bbox: Bbox,
  areaKm2: z.number(),
  createdAt: Instant,
})
export type Area = z.infer<typeof Area>

export const areas = feature({
  calls: {
    list: call(z.void(), z.array(Area)),
    /** A new area; without a name it gets `Area 1`, `Area 2` … */
    add: call(z.object({ name: z.string().max(200).optional(), geometry: AreaGeometry }), Area),
    update: call(
      z.object({ id: AreaId, name: z.string().min(1).max(200).optional(), geometry: AreaGeometry.optional() }),
      Area,
    ),
    /** Reads a GeoJSON text (any geometry holder, at most 20 MB) and adds one area for each polygon feature. */
    importGeoJson: call(z.object({ text: z.string().max(20_000_000), fileName: z.string().max(300) }), z.array(Area)),
    remove: call(z.object({ id: AreaId }), z.void()),
    /** Undoes `remove`. */
    restore: call(z.object({ id: AreaId }), Area),
  },
  events: { changed: Area, removed: z.object({ id: AreaId }) },
})
