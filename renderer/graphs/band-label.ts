/** A band as the form names it: `B08 (nir)`. Pure. */
import type { CollectionBand } from '../../preload/contract/catalogue.ts'

export const bandLabel = ({ name, commonName }: CollectionBand): string =>
  commonName && commonName !== name ? `${name} (${commonName})` : name
