/**
 * The tables of the catalogue's cache, a file of its own (docs/adr/0012).
 * Owns: the list of steps. Why only one: nothing in the file is the user's, so a file of another version is thrown away
 * and read again. Whoever changes a table gives the step a new number.
 */
import type { Migration } from '../../core/migrate.ts'
import { catalogueTables } from './0011-catalogue.ts'

export const cacheMigrations: readonly Migration[] = [catalogueTables]
