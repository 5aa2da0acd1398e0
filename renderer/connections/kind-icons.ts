/** The icon of each kind of connection. */
import Cloud from '@lucide/svelte/icons/cloud'
import Database from '@lucide/svelte/icons/database'
import Earth from '@lucide/svelte/icons/earth'
import HardDrive from '@lucide/svelte/icons/hard-drive'
import LibraryBig from '@lucide/svelte/icons/library-big'
import type { Connection } from '../../preload/contract/connections.ts'
import type { IconOf } from '../ui/icon.ts'

const ICONS: Record<Connection['kind'], IconOf> = {
  embedded: HardDrive,
  openeo: Cloud,
  stac: LibraryBig,
  s3: Database,
  destine: Earth,
}
export const kindIcon = (kind: Connection['kind']): IconOf => ICONS[kind]
