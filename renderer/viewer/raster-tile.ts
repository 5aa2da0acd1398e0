/**
 * Draws one tile of numbers: stretch, gamma and colour map happen in the shader, so restyling reads nothing again.
 * Owns: the fragment shader's colouring and its uniforms. Does not: load or free textures (raster-layer.ts does).
 * Why a stand-in for "no value": shader compilers may assume that NaN does not exist, so NaN never gets there.
 */
import type { DefaultProps } from '@deck.gl/core'
import { BitmapLayer, type BitmapLayerProps } from '@deck.gl/layers'
import type { Texture } from '@luma.gl/core'

/** Stands for NaN in textures; engine values are never so low. */
export const NO_VALUE = -3.4e38

export type TileStyle = {
  /** Limits of up to three channels, stored values. */
  low: [number, number, number, number]
  high: [number, number, number, number]
  /** 1: one channel through the colour table; 3: red, green, blue. */
  channels: 1 | 3
  gamma: number
}

// One field per line: luma.gl 9.4 reads this block line by line.
const block = `\
layout(std140) uniform rasterUniforms {
  vec4 low;
  vec4 high;
  float channels;
  float gamma;
} raster;
`
const rasterModule = {
  name: 'raster',
  vs: block,
  fs: `${block}\nuniform sampler2D rasterColours;\n`,
  uniformTypes: { low: 'vec4<f32>', high: 'vec4<f32>', channels: 'f32', gamma: 'f32' },
} as const

const SAMPLE = 'vec4 bitmapColor = texture(bitmapTexture, uv);'
const COLOURED = `
  vec4 stored = texture(bitmapTexture, uv);
  bool isValue = stored.r > -3.0e38;
  if (raster.channels > 1.5) isValue = isValue && stored.g > -3.0e38 && stored.b > -3.0e38;
  vec3 span = max(raster.high.rgb - raster.low.rgb, vec3(1e-30));
  vec3 place = clamp((stored.rgb - raster.low.rgb) / span, 0.0, 1.0);
  place = pow(place, vec3(1.0 / raster.gamma));
  vec3 shown = place;
  if (raster.channels < 1.5) shown = texelFetch(rasterColours, ivec2(int(place.r * 255.0 + 0.5), 0), 0).rgb;
  vec4 bitmapColor = vec4(shown, isValue ? 1.0 : 0.0);
  if (!isValue) discard;`

export type RasterTileProps = BitmapLayerProps & { tileStyle: TileStyle; colours: Texture }

export class RasterTile extends BitmapLayer<{ tileStyle: TileStyle; colours: Texture }> {
  static override layerName = 'RasterTile'
  static override defaultProps = {
    tileStyle: { type: 'object', value: { low: [0, 0, 0, 0], high: [1, 1, 1, 1], channels: 1, gamma: 1 }, compare: 2 },
    colours: { type: 'object', value: null, ignore: true },
  } as unknown as DefaultProps<BitmapLayerProps>

  override getShaders() {
    const shaders = super.getShaders()
    if (!shaders.fs.includes(SAMPLE)) throw new Error('The shader of BitmapLayer has changed: adapt RasterTile.')
    return { ...shaders, modules: [...shaders.modules, rasterModule], fs: shaders.fs.replace(SAMPLE, COLOURED) }
  }

  override draw(options: Parameters<BitmapLayer['draw']>[0]) {
    const { tileStyle, colours } = this.props
    this.state.model?.shaderInputs.setProps({ raster: { ...tileStyle, rasterColours: colours } } as never)
    super.draw(options)
  }
}
