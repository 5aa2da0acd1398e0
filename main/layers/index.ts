/**
 * What lies on the map: rasters of results, in order, each with its style; remembered, and opened again when asked for.
 * Owns: table layer, and which layers the engine holds open. Emits: layers.changed, layers.removed.
 * Does not: read rasters (the engine does) or draw them (the window does). Numbers go from engine to window by a port.
 */
import type { Handlers } from '../../preload/contract/index.ts'
import type { BandStatistics, Layer, LayerStyle, RasterInfo } from '../../preload/contract/layers.ts'
import type { Clock } from '../core/clock.ts'
import type { Database } from '../core/database.ts'
import { AppError, toWireError } from '../core/errors.ts'
import { newId } from '../core/ids.ts'
import type { Log } from '../core/log.ts'
import type { Publish } from '../ipc/publish.ts'
import type { RasterSource } from '../raster/types.ts'
import { defaultStyle } from './default-style.ts'

/** The raster engine as this feature needs it. */
export type Engine = {
  open(layerId: string, source: RasterSource): Promise<RasterInfo>
  close(layerId: string): void
  statistics(layerId: string, band: number, exact: boolean): Promise<BandStatistics>
  /** Gives the window a port of its own to the engine. */
  connectWindow(): Promise<void>
  /** The engine ended by itself and will start anew with the next call: nothing is open there any more. */
  onRestart(listener: () => void): void
}
export type LayersFeature = { handlers: Handlers<'layers'>; close(): void }
type Needs = {
  database: Database
  publish: Publish
  clock: Clock
  log: Log
  engine: Engine
  /** Where an asset of a result lies. @throws AppError not-found */
  assetSource(resultId: string, assetKey: string): { source: RasterSource; title: string }
  /** Called when a result goes away, with its files. */
  onResultRemoved(listener: (resultId: string) => void): void
}
type LayerRow = {
  id: string
  revision: number
  position: number
  title: string
  result_id: string
  asset_key: string
  is_visible: number
  style: string
}
type Opened = { raster: RasterInfo } | { failure: NonNullable<Layer['failure']> }

export function createLayers(needs: Needs): LayersFeature {
  const { database, publish, clock, log, engine, assetSource } = needs
  const opened = new Map<string, Promise<Opened>>()
  const known = new Map<string, Opened>()
  let isClosed = false

  const toLayer = (row: LayerRow): Layer => ({
    id: row.id as Layer['id'],
    revision: row.revision,
    position: row.position,
    title: row.title,
    resultId: row.result_id as Layer['resultId'],
    assetKey: row.asset_key,
    isVisible: row.is_visible === 1,
    style: JSON.parse(row.style) as LayerStyle,
    ...known.get(row.id),
  })
  const rows = () => database.all<LayerRow>('SELECT * FROM layer ORDER BY position')
  const get = (id: string): LayerRow => {
    const row = database.get<LayerRow>('SELECT * FROM layer WHERE id = ?', [id])
    if (!row) throw new AppError('not-found', 'The layer is not on the map any more.')
    return row
  }
  function change(id: string, column: 'style' | 'is_visible', value: string | boolean): Layer {
    get(id)
    database.run(`UPDATE layer SET ${column} = ?, revision = revision + 1 WHERE id = ?`, [value, id])
    return announce(id)
  }
  function announce(id: string): Layer {
    const layer = toLayer(get(id))
    publish({ feature: 'layers', name: 'changed', payload: layer })
    return layer
  }

  /** Opens the raster in the engine once; a failure is kept as the layer's state and tried again when asked for. */
  function ensureOpen(row: LayerRow): Promise<Opened> {
    const running = opened.get(row.id)
    if (running) return running
    const opening = open(row).then((state) => {
      // a failure is tried again when asked for; a later attempt is left alone
      if ('failure' in state && opened.get(row.id) === opening) opened.delete(row.id)
      return state
    })
    opened.set(row.id, opening)
    return opening
  }
  async function open(row: LayerRow): Promise<Opened> {
    const opening = (async () => engine.open(row.id, assetSource(row.result_id, row.asset_key).source))()
    const state = await opening.then(
      (raster): Opened => ({ raster }),
      (failure): Opened => {
        const logRef = log.warn('A raster could not be opened', { layer: row.id, failure })
        return { failure: toWireError(failure, logRef) }
      },
    )
    if (isClosed) return state
    const { changes } = database.run('UPDATE layer SET revision = revision + 1 WHERE id = ?', [row.id])
    if (changes > 0) known.set(row.id, state)
    else forget(row.id) // it was taken off the map meanwhile
    return state
  }

  async function add(resultId: string, assetKey: string): Promise<Layer> {
    const present = database.get<LayerRow>('SELECT * FROM layer WHERE result_id = ? AND asset_key = ?', [
      resultId,
      assetKey,
    ])
    if (present) {
      await ensureOpen(present)
      return present.is_visible === 1 ? announce(present.id) : change(present.id, 'is_visible', true)
    }
    const { source, title } = assetSource(resultId, assetKey)
    const id = newId('layer', clock.now())
    const raster = await engine.open(id, source)
    const statistics = await Promise.all(
      Array.from({ length: raster.bands.length >= 3 ? 3 : 1 }, (_, band) => engine.statistics(id, band, false)),
    ).catch((failure) => {
      engine.close(id) // nobody else would
      throw failure
    })
    // while the engine worked the same raster may have been put on the map by another call
    const twin = database.get<LayerRow>('SELECT * FROM layer WHERE result_id = ? AND asset_key = ?', [
      resultId,
      assetKey,
    ])
    if (twin) {
      engine.close(id)
      return toLayer(twin)
    }
    assetSource(resultId, assetKey) // the result may be gone by now
    known.set(id, { raster })
    opened.set(id, Promise.resolve({ raster }))
    database.tx(() => {
      database.run('UPDATE layer SET position = position + 1, revision = revision + 1')
      database.run(
        'INSERT INTO layer (id, position, title, result_id, asset_key, is_visible, style) VALUES (?, 0, ?, ?, ?, 1, ?)',
        [id, title, resultId, assetKey, JSON.stringify(defaultStyle(raster.bands, statistics))],
      )
    })
    for (const row of rows()) announce(row.id)
    return toLayer(get(id))
  }

  function drop(id: string): void {
    database.tx(() => {
      database.run('DELETE FROM layer WHERE id = ?', [id])
      for (const [position, row] of rows().entries())
        if (row.position !== position)
          database.run('UPDATE layer SET position = ?, revision = revision + 1 WHERE id = ?', [position, row.id])
    })
    forget(id)
    publish({ feature: 'layers', name: 'removed', payload: { id: id as Layer['id'] } })
    for (const row of rows()) announce(row.id)
  }
  function forget(id: string): void {
    engine.close(id)
    opened.delete(id)
    known.delete(id)
  }

  engine.onRestart(() => {
    if (isClosed) return
    opened.clear()
    known.clear()
    // without `raster` the window asks for them to be opened again
    for (const row of database.all<LayerRow>('UPDATE layer SET revision = revision + 1 RETURNING *')) announce(row.id)
  })
  needs.onResultRemoved((resultId) => {
    for (const row of rows()) if (row.result_id === resultId) drop(row.id)
  })

  return {
    close() {
      isClosed = true
    },
    handlers: {
      list: async () => rows().map(toLayer),
      add: async ({ resultId, assetKey }) => add(resultId, assetKey),
      async open({ id }) {
        await ensureOpen(get(id))
        return announce(id)
      },
      style: async ({ id, style }) => change(id, 'style', JSON.stringify(style)),
      show: async ({ id, isVisible }) => change(id, 'is_visible', isVisible),
      async move({ id, position }) {
        get(id)
        const order = rows().map((row) => row.id)
        const others = order.filter((other) => other !== id)
        others.splice(Math.min(position, others.length), 0, id)
        database.tx(() => {
          for (const [index, other] of others.entries())
            database.run('UPDATE layer SET position = ?, revision = revision + 1 WHERE id = ? AND position <> ?', [
              index,
              other,
              index,
            ])
        })
        return rows().map((row) => announce(row.id))
      },
      async remove({ id }) {
        get(id)
        drop(id)
      },
      async statistics({ id, band, exact }) {
        const state = await ensureOpen(get(id))
        if ('failure' in state) throw new AppError(state.failure.code, state.failure.message)
        if (band >= state.raster.bands.length)
          throw new AppError('invalid-input', `The raster has ${state.raster.bands.length} bands.`)
        return engine.statistics(id, band, exact)
      },
      async connect() {
        await engine.connectWindow()
      },
    },
  }
}
