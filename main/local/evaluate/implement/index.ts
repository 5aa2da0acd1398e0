/** What each process does, by its identifier; a test compares the list with the definitions. */
import type { Implementation } from '../tracing.ts'
import { arrayImplementations } from './arrays.ts'
import { bandImplementations } from './bands.ts'
import { filterImplementations } from './filter.ts'
import { loadImplementations } from './load.ts'
import { logicImplementations } from './logic.ts'
import { mathImplementations } from './math.ts'
import { reduceImplementations } from './reduce.ts'
import { saveImplementations } from './save.ts'
import { shapeImplementations } from './shape.ts'

export const implementations: ReadonlyMap<string, Implementation> = new Map(
  Object.entries({
    ...loadImplementations,
    ...filterImplementations,
    ...bandImplementations,
    ...reduceImplementations,
    ...shapeImplementations,
    ...saveImplementations,
    ...mathImplementations,
    ...logicImplementations,
    ...arrayImplementations,
  }),
)
