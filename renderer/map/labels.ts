/** Country names on the map; loaded after the first frame. */
import type { Layer } from '@deck.gl/core'
import { TextLayer } from '@deck.gl/layers'
import type { CountryLabel, MapColours } from './base-map.ts'

/** One layer for the names given; the halo keeps them readable on imagery. */
export function labelLayer(labels: CountryLabel[], colours: MapColours): Layer {
  return new TextLayer<CountryLabel>({
    id: 'country-names',
    data: labels,
    getText: ({ name }) => name,
    getPosition: ({ position }) => position,
    getSize: 12,
    getColor: colours.label,
    fontFamily: 'system-ui, "Segoe UI", "Noto Sans", "Liberation Sans", sans-serif',
    characterSet: 'auto',
    fontSettings: { sdf: true, fontSize: 48, buffer: 8 },
    outlineWidth: 3,
    outlineColor: colours.halo,
    pickable: false,
  })
}
