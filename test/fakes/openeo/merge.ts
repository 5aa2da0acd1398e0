/** How lists of several members become one: first one's entry, owners in `federation:backends`, at every depth. */

type Document = Record<string, unknown>
/** What one member told. */
export type Told = { id: string; body: Document }

type Merged = { id: string; first: Document; owners: string[]; all: { member: string; entry: Document }[] }

/** Entries of a list of every member under their ids, in the order of the first that has them. */
export function byId(told: Told[], name: string): Merged[] {
  const merged = new Map<string, Merged>()
  for (const { id: member, body } of told)
    for (const entry of (body[name] as Document[] | undefined) ?? []) {
      const id = String(entry.id)
      const known = merged.get(id) ?? { id, first: entry, owners: [], all: [] }
      known.owners.push(member)
      known.all.push({ member, entry })
      merged.set(id, known)
    }
  return [...merged.values()]
}

export function withBackends(entry: Document, owners: string[], at: 'top' | 'summaries'): Document {
  if (at === 'top') return { ...entry, 'federation:backends': owners }
  return { ...entry, summaries: { ...(entry.summaries as Document | undefined), 'federation:backends': owners } }
}

type Parameter = { name: string }

/** A parameter that not every owner of the process has says who has it. */
export const mergeProcesses = (told: Told[]): Document[] =>
  byId(told, 'processes').map(({ first, owners, all }) => {
    const parameters = new Map<string, { parameter: Parameter; owners: string[] }>()
    for (const { member, entry } of all)
      for (const parameter of (entry.parameters as Parameter[] | undefined) ?? []) {
        const known = parameters.get(parameter.name) ?? { parameter, owners: [] }
        known.owners.push(member)
        parameters.set(parameter.name, known)
      }
    const merged = [...parameters.values()].map(({ parameter, owners: having }) =>
      having.length === owners.length ? parameter : { ...parameter, 'federation:backends': having },
    )
    return { ...first, parameters: merged, 'federation:backends': owners }
  })

/** Formats and their parameters under names whose case does not matter. */
export function mergeFormats(told: Told[]): Document {
  const side = (name: 'input' | 'output') => {
    const formats = new Map<string, { name: string; format: Document; owners: string[] }>()
    for (const { id, body } of told)
      for (const [key, format] of Object.entries((body[name] as Document | undefined) ?? {})) {
        const known = formats.get(key.toLowerCase()) ?? { name: key, format: format as Document, owners: [] }
        known.owners.push(id)
        formats.set(key.toLowerCase(), known)
      }
    return Object.fromEntries(
      [...formats.values()].map((one) => [one.name, { ...one.format, 'federation:backends': one.owners }]),
    )
  }
  return { input: side('input'), output: side('output') }
}
