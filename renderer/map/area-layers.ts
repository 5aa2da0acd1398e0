/** Areas of interest as deck.gl layers: outlines with a halo that stands out on imagery, a faint fill when selected. */
import type { Layer } from '@deck.gl/core'
import { PathLayer, SolidPolygonLayer } from '@deck.gl/layers'
import type { Area } from '../../preload/contract/areas.ts'
import { polygonsOf } from './rings.ts'

type Rgba = [number, number, number, number]
export type AreaColours = { line: Rgba; selected: Rgba; halo: Rgba }
type Outline = { path: [number, number][]; isSelected: boolean }
type Fill = { polygon: number[][][] }

/** Outlines without the edges that only cut an area at the antimeridian. */
export function outlinesOf(area: Pick<Area, 'geometry'>): [number, number][][] {
  const isCut = (a: number[] | undefined, b: number[] | undefined) =>
    Math.abs(a?.[0] ?? 0) === 180 && a?.[0] === b?.[0] && area.geometry.type === 'MultiPolygon'
  return polygonsOf(area.geometry).flatMap((polygon) =>
    polygon.flatMap((ring) => {
      const paths: [number, number][][] = [[]]
      ring.forEach((vertex, i) => {
        if (i > 0 && isCut(ring[i - 1], vertex)) paths.push([])
        paths.at(-1)?.push([vertex[0] ?? 0, vertex[1] ?? 0])
      })
      return paths.filter((path) => path.length > 1)
    }),
  )
}

/** Layers for all areas but the one that is being edited (it is drawn by EditOverlay.svelte). */
export function areaLayers(areas: readonly Area[], selectedId: string | null, colours: AreaColours): Layer[] {
  if (areas.length === 0) return []
  const outlines: Outline[] = areas.flatMap((area) =>
    outlinesOf(area).map((path) => ({ path, isSelected: area.id === selectedId })),
  )
  const selected = areas.find(({ id }) => id === selectedId)
  const fills: Fill[] = selected ? polygonsOf(selected.geometry).map((polygon) => ({ polygon })) : []
  const shared = {
    data: outlines,
    getPath: ({ path }: Outline) => path,
    widthUnits: 'pixels' as const,
    jointRounded: true,
    capRounded: true,
    pickable: false,
  }
  const [red, green, blue] = colours.selected
  return [
    new SolidPolygonLayer<Fill>({
      id: 'area-fill',
      data: fills,
      getPolygon: ({ polygon }) => polygon as never,
      getFillColor: [red, green, blue, 30],
      pickable: false,
    }),
    new PathLayer<Outline>({ ...shared, id: 'area-halo', getWidth: 4, getColor: colours.halo }),
    new PathLayer<Outline>({
      ...shared,
      id: 'area-line',
      getWidth: ({ isSelected }) => (isSelected ? 2 : 1.5),
      getColor: ({ isSelected }) => (isSelected ? colours.selected : colours.line),
      updateTriggers: { getColor: [selectedId, colours.line.join(), colours.selected.join()], getWidth: selectedId },
    }),
  ]
}
