/** What a window may ask of the system: to write text to the clipboard after a click, and nothing else. */
import type { Session } from 'electron'

const ALLOWED: readonly string[] = ['clipboard-sanitized-write']

/** The decision, for requests and checks alike. */
export const isPermitted = (permission: string): boolean => ALLOWED.includes(permission)

export function denyPermissions(session: Session): void {
  session.setPermissionRequestHandler((_contents, permission, done) => done(isPermitted(permission)))
  session.setPermissionCheckHandler((_contents, permission) => isPermitted(permission))
  session.setDevicePermissionHandler(() => false)
  session.setDisplayMediaRequestHandler((_request, done) => done({}))
}
