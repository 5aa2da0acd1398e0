/** Formats, UDF runtimes and service types as their documents state them, read for the page. Pure. */
import type { Entry } from '../../preload/contract/catalogue.ts'
import type { JsonObject } from '../../preload/contract/vocabulary.ts'
import type { Fact } from './fact.ts'
import { isObject, objectOf, own, textOf, textsOf } from './schema/json.ts'
import { type Parameter, processParameters, resourceParameters } from './schema/parameters.ts'

export type ParameterPart = { title: string; parameters: Parameter[]; none: string }
export type RuntimeVersion = { version: string; isDefault: boolean; libraries: { name: string; version: string }[] }
const MOST = 300

const GIS_DATA: Record<string, string> = {
  raster: 'rasters',
  vector: 'vectors',
  table: 'tables',
  pointcloud: 'point clouds',
  other: 'other data',
}

const RUNTIMES: Record<string, string> = { language: 'Programming language', docker: 'Docker image' }

export function offerFacts({ key, document }: Pick<Entry, 'key' | 'document'>): Fact[] {
  const kinds = textsOf(document.gis_data_types).map((kind) => own(GIS_DATA, kind) ?? kind)
  const facts: Fact[] = [
    { label: 'Holds', value: kinds.join(', ') },
    { label: 'Kind', value: own(RUNTIMES, textOf(document.type)) },
    { label: 'Image', value: textOf(document.docker), isMono: true },
    { label: 'Tags', value: textsOf(document.tags).slice(0, 50).join(', ') },
    { label: 'Default', value: key.kind === 'udf-runtime' ? textOf(document.default) : '' },
  ]
  return facts.filter(({ value }) => value)
}

/** The parts of the page that are tables of parameters. */
export function parameterParts({ key, document }: Pick<Entry, 'key' | 'document'>): ParameterPart[] {
  switch (key.kind) {
    case 'input-format':
    case 'output-format':
      return [{ title: 'Options', parameters: resourceParameters(document.parameters), none: 'It has no options.' }]
    case 'service-type':
      return [
        {
          title: 'Configuration',
          parameters: resourceParameters(document.configuration),
          none: 'There is nothing to configure.',
        },
        {
          title: 'Parameters for the process',
          parameters: processParameters(document.process_parameters),
          none: 'The process is handed nothing.',
        },
      ]
    case 'processing-parameter':
      return [
        {
          title: 'Value',
          parameters: processParameters([{ ...document, name: textOf(document.name) || key.id, description: '' }]),
          none: '',
        },
      ]
    default:
      return []
  }
}

/** The versions of a UDF runtime, the default one first, and what each brings along. */
export function runtimeVersions(document: JsonObject): RuntimeVersion[] {
  const preferred = textOf(document.default)
  const versions = Object.entries(objectOf(document.versions))
    .slice(0, MOST)
    .map(([version, stated]) => ({
      version,
      isDefault: version === preferred,
      libraries: Object.entries(objectOf(objectOf(stated).libraries))
        .slice(0, MOST)
        .map(([name, library]) => ({
          name,
          version: isObject(library) ? textOf(library.version) : '',
        })),
    }))
  return versions.sort((a, b) => Number(b.isDefault) - Number(a.isDefault))
}
