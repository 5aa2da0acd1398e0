/**
 * Definitions of the processes that work on data cubes.
 * Owns: their data. Does not: compute (evaluate/implement does).
 */
import {
  anyArray,
  anything,
  bandCube,
  bandName,
  boolean,
  boundingBox,
  childGraph,
  context,
  cube,
  epsgCode,
  labels,
  nothing,
  optional,
  type ProcessDefinition,
  rasterCube,
  reducer,
  required,
  type Schema,
  type SchemaObject,
  stringOrNull,
  temporalInterval,
  temporalIntervals,
  timeCube,
  vectorCube,
  wkt2,
} from './definition.ts'

type Cube = Omit<ProcessDefinition, 'returns'> & { returns: string; gives?: Schema }

const on = ({ returns, gives = cube, ...definition }: Cube): ProcessDefinition => ({
  ...definition,
  returns: { description: returns, schema: gives },
})

const data = (schema: Schema = cube) => required('data', schema, 'The data cube.')
const noDimension = { DimensionNotAvailable: { message: 'The cube has no dimension of this name.' } }
const manyTimes = {
  TooManyDimensions: { message: 'The cube has several time dimensions; `dimension` has to name one.' },
  DimensionNotAvailable: { message: 'The cube has no such dimension, or none of time.' },
}
const timeDimension = optional(
  'dimension',
  stringOrNull,
  'Name of the time dimension; not needed where there is one.',
  null,
)
const distinctLabels: SchemaObject = { ...labels, uniqueItems: true }
const geojson: SchemaObject = { type: 'object', subtype: 'geojson', deprecated: true }
const polygons: SchemaObject = {
  ...vectorCube,
  dimensions: [{ type: 'geometry', geometry_type: ['Polygon', 'MultiPolygon'] }],
}
const methods = 'average bilinear cubic cubicspline lanczos max med min mode near q1 q3 rms sum'.split(' ')
const method = optional(
  'method',
  { type: 'string', enum: methods },
  'How values between the pixels are found, in the words of gdalwarp.',
  'near',
)

export const cubeProcesses: ProcessDefinition[] = [
  on({
    id: 'filter_bbox',
    summary: 'Keep what lies in a box',
    description:
      'Crops the cube to the whole pixels that the box touches; the box may be given in any reference system.',
    categories: ['cubes', 'filter'],
    parameters: [data([rasterCube, vectorCube]), required('extent', boundingBox, 'The box.')],
    returns: 'The cropped cube.',
    gives: [rasterCube, vectorCube],
  }),
  on({
    id: 'filter_temporal',
    summary: 'Keep a time range',
    description: 'Keeps the labels of time from the start of the range up to its end; the end itself lies outside.',
    categories: ['cubes', 'filter'],
    parameters: [
      data(timeCube),
      required('extent', temporalInterval, 'Start and end; `null` leaves one of them open.'),
      optional('dimension', stringOrNull, 'Name of a time dimension; all of them where it is not given.', null),
    ],
    returns: 'The cube with fewer labels of time.',
    gives: timeCube,
    exceptions: {
      ...noDimension,
      TemporalExtentEmpty: { message: 'The end of the time range has to lie after its start.' },
    },
  }),
  on({
    id: 'filter_bands',
    summary: 'Keep some bands',
    description: 'Keeps the named bands, in the order of the names.',
    categories: ['cubes', 'filter'],
    parameters: [
      data(bandCube),
      optional('bands', { type: 'array', items: bandName }, 'Names or common names of bands.', []),
      optional(
        'wavelengths',
        { type: 'array', items: { type: 'array', minItems: 2, maxItems: 2, items: { type: 'number' } } },
        'Ranges of wavelengths in micrometres.',
        [],
      ),
    ],
    returns: 'The cube with fewer bands.',
    gives: bandCube,
    exceptions: {
      BandFilterParameterMissing: { message: 'Either `bands` or `wavelengths` has to be given.' },
      DimensionMissing: { message: 'The cube has no bands.' },
    },
  }),
  on({
    id: 'filter_spatial',
    summary: 'Keep what lies in polygons',
    description:
      'Crops the cube to the box around the polygons, and makes pixels no data whose centre lies in none of them.',
    categories: ['cubes', 'filter'],
    parameters: [data(rasterCube), required('geometries', [vectorCube, geojson], 'GeoJSON with polygons, in degrees.')],
    returns: 'The cropped and masked cube.',
    gives: rasterCube,
  }),
  on({
    id: 'filter_labels',
    summary: 'Keep labels that fulfil a condition',
    description: 'Asks the child process about each label of the dimension, and keeps those for which it answers true.',
    categories: ['cubes', 'filter'],
    parameters: [
      data(),
      required(
        'condition',
        childGraph([required('value', [{ type: 'number' }, { type: 'string' }], 'The label.')], {
          description: 'True where the label stays.',
          schema: boolean,
        }),
        'The condition.',
      ),
      required('dimension', { type: 'string' }, 'Name of the dimension.'),
      context,
    ],
    returns: 'The cube with fewer labels.',
    exceptions: noDimension,
  }),
  on({
    id: 'mask_polygon',
    summary: 'Mask with polygons',
    description:
      'Replaces the pixels whose centre lies outside all polygons, or inside one of them where `inside` is set.',
    categories: ['cubes', 'masks'],
    parameters: [
      data(rasterCube),
      required('mask', [polygons, geojson], 'GeoJSON with polygons, in degrees.'),
      optional(
        'replacement',
        [{ type: 'number' }, { type: 'boolean' }, { type: 'string' }, { type: 'null' }],
        'What takes the place of a pixel; `null` is no data.',
        null,
      ),
      optional('inside', boolean, 'Whether the pixels inside are replaced instead.', false),
    ],
    returns: 'The masked cube.',
    gives: rasterCube,
  }),
  on({
    id: 'ndvi',
    summary: 'Vegetation index NDVI',
    description:
      'The normalized difference of near infrared and red: `(nir - red) / (nir + red)`. The bands are found by name or common name. Where both sum up to 0 there is no value.',
    categories: ['cubes', 'math > indices', 'vegetation indices'],
    parameters: [
      data({ ...cube, dimensions: [{ type: 'spatial', axis: ['x', 'y'] }, { type: 'bands' }] }),
      optional('nir', bandName, 'Name or common name of the near-infrared band.', 'nir'),
      optional('red', bandName, 'Name or common name of the red band.', 'red'),
      optional(
        'target_band',
        [{ type: 'string', pattern: '^\\w+$' }, nothing],
        'Name of a new band that is added to the cube. Where it is `null`, the index takes the place of all bands.',
        null,
      ),
    ],
    returns: 'The index, without the dimension of bands or as one more band.',
    gives: rasterCube,
    exceptions: {
      NirBandAmbiguous: { message: 'It is not clear which band is the near-infrared one; name it in `nir`.' },
      RedBandAmbiguous: { message: 'It is not clear which band is the red one; name it in `red`.' },
      DimensionAmbiguous: { message: 'The cube has no dimension of bands, or several.' },
      BandExists: { message: 'The cube has a band of this name already.' },
    },
  }),
  on({
    id: 'apply',
    summary: 'Compute with every value',
    description: 'Replaces every value by what the child process makes of it.',
    categories: ['cubes'],
    parameters: [
      data(),
      required(
        'process',
        childGraph([required('x', anything, 'The value.')], { description: 'The new value.', schema: anything }),
        'The child process.',
      ),
      context,
    ],
    returns: 'The cube with new values and the same dimensions.',
  }),
  on({
    id: 'apply_dimension',
    summary: 'Compute along a dimension',
    description: 'Replaces the values along a dimension by the array that the child process makes of them.',
    categories: ['cubes'],
    parameters: [
      data(),
      required(
        'process',
        childGraph(
          [
            required(
              'data',
              { type: 'array', subtype: 'labeled-array', items: anything },
              'The values along the dimension, with its labels.',
            ),
          ],
          { description: 'The new values.', schema: anyArray },
        ),
        'The child process.',
      ),
      required('dimension', { type: 'string' }, 'Name of the dimension.'),
      optional('target_dimension', stringOrNull, 'Name of a dimension that takes its place; `null` keeps it.', null),
      context,
    ],
    returns: 'The cube with new values; along the dimension there may be more or fewer of them.',
    exceptions: noDimension,
  }),
  on({
    id: 'reduce_dimension',
    summary: 'Reduce a dimension to one value',
    description: 'The child process turns all values along a dimension into one; the dimension goes away.',
    categories: ['cubes', 'reducer'],
    parameters: [
      data(),
      required('reducer', reducer, 'The child process.'),
      required('dimension', { type: 'string' }, 'Name of the dimension.'),
      context,
    ],
    returns: 'The cube without the dimension.',
    exceptions: noDimension,
  }),
  on({
    id: 'aggregate_temporal_period',
    summary: 'Aggregate by calendar',
    description:
      'The child process turns all values of an hour, a day, a month or another period into one. Periods without values between the first and the last are there as well.',
    categories: ['aggregate', 'climatology', 'cubes'],
    parameters: [
      data(timeCube),
      required(
        'period',
        {
          type: 'string',
          enum: ['hour', 'day', 'week', 'dekad', 'month', 'season', 'tropical-season', 'year', 'decade', 'decade-ad'],
        },
        'The period. A dekad is a third of a month; a season is three months from December on; a tropical season is six months from November on; decades begin with a year that ends in 0, or in 1 (decade-ad). A season that crosses the new year carries the year of its January.',
      ),
      required('reducer', reducer, 'The child process.'),
      timeDimension,
      context,
    ],
    returns: 'The cube with one label for each period.',
    gives: timeCube,
    exceptions: manyTimes,
  }),
  on({
    id: 'aggregate_temporal',
    summary: 'Aggregate by intervals',
    description:
      'The child process turns all values of an interval into one. Intervals may overlap; their starts are the labels unless others are given.',
    categories: ['cubes', 'aggregate'],
    parameters: [
      data(timeCube),
      required('intervals', temporalIntervals, 'The intervals; their ends lie outside.'),
      required('reducer', reducer, 'The child process.'),
      optional('labels', distinctLabels, 'One label for each interval.', []),
      timeDimension,
      context,
    ],
    returns: 'The cube with one label for each interval.',
    gives: timeCube,
    exceptions: {
      ...manyTimes,
      DistinctDimensionLabelsRequired: { message: 'Two intervals would have the same label; give labels that differ.' },
      TemporalExtentEmpty: { message: 'The end of an interval has to lie after its start.' },
    },
  }),
  on({
    id: 'mask',
    summary: 'Mask with another cube',
    description:
      'Replaces the values whose mask is true or not 0. The mask is brought to the grid of the data; dimensions that it lacks are masked as a whole.',
    categories: ['cubes', 'masks'],
    parameters: [
      data(rasterCube),
      required('mask', rasterCube, 'The mask.'),
      optional(
        'replacement',
        { type: ['number', 'boolean', 'string', 'null'] },
        'What takes the place of a value; `null` is no data.',
        null,
      ),
    ],
    returns: 'The masked cube.',
    gives: rasterCube,
    exceptions: { IncompatibleDataCubes: { message: 'The dimensions or labels of cube and mask do not fit.' } },
  }),
  on({
    id: 'merge_cubes',
    summary: 'Merge two cubes',
    description:
      'Puts two cubes into one: side by side where their labels differ, combined by the child process where they are the same. The second cube is brought to the grid of the first.',
    categories: ['cubes'],
    parameters: [
      required('cube1', cube, 'The cube that gives the grid.'),
      required('cube2', cube, 'The cube that is merged into it.'),
      optional(
        'overlap_resolver',
        childGraph(
          [required('x', anything, 'Value of the first cube.'), required('y', anything, 'Value of the second cube.')],
          { description: 'The value of the merged cube.', schema: anything },
        ),
        'The child process for labels that both have.',
        null,
      ),
      context,
    ],
    returns: 'The merged cube.',
    exceptions: {
      OverlapResolverMissing: { message: 'The cubes have labels in common; `overlap_resolver` has to combine them.' },
      IncompatibleGeometryTypes: { message: 'The geometries of the cubes are of different kinds.' },
    },
  }),
  on({
    id: 'resample_spatial',
    summary: 'Change resolution or reference system',
    description: 'Warps the cube to another resolution, another reference system or both. Either has to be given.',
    categories: ['cubes', 'reproject'],
    parameters: [
      data(rasterCube),
      optional(
        'resolution',
        [
          { description: 'The same in both directions.', type: 'number', minimum: 0 },
          {
            description: 'One for x and one for y.',
            type: 'array',
            minItems: 2,
            maxItems: 2,
            items: { type: 'number', minimum: 0 },
          },
        ],
        'Size of a pixel in units of the target; 0 keeps it.',
        0,
      ),
      optional('projection', [epsgCode, wkt2, nothing], 'EPSG code or WKT2 of the target; `null` keeps it.', null),
      method,
      optional(
        'align',
        { type: 'string', enum: ['lower-left', 'upper-left', 'lower-right', 'upper-right'] },
        'The corner at which the new pixels begin.',
        'upper-left',
      ),
    ],
    returns: 'The warped cube.',
    gives: rasterCube,
  }),
  on({
    id: 'resample_cube_spatial',
    summary: 'Bring a cube to the grid of another',
    description: 'Warps the cube to extent, resolution and reference system of the target.',
    categories: ['cubes', 'reproject'],
    parameters: [data(rasterCube), required('target', rasterCube, 'The cube that gives the grid.'), method],
    returns: 'The warped cube.',
    gives: rasterCube,
  }),
  on({
    id: 'add_dimension',
    summary: 'Add a dimension',
    description: 'Adds a dimension with a single label.',
    categories: ['cubes'],
    parameters: [
      data(),
      required('name', { type: 'string' }, 'Name of the dimension.'),
      required('label', [{ type: 'number' }, { type: 'string' }], 'Its label.'),
      optional(
        'type',
        { type: 'string', enum: ['bands', 'geometry', 'spatial', 'temporal', 'other'] },
        'Kind of the dimension.',
        'other',
      ),
    ],
    returns: 'The cube with one more dimension.',
    exceptions: { DimensionExists: { message: 'The cube has a dimension of this name already.' } },
  }),
  on({
    id: 'drop_dimension',
    summary: 'Drop a dimension',
    description: 'Takes away a dimension that has a single label left.',
    categories: ['cubes'],
    parameters: [data(), required('name', { type: 'string' }, 'Name of the dimension.')],
    returns: 'The cube without the dimension.',
    exceptions: {
      DimensionLabelCountMismatch: { message: 'The dimension has more than one label; it has to be reduced first.' },
      ...noDimension,
    },
  }),
  on({
    id: 'rename_dimension',
    summary: 'Rename a dimension',
    description: 'Gives a dimension another name.',
    categories: ['cubes'],
    parameters: [
      data(),
      required('source', { type: 'string' }, 'Its name so far.'),
      required('target', { type: 'string' }, 'Its new name.'),
    ],
    returns: 'The cube with the renamed dimension.',
    exceptions: { ...noDimension, DimensionExists: { message: 'The cube has a dimension of this name already.' } },
  }),
  on({
    id: 'rename_labels',
    summary: 'Rename labels',
    description: 'Gives labels of a dimension other names, for example bands.',
    categories: ['cubes'],
    parameters: [
      data(),
      required('dimension', { type: 'string' }, 'Name of the dimension.'),
      required('target', distinctLabels, 'The new labels.'),
      optional('source', distinctLabels, 'The labels so far; where it is empty, they are counted from 0.', []),
    ],
    returns: 'The cube with renamed labels.',
    exceptions: {
      LabelsNotEnumerated: { message: 'The labels are not counted from 0; `source` has to name them.' },
      LabelMismatch: { message: 'There are not as many new labels as old ones.' },
      LabelNotAvailable: { message: 'The dimension has no label of this name.' },
      LabelExists: { message: 'The dimension has a label of this name already.' },
    },
  }),
  on({
    id: 'dimension_labels',
    summary: 'Labels of a dimension',
    description: 'The labels of a dimension in the order of the cube.',
    categories: ['cubes'],
    parameters: [data(), required('dimension', { type: 'string' }, 'Name of the dimension.')],
    returns: 'The labels.',
    gives: labels,
    exceptions: noDimension,
  }),
]
