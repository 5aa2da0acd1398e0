/** A fake main that keeps areas and layers, with a fake engine behind `layers.connect`. */
import type { Area } from '../../../preload/contract/areas.ts'
import { areaKm2, geometryBbox } from '../../../preload/contract/geodesy.ts'
import type { BandStatistics, Layer, LayerStyle } from '../../../preload/contract/layers.ts'
import type { AreaGeometry } from '../../../preload/contract/vocabulary.ts'
import { type FakeBridge, FakeFailure, fakeBridge } from '../app/fake-bridge.ts'
import { type FakeEngine, fakeEngine } from '../map/fake-engine.ts'

export const NDVI: LayerStyle = {
  mode: 'colour-map',
  bands: [0],
  colourMap: 'rdylgn',
  reversed: false,
  stretch: [[-2000, 8000]],
  gamma: 1,
  opacity: 1,
}

export function makeLayer(id: string, position: number, more: Partial<Layer> = {}): Layer {
  return {
    id: id as Layer['id'],
    revision: 1,
    position,
    title: `Layer ${id}`,
    resultId: `r-${id}` as Layer['resultId'],
    assetKey: 'asset',
    isVisible: true,
    style: NDVI,
    raster: {
      width: 4000,
      height: 3000,
      bands: [
        { name: 'NDVI', dataType: 'int16', nodata: -32768, scale: 0.0001, offset: 0 },
        { name: 'B08', dataType: 'int16', nodata: null, scale: 1, offset: 0 },
        { name: 'B04', dataType: 'int16', nodata: null, scale: 1, offset: 0 },
      ],
      crs: 'EPSG:32632',
      resolution: [10, 10],
      bounds: [6, 44, 14, 49],
      overviewCount: 3,
    },
    ...more,
  }
}

/** A bell around 3000 stored units. */
export function statisticsOf(band: number, isApproximate: boolean): BandStatistics {
  return {
    band,
    count: 12_000_000,
    validCount: 11_400_000,
    min: -4000,
    max: 9500,
    mean: 3000,
    stdDev: 1800,
    p2: -900,
    p98: 7100,
    histogram: {
      from: -4000,
      to: 9500,
      counts: Array.from({ length: 64 }, (_, i) => Math.round(10_000 * Math.exp(-(((i - 33) / 11) ** 2)))),
    },
    isApproximate,
  }
}

export type World = { bridge: FakeBridge; engine: FakeEngine; layers: () => Layer[]; areas: () => Area[] }

/** Stored values rise from west to east; there is none in the north-east. */
const valueAt = (longitude: number, latitude: number, band: number) =>
  longitude < 6 || longitude > 14 || latitude < 44 || latitude > 49 || (longitude > 12 && latitude > 48)
    ? Number.NaN
    : (longitude - 6) * 1250 - 2000 + band * 100 + Math.sin(latitude * 9) * 800

export function makeWorld(begin: { layers?: Layer[]; areas?: Area[] } = {}): World {
  let layers = begin.layers ?? []
  let areas = begin.areas ?? []
  const removed = new Map<string, Area>()
  const engine = fakeEngine(valueAt, 3)
  const changed = <T extends { id: string; revision: number }>(list: T[], id: string, part: Partial<T>) => {
    const found = list.find((one) => one.id === id)
    if (!found) throw new FakeFailure({ code: 'not-found', message: 'It is not there any more.' })
    Object.assign(found, part, { revision: found.revision + 1 })
    return found
  }
  const made = (geometry: AreaGeometry, name?: string): Area => ({
    id: `a${areas.length + removed.size + 1}` as Area['id'],
    revision: 1,
    name: name ?? `Area ${areas.length + 1}`,
    geometry,
    bbox: geometryBbox(geometry),
    areaKm2: areaKm2(geometry),
    createdAt: '2026-11-20T09:30:00Z',
  })
  const bridge = fakeBridge({
    'areas.list': () => areas,
    'areas.add': ({ geometry, name }: { geometry: AreaGeometry; name?: string }) => {
      const area = made(geometry, name)
      areas = [...areas, area]
      return area
    },
    'areas.update': ({ id, ...part }: { id: string; geometry?: AreaGeometry; name?: string }) =>
      changed(areas, id, {
        ...part,
        ...(part.geometry ? { bbox: geometryBbox(part.geometry), areaKm2: areaKm2(part.geometry) } : {}),
      }),
    'areas.remove': ({ id }: { id: string }) => {
      const area = areas.find((one) => one.id === id)
      if (area) removed.set(id, area)
      areas = areas.filter((one) => one.id !== id)
    },
    'areas.restore': ({ id }: { id: string }) => {
      const area = removed.get(id) as Area
      areas = [...areas, area]
      return area
    },
    'areas.importGeoJson': ({ text, fileName }: { text: string; fileName: string }) => {
      if (!text.startsWith('{')) {
        throw new FakeFailure({
          code: 'unreadable-data',
          message: `${fileName} is not a GeoJSON file.`,
          retry: 'never',
        })
      }
      const area = made(JSON.parse(text) as AreaGeometry, fileName)
      areas = [...areas, area]
      return [area]
    },
    'layers.list': () => layers,
    'layers.connect': () => engine.connect(),
    'layers.style': ({ id, style }: { id: string; style: LayerStyle }) => changed(layers, id, { style }),
    'layers.show': ({ id, isVisible }: { id: string; isVisible: boolean }) => changed(layers, id, { isVisible }),
    'layers.open': ({ id }: { id: string }) => changed(layers, id, {}),
    'layers.statistics': ({ band, exact }: { band: number; exact: boolean }) => statisticsOf(band, !exact),
    'layers.move': ({ id, position }: { id: string; position: number }) => {
      const layer = layers.find((one) => one.id === id) as Layer
      const rest = layers.filter((one) => one !== layer).sort((a, b) => a.position - b.position)
      layers = rest.toSpliced(position, 0, layer).map((one, i) => ({ ...one, position: i, revision: one.revision + 1 }))
      return layers
    },
    'layers.remove': ({ id }: { id: string }) => {
      layers = layers.filter((one) => one.id !== id)
    },
    'layers.add': ({ resultId }: { resultId: string }) => {
      const layer = makeLayer(`${resultId.slice(2)}-again`, 0, { title: `Layer ${resultId.slice(2)}` })
      layers = [layer, ...layers.map((one) => ({ ...one, position: one.position + 1 }))]
      return layer
    },
    'diagnostics.markInteractive': () => undefined,
    'diagnostics.reportProblem': () => ({ logRef: 'log-1' }),
    'settings.windowMemory': () => ({
      feature: 'layers',
      listWidthPx: 292,
      inspectorWidthPx: 340,
      drawerHeightPx: 220,
      isListOpen: true,
      isInspectorOpen: true,
      isDrawerOpen: false,
      drawerTab: '',
      view: { longitude: 10, latitude: 46.5, zoom: 5.4 },
    }),
  })
  return { bridge, engine, layers: () => layers, areas: () => areas }
}
