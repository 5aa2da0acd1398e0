/**
 * What is being drawn or changed on the map: the state behind pointer, keyboard and panels alike.
 * Owns: the sketch of a new area, the working copy of the area that is edited, the sentence about what is wrong.
 * Does not: keep areas (it hands finished geometries on), or know the screen.
 */
import type { Area } from '../../preload/contract/areas.ts'
import type { AreaGeometry } from '../../preload/contract/vocabulary.ts'
import * as draw from './draw-area.ts'
import * as edit from './edit-area.ts'
import type { LngLat } from './projection.ts'

/** Corners beyond this are not offered one by one; such outlines come from files. */
export const MAX_EDITABLE_CORNERS = 400

export type DrawingNeeds = {
  drawn: (geometry: AreaGeometry) => void
  edited: (areaId: string, geometry: AreaGeometry, before: AreaGeometry) => void
}
type Editing = { areaId: string; before: AreaGeometry; shape: edit.Shape }

export class Drawing {
  #needs: DrawingNeeds
  sketch = $state.raw<draw.Sketch | null>(null)
  editing = $state.raw<Editing | null>(null)
  /** The corner that the keyboard works on. */
  corner = $state.raw<edit.CornerPath | null>(null)
  problem = $state<string | null>(null)
  /** What just happened, for screen readers. */
  says = $state('')

  constructor(needs: DrawingNeeds) {
    this.#needs = needs
  }

  get isDrawing(): boolean {
    return this.sketch !== null
  }

  begin(tool: draw.Tool): void {
    this.stopEditing()
    this.sketch = draw.emptySketch(tool)
    this.problem = null
    this.says =
      tool === 'rectangle'
        ? 'Drawing a rectangle. Set two opposite corners. Arrow keys move the crosshair, Enter sets a corner, Escape cancels.'
        : 'Drawing a polygon. Enter sets a corner at the crosshair, Backspace removes the last, Enter on the first corner finishes, Escape cancels.'
  }

  cancel(): void {
    if (!this.sketch) return
    this.sketch = null
    this.problem = null
    this.says = 'Drawing canceled.'
  }

  addCorner(at: LngLat): void {
    if (!this.sketch) return
    this.sketch = draw.withCorner(this.sketch, at)
    this.problem = draw.edgeNote(at[1])
    this.says = `Corner ${this.sketch.corners.length} set.`
    if (this.sketch.tool === 'rectangle' && this.sketch.corners.length === 2) this.finish()
  }

  removeLastCorner(): void {
    if (!this.sketch?.corners.length) return
    this.sketch = draw.withoutLastCorner(this.sketch)
    this.problem = null
    this.says = 'Last corner removed.'
  }

  /** Hands the area on, or says why it is none and stays in drawing. */
  finish(): void {
    if (!this.sketch) return
    const result = draw.finished(this.sketch)
    if (result.ok) {
      this.sketch = null
      this.problem = null
      this.says = 'The area is drawn.'
      this.#needs.drawn(result.geometry)
      return
    }
    this.problem = result.problem
    // a rectangle without extent begins anew at its first corner
    if (this.sketch.tool === 'rectangle') this.sketch = draw.withoutLastCorner(this.sketch)
  }

  /** Shows the corners of an area for changing; nothing where it has too many. */
  edit(area: Area): void {
    if (this.editing?.areaId === area.id && this.editing.before === area.geometry) return
    this.sketch = null
    this.problem = null
    const shape = edit.shapeOf(area.geometry)
    this.editing = { areaId: area.id, before: area.geometry, shape }
  }

  stopEditing(): void {
    this.editing = null
    this.corner = null
    this.problem = null
  }

  /** Changes the working copy; `commit` keeps it. */
  moveCorner(path: edit.CornerPath, to: LngLat): void {
    this.#reshape((shape) => edit.withCornerAt(shape, path, to))
  }
  moveShape(longitude: number, latitude: number): void {
    this.#reshape((shape) => edit.movedBy(shape, longitude, latitude))
  }
  addCornerAfter(path: edit.CornerPath): void {
    this.#reshape((shape) => edit.withCornerAfter(shape, path))
  }
  removeCorner(path: edit.CornerPath): void {
    const ring = this.editing?.shape[path[0]]?.[path[1]]
    if (ring && ring.length <= 3) {
      this.problem = 'An area needs at least three corners.'
      return
    }
    this.#reshape((shape) => edit.withoutCorner(shape, path))
    this.corner = [path[0], path[1], Math.max(0, path[2] - 1)]
    this.commit()
  }

  /** Hands the changed geometry on; an outline that crosses itself is put back as it was. */
  commit(): void {
    if (!this.editing) return
    const result = edit.geometryOf(this.editing.shape)
    if (!result.ok) {
      this.problem = result.problem
      this.editing = { ...this.editing, shape: edit.shapeOf(this.editing.before) }
      return
    }
    this.problem = null
    if (JSON.stringify(result.geometry) === JSON.stringify(this.editing.before)) return
    const { areaId, before } = this.editing
    this.editing = { ...this.editing, before: result.geometry }
    this.#needs.edited(areaId, result.geometry, before)
  }

  /** Puts the working copy back as it was before the drag. */
  revert(): void {
    if (this.editing) this.editing = { ...this.editing, shape: edit.shapeOf(this.editing.before) }
    this.problem = null
  }

  #reshape(change: (shape: edit.Shape) => edit.Shape): void {
    if (!this.editing) return
    this.editing = { ...this.editing, shape: change(this.editing.shape) }
    this.problem = null
  }
}
