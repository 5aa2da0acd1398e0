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

type Owned = { value: Document; owners: string[] }

/** Values under their names, with the members that have them. */
function gather(told: { member: string; values: Record<string, unknown> }[], keyOf = (name: string) => name) {
  const gathered = new Map<string, Owned & { name: string; all: { member: string; value: Document }[] }>()
  for (const { member, values } of told)
    for (const [name, value] of Object.entries(values) as [string, Document][]) {
      const known = gathered.get(keyOf(name)) ?? { name, value, owners: [], all: [] }
      known.owners.push(member)
      known.all.push({ member, value })
      gathered.set(keyOf(name), known)
    }
  return [...gathered.values()]
}
/** What not all of the owners have says who has it. */
const told = ({ value, owners }: Owned, all: number): Document =>
  owners.length === all ? value : { ...value, 'federation:backends': owners }

export const mergeProcesses = (lists: Told[]): Document[] =>
  byId(lists, 'processes').map(({ first, owners, all }) => {
    const named = all.map(({ member, entry }) => ({
      member,
      values: Object.fromEntries(
        ((entry.parameters as { name: string }[] | undefined) ?? []).map((one) => [one.name, one]),
      ),
    }))
    const parameters = gather(named).map((one) => told(one, owners.length))
    return { ...first, parameters, 'federation:backends': owners }
  })

/** Formats and their parameters; the case of a format's name does not matter. */
export function mergeFormats(lists: Told[]): Document {
  const side = (name: 'input' | 'output') => {
    const formats = lists.map(({ id, body }) => ({ member: id, values: (body[name] as Document | undefined) ?? {} }))
    return Object.fromEntries(
      gather(formats, (format) => format.toLowerCase()).map(({ name: format, value, owners, all }) => {
        const options = all.map((one) => ({ member: one.member, values: (one.value.parameters as Document) ?? {} }))
        const parameters = gather(options).map((one) => [one.name, told(one, owners.length)])
        return [format, { ...value, parameters: Object.fromEntries(parameters), 'federation:backends': owners }]
      }),
    )
  }
  return { input: side('input'), output: side('output') }
}
