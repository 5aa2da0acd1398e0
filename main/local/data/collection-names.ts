/**
 * Identifiers of collections: from the folder's name, safe in addresses, unique, and the same at every start.
 * Owns: table collection_name. Once given, an identifier stays with its folder and bands.
 */
import type { Database } from '../../core/database.ts'

const LONGEST = 60

/** Letters, digits, `_`, `-`, `.` and `~` are what openEO allows in the identifier of a collection. */
export function slug(name: string): string {
  const plain = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^A-Za-z0-9_.~-]+/g, '-')
    .replace(/^[-.~]+|[-.]+$/g, '')
    .slice(0, LONGEST)
  return plain === '' ? 'collection' : plain
}

export class CollectionNames {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** The identifier of what `key` stands for: the one it had, else the wanted one or the next that is free. */
  idOf(key: string, wanted: string): string {
    return this.#database.tx(() => {
      const known = this.#database.get<{ id: string }>('SELECT id FROM collection_name WHERE key = ?', [key])
      if (known) return known.id
      const base = slug(wanted)
      let id = base
      for (let n = 2; this.#isTaken(id); n++) id = `${base}-${n}`
      this.#database.run('INSERT INTO collection_name (key, id) VALUES (?, ?)', [key, id])
      return id
    })
  }

  #isTaken = (id: string) =>
    this.#database.get('SELECT 1 FROM collection_name WHERE id = ? COLLATE NOCASE', [id]) !== undefined
}
