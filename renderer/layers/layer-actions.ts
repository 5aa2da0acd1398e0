/** What can be done with layers: the same list for inspector, context menu and command palette. */
import ArrowDown from '@lucide/svelte/icons/arrow-down'
import ArrowUp from '@lucide/svelte/icons/arrow-up'
import Eye from '@lucide/svelte/icons/eye'
import EyeOff from '@lucide/svelte/icons/eye-off'
import RotateCcw from '@lucide/svelte/icons/rotate-ccw'
import Trash2 from '@lucide/svelte/icons/trash-2'
import ZoomIn from '@lucide/svelte/icons/zoom-in'
import type { App } from '../app/app.ts'
import { layersOf } from './layers.svelte.ts'

/** To be called once at start. */
export function provideLayerActions(app: App): void {
  const layers = layersOf(app)
  app.actions.provideFor('layer', (id, ids) => {
    const layer = app.stores.layers.get(id)
    if (!layer) return []
    const at = layers.ordered.findIndex((one) => one.id === id)
    return [
      {
        id: 'layers.zoomTo',
        title: 'Zoom to',
        icon: ZoomIn,
        isPrimary: true,
        isEnabled: layer.raster !== undefined,
        run: () => layers.zoomTo(id),
      },
      {
        id: 'layers.show',
        title: layer.isVisible ? 'Hide' : 'Show',
        icon: layer.isVisible ? EyeOff : Eye,
        run: () => layers.show(layer.id, !layer.isVisible),
      },
      {
        id: 'layers.up',
        title: 'Move up',
        icon: ArrowUp,
        isEnabled: at > 0,
        run: () => layers.move(layer.id, at - 1),
      },
      {
        id: 'layers.down',
        title: 'Move down',
        icon: ArrowDown,
        isEnabled: at < layers.ordered.length - 1,
        run: () => layers.move(layer.id, at + 1),
      },
      ...(layer.failure
        ? [{ id: 'layers.open', title: 'Open again', icon: RotateCcw, run: () => layers.open(layer.id) }]
        : []),
      {
        id: 'layers.remove',
        title: ids.length > 1 ? `Take ${ids.length} layers off the map` : 'Take off the map',
        icon: Trash2,
        isDangerous: true,
        run: () => layers.remove(ids),
      },
    ]
  })
}
