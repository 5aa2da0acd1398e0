/**
 * Colour maps as tables of 256 colours, for the shader, the legend and the previews alike.
 * Owns: the anchors and how they are joined (straight lines between sRGB anchors).
 * Anchors: viridis, magma, inferno, plasma, cividis from matplotlib (CC0), turbo (Mikhailov 2019), ColorBrewer 2.0.
 */

export type ColourMap = { id: string; name: string; kind: 'sequential' | 'diverging'; anchors: readonly string[] }

const map = (id: string, name: string, kind: ColourMap['kind'], anchors: string): ColourMap => ({
  id,
  name,
  kind,
  anchors: anchors.split(' '),
})

export const COLOUR_MAPS: readonly ColourMap[] = [
  map('viridis', 'Viridis', 'sequential', '440154 482878 3e4989 31688e 26828e 1f9e89 35b779 6ece58 b5de2b fde725'),
  map('magma', 'Magma', 'sequential', '000004 180f3d 440f76 721f81 9e2f7f cd4071 f1605d fd9668 feca8d fcfdbf'),
  map('inferno', 'Inferno', 'sequential', '000004 1b0c41 4a0c6b 781c6d a52c60 cf4446 ed6925 fb9b06 f7d13d fcffa4'),
  map('plasma', 'Plasma', 'sequential', '0d0887 46039f 7201a8 9c179e bd3786 d8576b ed7953 fb9f3a fdca26 f0f921'),
  map('cividis', 'Cividis', 'sequential', '00224e 123570 3b496c 575d6d 707173 8a8678 a59c74 c3b369 e1cc55 fee838'),
  map('greys', 'Greys', 'sequential', '000000 ffffff'),
  map('blues', 'Blues', 'sequential', 'f7fbff deebf7 c6dbef 9ecae1 6baed6 4292c6 2171b5 08519c 08306b'),
  map('greens', 'Greens', 'sequential', 'f7fcf5 e5f5e0 c7e9c0 a1d99b 74c476 41ab5d 238b45 006d2c 00441b'),
  map('ylgn', 'Yellow – green', 'sequential', 'ffffe5 f7fcb9 d9f0a3 addd8e 78c679 41ab5d 238443 006837 004529'),
  map(
    'rdylgn',
    'Red – yellow – green',
    'diverging',
    'a50026 d73027 f46d43 fdae61 fee08b ffffbf d9ef8b a6d96a 66bd63 1a9850 006837',
  ),
  map(
    'spectral',
    'Spectral',
    'diverging',
    '9e0142 d53e4f f46d43 fdae61 fee08b ffffbf e6f598 abdda4 66c2a5 3288bd 5e4fa2',
  ),
  map(
    'rdbu',
    'Red – blue',
    'diverging',
    '67001f b2182b d6604d f4a582 fddbc7 f7f7f7 d1e5f0 92c5de 4393c3 2166ac 053061',
  ),
  map(
    'brbg',
    'Brown – blue-green',
    'diverging',
    '543005 8c510a bf812d dfc27d f6e8c3 f5f5f5 c7eae5 80cdc1 35978f 01665e 003c30',
  ),
  map(
    'turbo',
    'Turbo',
    'sequential',
    '30123b 4145ab 4675ed 39a2fc 1bcfd4 24eca6 61fc6c a4fc3b d1e834 f3c63a fe9b2d f36315 d93806 b11901 7a0403',
  ),
  map(
    'terrain',
    'Terrain',
    'sequential',
    '2b5f3a 4f8a46 8fb257 cfcf7a e3c583 c89a63 a5744b 8b6a58 a89a92 d9d4d0 ffffff',
  ),
]

export const COLOUR_TABLE_SIZE = 256
const tables = new Map<string, Uint8Array<ArrayBuffer>>()

/** The map with this id, whatever its case; the first one (viridis) for an unknown id. */
export function colourMapOf(id: string): ColourMap {
  const wanted = id.toLowerCase()
  return COLOUR_MAPS.find((known) => known.id === wanted) ?? (COLOUR_MAPS[0] as ColourMap)
}

/** 256 RGBA colours; the first stands for the lower limit. Shared: do not write into it. */
export function colourTable(id: string, isReversed = false): Uint8Array<ArrayBuffer> {
  const { id: known, anchors } = colourMapOf(id)
  const key = `${known}${isReversed ? '/r' : ''}`
  const made = tables.get(key)
  if (made) return made
  const colours = (isReversed ? [...anchors].reverse() : anchors).map((hex) => Number.parseInt(hex, 16))
  const table = new Uint8Array(COLOUR_TABLE_SIZE * 4)
  for (let i = 0; i < COLOUR_TABLE_SIZE; i++) {
    const at = (i / (COLOUR_TABLE_SIZE - 1)) * (colours.length - 1)
    const k = Math.min(Math.floor(at), colours.length - 2)
    const [a, b] = [colours[k] as number, colours[k + 1] as number]
    for (const [channel, shift] of [16, 8, 0].entries()) {
      const [from, to] = [(a >> shift) & 255, (b >> shift) & 255]
      table[i * 4 + channel] = Math.round(from + (to - from) * (at - k))
    }
    table[i * 4 + 3] = 255
  }
  tables.set(key, table)
  return table
}

/** Draws the table as a bar, left to right; for legends and previews. */
export function paintColourBar(canvas: HTMLCanvasElement, id: string, isReversed: boolean): void {
  canvas.width = COLOUR_TABLE_SIZE
  canvas.height = 1
  const table = new Uint8ClampedArray(colourTable(id, isReversed))
  canvas.getContext('2d')?.putImageData(new ImageData(table, COLOUR_TABLE_SIZE, 1), 0, 0)
}
