/**
 * Areas of interest.
 * Owns: table area. Emits: areas.changed, areas.removed. Does not: draw (the window) or clip (back-ends).
 * A removed area keeps its row, so that removing can be undone and jobs still find it.
 */
import type { Area } from '../../preload/contract/areas.ts'
import { areaKm2, geometryBbox } from '../../preload/contract/geodesy.ts'
import type { Handlers } from '../../preload/contract/index.ts'
import type { AreaGeometry, Bbox } from '../../preload/contract/vocabulary.ts'
import { type Clock, instant } from '../core/clock.ts'
import type { Database } from '../core/database.ts'
import { AppError } from '../core/errors.ts'
import { newId } from '../core/ids.ts'
import type { Publish } from '../ipc/publish.ts'
import { checkGeometry, type NamedGeometry, readAreas } from './read-geometry.ts'

export type AreasFeature = {
  handlers: Handlers<'areas'>
  /** Also one that was removed. */
  find(id: string): Area | undefined
}
type Needs = { database: Database; publish: Publish; clock: Clock }
type AreaRow = {
  id: string
  revision: number
  name: string
  geometry: string
  bbox: string
  area_km2: number
  created_at: string
}

const COLUMNS = 'id, revision, name, geometry, bbox, area_km2, created_at'
const toArea = (row: AreaRow): Area => ({
  id: row.id as Area['id'],
  revision: row.revision,
  name: row.name,
  geometry: JSON.parse(row.geometry) as AreaGeometry,
  bbox: JSON.parse(row.bbox) as Bbox,
  areaKm2: row.area_km2,
  createdAt: row.created_at,
})

export function createAreas({ database, publish, clock }: Needs): AreasFeature {
  const find = (id: string): Area | undefined => {
    const row = database.get<AreaRow>(`SELECT ${COLUMNS} FROM area WHERE id = ?`, [id])
    return row && toArea(row)
  }
  const gone = () => new AppError('not-found', 'The area is not there any more.')
  const get = (id: string): Area => {
    const area = find(id)
    if (!area) throw gone()
    return area
  }
  const announce = (area: Area): Area => {
    publish({ feature: 'areas', name: 'changed', payload: area })
    return area
  }
  function add({ name, geometry }: { name: string; geometry: AreaGeometry }): Area {
    const id = newId('area', clock.now())
    const now = instant(clock.now())
    database.run(
      `INSERT INTO area (id, name, geometry, bbox, area_km2, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?)`,
      [id, name, JSON.stringify(geometry), JSON.stringify(geometryBbox(geometry)), areaKm2(geometry), now, now],
    )
    return get(id)
  }
  function nextName(): string {
    const names = new Set(
      database.all<{ name: string }>('SELECT name FROM area WHERE removed_at IS NULL').map((row) => row.name),
    )
    let number = 1
    while (names.has(`Area ${number}`)) number += 1
    return `Area ${number}`
  }
  const addNamed = ({ name, geometry }: NamedGeometry): Area => add({ name: name ?? nextName(), geometry })

  return {
    find,
    handlers: {
      list: async () =>
        database
          .all<AreaRow>(`SELECT ${COLUMNS} FROM area WHERE removed_at IS NULL ORDER BY created_at, id`)
          .map(toArea),
      add: async ({ name, geometry }) =>
        announce(addNamed({ name: name?.trim() || null, geometry: checkGeometry(geometry) })),
      async update({ id, name, geometry }) {
        const before = get(id)
        const shape = geometry ? checkGeometry(geometry) : before.geometry
        const { changes } = database.run(
          `UPDATE area SET name = ?, geometry = ?, bbox = ?, area_km2 = ?, updated_at = ?, revision = revision + 1
           WHERE id = ? AND removed_at IS NULL`,
          [
            name?.trim() || before.name,
            JSON.stringify(shape),
            JSON.stringify(geometryBbox(shape)),
            areaKm2(shape),
            instant(clock.now()),
            id,
          ],
        )
        if (changes === 0) throw gone()
        return announce(get(id))
      },
      async importGeoJson({ text }) {
        const read = readAreas(text)
        return database.tx(() => read.map(addNamed)).map(announce)
      },
      async remove({ id }) {
        const { changes } = database.run(
          'UPDATE area SET removed_at = ?, revision = revision + 1 WHERE id = ? AND removed_at IS NULL',
          [instant(clock.now()), id],
        )
        if (changes === 0) throw gone()
        publish({ feature: 'areas', name: 'removed', payload: { id } })
      },
      async restore({ id }) {
        database.run('UPDATE area SET removed_at = NULL, revision = revision + 1 WHERE id = ?', [id])
        return announce(get(id))
      },
    },
  }
}
