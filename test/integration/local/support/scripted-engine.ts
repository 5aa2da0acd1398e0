/**
 * An engine that does what a test says, in place of the evaluator: writes files, waits, fails.
 * The process graph's first node says what: {"step": {"process_id": NAME, "arguments": {…}, "result": true}}.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { RunAsset, RunOptions, RunResult } from '../../../../main/local/evaluate/api.ts'
import { OpeneoError } from '../../../../main/local/openeo-error.ts'
import { processDefinitions } from '../../../../main/local/processes/index.ts'
import type { Engine } from '../../../../main/local/server/back-end.ts'

export const step = (process_id: string, args: object = {}) => ({ step: { process_id, arguments: args, result: true } })

type Step = { process_id: string; arguments: Record<string, unknown> }
const firstStep = (process: { process_graph?: unknown }) =>
  Object.values(process.process_graph as Record<string, Step>)[0] as Step

async function writeFiles(outputDir: string, texts: Record<string, string>): Promise<RunAsset[]> {
  return Promise.all(
    Object.entries(texts).map(async ([name, text]): Promise<RunAsset> => {
      const path = join(outputDir, name)
      await writeFile(path, text)
      return {
        key: name,
        path,
        mediaType: 'image/tiff; application=geotiff; profile=cloud-optimized',
        roles: ['data'],
        title: name,
        sizeBytes: Buffer.byteLength(text),
        bbox: [7, 46, 8, 47],
        interval: ['2023-06-01T00:00:00Z', '2023-06-02T00:00:00Z'],
        bands: [{ name: 'ndvi', dataType: 'float32', nodata: Number.NaN }],
        grid: {
          crs: { epsg: 32632, name: 'UTM 32N', proj4: '+proj=utm +zone=32 +datum=WGS84', unit: 'metre' },
          transform: [400_000, 10, 0, 5_200_000, 0, -10],
          width: 10,
          height: 20,
        },
      }
    }),
  )
}

async function untilAborted(signal: AbortSignal | undefined): Promise<never> {
  signal?.throwIfAborted()
  return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason), { once: true }))
}

async function run(process: { process_graph?: unknown }, options: RunOptions): Promise<RunResult> {
  const { process_id: name, arguments: args } = firstStep(process)
  options.onLog?.({ level: 'info', message: 'Reading 3 scenes of test.', data: { collection: 'test' } })
  options.onLog?.({ level: 'debug', message: 'Only for debugging.' })
  options.onProgress?.({ doneBlocks: 1, totalBlocks: 4 })
  if (name === 'wait') {
    await writeFile(join(options.outputDir, 'half.tif'), 'half of it')
    await untilAborted(options.signal)
  }
  if (name === 'fail')
    throw new OpeneoError(400, String(args.code), 'It was asked to fail.', { nodeId: 'step', argument: 'code' })
  if (name === 'break') throw new TypeError('secret detail of a bug')
  if (name === 'read-only') throw Object.assign(new Error('EROFS'), { code: 'EROFS' })
  if (name === 'disk-full') throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' })
  const assets = await writeFiles(
    options.outputDir,
    (args.files as Record<string, string>) ?? { 'result.tif': 'a result' },
  )
  return {
    assets,
    bbox: [7, 46, 8, 47],
    interval: ['2023-06-01T00:00:00Z', '2023-06-02T00:00:00Z'],
    usage: { scenes: 3, bands: 2, windowsRead: 6, pixelsRead: 1_200_000, durationMs: 10 },
  }
}

export function scriptedEngine(): Engine {
  return {
    processes: processDefinitions,
    fileFormats: {
      input: {},
      output: { GTiff: { title: 'GeoTIFF', description: 'COG', gis_data_types: ['raster'], parameters: {} } },
    },
    check: (process) =>
      firstStep(process).process_id === 'unknown'
        ? [
            { code: 'ProcessUnsupported', message: 'There is no such process.', path: { nodeId: 'step' } },
            {
              code: 'ProcessParameterRequired',
              message: 'A parameter is missing.',
              path: { nodeId: 'step', argument: 'x' },
            },
          ]
        : [],
    run: (process, _, options) => run(process, options),
  }
}
