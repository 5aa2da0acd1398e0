/** Files that come with the application, in `resources/` of the sources and of the package alike. */
import { join } from 'node:path'
import { app } from 'electron'

/** Bulk data of a package lie outside the archive, where other processes can open them. */
export function resourcePath(name: string): string {
  return join(app.getAppPath().replace(/app\.asar$/, 'app.asar.unpacked'), 'resources', name)
}
