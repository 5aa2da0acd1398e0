/** What can be done with areas: the same list for inspector, context menu and command palette. */
import Pencil from '@lucide/svelte/icons/pencil'
import Play from '@lucide/svelte/icons/play'
import Spline from '@lucide/svelte/icons/spline'
import SquareDashed from '@lucide/svelte/icons/square-dashed'
import Trash2 from '@lucide/svelte/icons/trash-2'
import Undo2 from '@lucide/svelte/icons/undo-2'
import ZoomIn from '@lucide/svelte/icons/zoom-in'
import type { App } from '../app/app.ts'
import { areasOf } from './areas.svelte.ts'

/** To be called once at start. */
export function provideAreaActions(app: App): void {
  const areas = areasOf(app)
  app.actions.provide(() => [
    {
      id: 'areas.drawRectangle',
      title: 'Draw a rectangle',
      group: 'Areas',
      icon: SquareDashed,
      shortcut: 'Mod+Shift+R',
      keywords: 'area box aoi bbox extent',
      run: () => areas.draw('rectangle'),
    },
    {
      id: 'areas.drawPolygon',
      title: 'Draw a polygon',
      group: 'Areas',
      icon: Spline,
      shortcut: 'Mod+Shift+P',
      keywords: 'area outline aoi',
      run: () => areas.draw('polygon'),
    },
    {
      id: 'areas.undo',
      title: 'Undo the last change of an outline',
      group: 'Areas',
      icon: Undo2,
      run: () => areas.undo(),
    },
  ])
  app.actions.provideFor('area', (id, ids) => {
    const area = app.stores.areas.get(id)
    if (!area) return []
    const isEdited = areas.drawing.editing?.areaId === id
    return [
      {
        id: 'areas.useInRun',
        title: 'Use in a run',
        icon: Play,
        isPrimary: true,
        run: async () => (await import('../graphs/runs.ts')).composeWith(app, { areaId: area.id }),
      },
      { id: 'areas.zoomTo', title: 'Zoom to', icon: ZoomIn, run: () => areas.zoomTo(id) },
      {
        id: 'areas.edit',
        title: isEdited ? 'Stop editing' : 'Edit outline',
        icon: Pencil,
        run: () => {
          if (isEdited) areas.drawing.stopEditing()
          else {
            areas.zoomTo(id)
            areas.drawing.edit(area)
          }
        },
      },
      {
        id: 'areas.remove',
        title: ids.length > 1 ? `Remove ${ids.length} areas` : 'Remove',
        icon: Trash2,
        isDangerous: true,
        run: () => areas.remove(ids),
      },
    ]
  })
}
