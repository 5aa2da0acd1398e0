/** Swath's own version, known once main has told it; part of every "Copy details". */
class Version {
  current = $state('')
}
export const version = new Version()
