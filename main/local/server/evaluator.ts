/**
 * The evaluator as the server takes it: the processes, the formats, a check and a run.
 * Owns: nothing; it joins two features that do not know each other.
 */
import { checkProcess, fileFormats, runProcess } from '../evaluate/index.ts'
import { processDefinitions } from '../processes/index.ts'
import type { Engine } from './back-end.ts'

export const evaluator: Engine = {
  processes: processDefinitions,
  // files of the user come in as collections; no process reads a file by its format
  fileFormats: { input: {}, output: fileFormats },
  check: checkProcess,
  run: runProcess,
}
