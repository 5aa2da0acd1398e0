/** The field's words that several features share: identifiers, times, extents, geometries. */
import { z } from 'zod'

export const ConnectionId = z.string().min(1).max(100).brand('ConnectionId')
export type ConnectionId = z.infer<typeof ConnectionId>
export const AreaId = z.string().min(1).max(100).brand('AreaId')
export const JobId = z.string().min(1).max(100).brand('JobId')
export const ResultId = z.string().min(1).max(100).brand('ResultId')
export const LayerId = z.string().min(1).max(100).brand('LayerId')
export const TransferId = z.string().min(1).max(100).brand('TransferId')

/** RFC 3339 date-time in UTC, e.g. `2026-11-20T09:30:00Z`. */
export const Instant = z.iso.datetime({ offset: true })
/** Calendar date, `YYYY-MM-DD`. */
export const DateOnly = z.iso.date()
/** Left-closed interval: from (included) to (excluded), as openEO's `temporal_extent`; null leaves a side open. */
export const TemporalExtent = z.tuple([DateOnly.nullable(), DateOnly.nullable()])
export type TemporalExtent = z.infer<typeof TemporalExtent>

/** [west, south, east, north] in degrees, EPSG:4326. west > east means that the box crosses the antimeridian. */
export const Bbox = z.tuple([
  z.number().min(-180).max(180),
  z.number().min(-90).max(90),
  z.number().min(-180).max(180),
  z.number().min(-90).max(90),
])
export type Bbox = z.infer<typeof Bbox>

const Position = z.array(z.number()).min(2).max(3)
const Ring = z.array(Position).min(4)
/** GeoJSON (RFC 7946) polygon or multi-polygon, EPSG:4326. */
export const AreaGeometry = z.discriminatedUnion('type', [
  z.object({ type: z.literal('Polygon'), coordinates: z.array(Ring).min(1) }),
  z.object({ type: z.literal('MultiPolygon'), coordinates: z.array(z.array(Ring).min(1)).min(1) }),
])
export type AreaGeometry = z.infer<typeof AreaGeometry>

/** Any JSON value: documents of back-ends and process graphs pass through as they are. */
export const Json = z.json()
export type Json = z.infer<typeof Json>
export const JsonObject = z.record(z.string(), Json)
export type JsonObject = z.infer<typeof JsonObject>

/** An openEO process graph: node id → node. Its inside is checked by the graph checker, not here. */
export const ProcessGraph = z.record(z.string(), JsonObject)
export type ProcessGraph = z.infer<typeof ProcessGraph>
