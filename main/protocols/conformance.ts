/**
 * Conformance classes: addresses of which a part may be any version, compared as openEO and the OGC mean them.
 * Owns: the comparison. Does not: read documents.
 */

/**
 * Whether one of the classes is meant by the pattern, in which `*` stands for any part of one path segment, e.g.
 * `https://api.openeo.org/extensions/federation/0.*`. A slash at the end and the case of letters do not count.
 */
export function conformsTo(classes: readonly string[], pattern: string): boolean {
  const source = bare(pattern)
    .split('*')
    .map((part) => part.replace(/[.+?^${}()|[\]\\/]/g, '\\$&'))
    .join('[^/]*')
  const expression = new RegExp(`^${source}$`)
  return classes.some((one) => expression.test(bare(one)))
}

const bare = (address: string) =>
  address
    .trim()
    .toLowerCase()
    .replace(/\/+$/, '')
    .replace(/^http:/, 'https:')

export const OPENEO_EXTENSIONS = 'https://api.openeo.org/extensions'
