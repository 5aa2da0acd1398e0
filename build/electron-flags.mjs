/**
 * The switches that Electron needs on this machine to open a window with WebGL at all. None on an ordinary desktop.
 */
import { readdirSync } from 'node:fs'

const SOFTWARE_GL = ['--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist']

function hasGpu() {
  if (process.platform !== 'linux') return true
  try {
    return readdirSync('/dev/dri').some((name) => name.startsWith('renderD'))
  } catch {
    return false
  }
}

/** root has no user namespaces for Chromium's sandbox; a machine without a GPU draws by SwiftShader. */
export const electronFlags = ({ softwareGl = !hasGpu() } = {}) => [
  ...(process.platform === 'linux' && process.getuid() === 0 ? ['--no-sandbox'] : []),
  ...(softwareGl ? SOFTWARE_GL : []),
]
