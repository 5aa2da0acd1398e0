/**
 * GDAL as the reference: Python code is given JSON on stdin and answers with JSON; arrays go through files.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

export const DATA = resolve(import.meta.dirname, '../../../../shared/data')
const PRELUDE = `
import sys, json, math
import numpy as np
from osgeo import gdal, osr
gdal.UseExceptions()
gdal.PushErrorHandler('CPLQuietErrorHandler')
gdal.SetConfigOption('GDAL_PAM_ENABLED', 'NO')
job = json.load(sys.stdin)
`

/** Runs code that sets `answer`; NaN and infinities cross as null. */
export function gdal<T>(code: string, job: unknown = {}): T {
  const tail = `
def plain(v):
    if isinstance(v, dict): return {k: plain(x) for k, x in v.items()}
    if isinstance(v, (list, tuple)): return [plain(x) for x in v]
    if isinstance(v, (float, np.floating)): return float(v) if math.isfinite(v) else None
    if isinstance(v, np.integer): return int(v)
    return v
print(json.dumps(plain(answer)))
`
  const output = execFileSync('/usr/bin/python3', ['-c', PRELUDE + code + tail], {
    input: JSON.stringify(job),
    maxBuffer: 256 << 20,
  })
  return JSON.parse(output.toString()) as T
}

export function temporaryFolder(): { path: string; file: (name: string) => string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'swath-raster-'))
  return {
    path,
    file: (name) => join(path, name),
    remove: () => rmSync(path, { recursive: true, force: true }),
  }
}

/** An array of float64 that Python wrote with tofile. */
export function readDoubles(path: string): Float64Array {
  const bytes = readFileSync(path)
  return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))
}
