/** Country names on the map; loaded after the first frame. */
import type { Layer } from '@deck.gl/core'
import { TextLayer } from '@deck.gl/layers'
import type { CountryLabel, MapColours } from './base-map.ts'

/** All letters met so far: an atlas without any is a picture without size, and a new one costs a frame. */
let letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz .,-’'

/** One layer for the names given; the halo keeps them readable on imagery. */
export function labelLayer(labels: CountryLabel[], colours: MapColours): Layer {
  const met = new Set(letters)
  letters += [...new Set(labels.flatMap(({ name }) => [...name]))].filter((letter) => !met.has(letter)).join('')
  return new TextLayer<CountryLabel>({
    id: 'country-names',
    data: labels,
    getText: ({ name }) => name,
    getPosition: ({ position }) => position,
    getSize: 12,
    getColor: colours.label,
    fontFamily: 'system-ui, "Segoe UI", "Noto Sans", "Liberation Sans", sans-serif',
    characterSet: letters,
    fontSettings: { sdf: true, fontSize: 48, buffer: 8 },
    outlineWidth: 3,
    outlineColor: colours.halo,
    pickable: false,
  })
}
