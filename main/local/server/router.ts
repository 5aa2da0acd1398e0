/**
 * Finds the route of a path, and says which methods a path knows.
 * Owns: matching. Does not: run routes.
 */
import type { Method, Route } from './exchange.ts'

export type Match =
  | { found: true; route: Route; parameters: Record<string, string> }
  | { found: false; allowed: Method[] }
export type Router = {
  /** HEAD is matched as GET. */
  match(method: string, path: string): Match
  /** Methods by path template, in order of the list, as `GET /` states them. */
  endpoints(): { path: string; methods: Method[] }[]
}

const isParameter = (segment: string) => segment.startsWith('{')

/** The path's segments, decoded; undefined where it cannot be a path of this server. */
function segmentsOf(path: string): string[] | undefined {
  if (!path.startsWith('/') || path.length > 4096) return undefined
  const trimmed = path.length > 1 && path.endsWith('/') ? path.slice(1, -1) : path.slice(1)
  if (trimmed === '') return []
  try {
    const decoded = trimmed.split('/').map(decodeURIComponent)
    return decoded.some((segment) => segment === '' || segment.includes('\0')) ? undefined : decoded
  } catch {
    return undefined
  }
}

function bind(template: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  if (template.length !== segments.length) return undefined
  const parameters: Record<string, string> = Object.create(null)
  for (const [i, part] of template.entries()) {
    const segment = segments[i] as string
    if (isParameter(part)) parameters[part.slice(1, -1)] = segment
    else if (part !== segment) return undefined
  }
  return parameters
}

export function createRouter(routes: readonly Route[]): Router {
  const table = routes.map((route) => ({ route, template: segmentsOf(route.path) ?? [] }))
  return {
    match(method, path) {
      const wanted = method === 'HEAD' ? 'GET' : method
      const segments = segmentsOf(path)
      const allowed = new Set<Method>()
      for (const { route, template } of segments ? table : []) {
        const parameters = bind(template, segments as string[])
        if (!parameters) continue
        if (route.method === wanted) return { found: true, route, parameters }
        allowed.add(route.method)
      }
      return { found: false, allowed: [...allowed] }
    },
    endpoints() {
      const byPath = new Map<string, Method[]>()
      for (const { path, method, isListed } of routes)
        if (isListed) byPath.set(path, [...(byPath.get(path) ?? []), method])
      return [...byPath].map(([path, methods]) => ({ path, methods }))
    },
  }
}
