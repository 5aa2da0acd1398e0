/**
 * Definitions of the processes that bring data in and results out.
 * Owns: their data. Does not: read or write (evaluate/ does).
 */
import {
  bandName,
  boolean,
  boundingBox,
  childGraph,
  cube,
  nothing,
  optional,
  type Parameter,
  type ProcessDefinition,
  required,
  type SchemaObject,
  temporalInterval,
  vectorCube,
} from './definition.ts'

const geojson: SchemaObject = { type: 'object', subtype: 'geojson' }
const interval: SchemaObject = { ...temporalInterval, uniqueItems: true }
const propertyFilter = childGraph(
  [required('value', {}, 'The value of the property.')],
  { description: 'True where the data shall be loaded.', schema: boolean },
  false,
)

const spatialExtent = (isGeojsonDeprecated: boolean) => [
  boundingBox,
  isGeojsonDeprecated ? { ...geojson, deprecated: true } : geojson,
  vectorCube,
  nothing,
]
const SPATIAL =
  'A box or polygons. The cube covers the whole source pixels that the box touches; with polygons, pixels whose centre lies outside are no data. `null` takes everything.'
const TEMPORAL =
  'Two dates or instants; the first belongs to the range, the second does not. `null` on one side leaves it open, `null` for both as the whole takes everything.'
const BANDS = 'Names or common names of bands, in the order that the cube shall have. `null` takes all of them.'
const PROPERTIES = 'Conditions on properties of the metadata, each a child process.'

const common: Parameter[] = [
  optional('bands', [{ type: 'array', minItems: 1, items: bandName }, nothing], BANDS, null),
  optional(
    'properties',
    [{ type: 'object', subtype: 'metadata-filter', additionalProperties: propertyFilter }, nothing],
    PROPERTIES,
    null,
  ),
]

const loadExceptions = {
  NoDataAvailable: { message: 'There is no data within the extent that was asked for.' },
  TemporalExtentEmpty: { message: 'The end of the time range has to lie after its start.' },
}

export const loadAndSaveProcesses: ProcessDefinition[] = [
  {
    id: 'load_collection',
    summary: 'Load a collection',
    description:
      'Loads rasters of one of the collections of this back-end as a data cube. Only what later steps need is read. The grid is that of the first scene in time order; scenes on other grids are warped to it. Scale and offset are not applied.',
    categories: ['cubes', 'import'],
    parameters: [
      required(
        'id',
        { type: 'string', subtype: 'collection-id', pattern: '^[\\w\\-\\.~/]+$' },
        'Identifier of the collection.',
      ),
      required('spatial_extent', spatialExtent(true), SPATIAL),
      required('temporal_extent', [interval, nothing], TEMPORAL),
      ...common,
    ],
    returns: { description: 'A cube with the dimensions x, y, t and bands.', schema: cube },
    exceptions: loadExceptions,
  },
  {
    id: 'load_stac',
    summary: 'Load from STAC',
    description:
      'Loads the rasters of a STAC Item, of a Collection with its items, or of a result of a batch job as a data cube, in the same way as a collection.',
    categories: ['cubes', 'import'],
    experimental: true,
    parameters: [
      required(
        'url',
        { type: 'string', format: 'uri', subtype: 'uri', pattern: '^https?://' },
        'Address of the STAC document. Folders of this back-end can be given as a path.',
      ),
      optional('spatial_extent', spatialExtent(false), SPATIAL, null),
      optional('temporal_extent', [interval, nothing], TEMPORAL, null),
      ...common,
    ],
    returns: { description: 'A cube with the dimensions x, y, t and bands.', schema: cube },
    exceptions: {
      ...loadExceptions,
      PropertiesUnsupported: { message: 'Conditions on properties cannot be applied to this STAC document.' },
    },
  },
  {
    id: 'save_result',
    summary: 'Write a result',
    description:
      'Writes the cube as files of the given format: cloud-optimized GeoTIFF and PNG with one file for each point in time, JSON as one file.',
    categories: ['cubes', 'export', 'stac'],
    parameters: [
      required('data', cube, 'What is written.'),
      required('format', { type: 'string', subtype: 'output-format' }, 'Name of a file format, in any case.'),
      optional(
        'options',
        { type: 'object', subtype: 'output-format-options' },
        'Settings of the format, as the list of file formats describes them.',
        {},
      ),
    ],
    returns: { description: 'The STAC description of the files.', schema: { type: 'object', subtype: 'stac' } },
    exceptions: {
      FormatUnsuitable: { message: 'The format cannot hold this data.' },
      DataCubeEmpty: { message: 'The format cannot hold a cube without values.' },
    },
  },
]
