/**
 * The file formats that results can be written in, as GET /file_formats lists them.
 * Owns: names, options and their check. Does not: write (write-result.ts).
 */

import type { FileFormat } from './api.ts'
import { GraphError } from './problem.ts'
import { misfit } from './schema-check.ts'

export const DATA_TYPES = ['uint8', 'int8', 'uint16', 'int16', 'uint32', 'int32', 'float32', 'float64'] as const

/** Formats by name; all are for output. */
export const fileFormats: Readonly<Record<'GTiff' | 'PNG' | 'JSON', FileFormat>> = {
  GTiff: {
    title: 'GeoTIFF',
    description: 'Cloud-optimized GeoTIFF with overviews; one file for each point in time, all bands in it.',
    gis_data_types: ['raster'],
    parameters: {
      datatype: {
        description: 'Type of the stored numbers. Integers are rounded to the nearest and clipped to their range.',
        type: 'string',
        enum: DATA_TYPES,
        default: 'float32',
      },
      nodata: {
        description:
          'Number that stands for no value. NaN for floating-point types where it is not given; for integers the lowest number of signed and the highest of unsigned types.',
        type: 'number',
      },
      compression: {
        description: 'Compression of the blocks.',
        type: 'string',
        enum: ['deflate', 'zstd', 'none'],
        default: 'deflate',
      },
      blocksize: {
        description: 'Side of the square blocks in pixels.',
        type: 'integer',
        enum: [256, 512, 1024],
        default: 512,
      },
      filename_prefix: {
        description: 'Beginning of the file names: letters, digits, - and _.',
        type: 'string',
        default: 'result',
      },
    },
  },
  PNG: {
    title: 'PNG picture',
    description:
      'A picture of one band in grey, or of three as red, green and blue; no value is transparent. One file for each point in time.',
    gis_data_types: ['raster'],
    parameters: {
      min: { description: 'Number that becomes black.', type: 'number', default: 0 },
      max: { description: 'Number that becomes white.', type: 'number', default: 255 },
      filename_prefix: {
        description: 'Beginning of the file names: letters, digits, - and _.',
        type: 'string',
        default: 'result',
      },
    },
  },
  JSON: {
    title: 'JSON',
    description: 'Dimensions, labels and values of a small cube; no value is null.',
    gis_data_types: ['raster', 'table', 'other'],
    parameters: {
      filename_prefix: {
        description: 'Beginning of the file name: letters, digits, - and _.',
        type: 'string',
        default: 'result',
      },
    },
  },
}

export type FormatName = keyof typeof fileFormats

/** The name of a format as it is listed, found in any case; null where there is none. */
export const formatNamed = (name: string): FormatName | null =>
  (Object.keys(fileFormats) as FormatName[]).find((known) => known.toLowerCase() === name.toLowerCase()) ?? null

/**
 * The options with defaults filled in. Unknown options are refused, so that a misspelt one does not go unnoticed.
 * @throws GraphError ProcessParameterInvalid
 */
export function readOptions(format: FormatName, options: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { parameters } = fileFormats[format]
  const fail = (reason: string) =>
    new GraphError('ProcessParameterInvalid', `The options cannot be used: ${reason}`, 'options')
  const read: Record<string, unknown> = {}
  for (const [name, { default: fallback }] of Object.entries(parameters))
    if (fallback !== undefined) read[name] = fallback
  for (const [name, value] of Object.entries(options)) {
    const parameter = Object.hasOwn(parameters, name) ? parameters[name] : undefined
    if (parameter === undefined)
      throw fail(`${format} has no option "${name.slice(0, 80)}", but ${Object.keys(parameters).join(', ')}.`)
    if (value === null) continue
    const reason = misfit(value, {
      type: parameter.type,
      ...(parameter.enum === undefined ? {} : { enum: [...parameter.enum] }),
    })
    if (reason !== null) throw fail(`of \`${name}\`: ${reason}`)
    read[name] = value
  }
  if (typeof read.filename_prefix === 'string' && !/^[A-Za-z0-9][\w-]{0,63}$/.test(read.filename_prefix)) {
    throw fail('`filename_prefix` may have letters, digits, - and _ only, 64 at most.')
  }
  if (format === 'PNG' && !((read.max as number) > (read.min as number))) throw fail('`max` has to be above `min`.')
  return read
}
