/** npm run soak -- NAME: does one thing many times, with faults in between, and counts what did not survive. */
import { fileURLToPath } from 'node:url'
import { measure } from './measuring.mjs'
import { runCommand } from './setup.mjs'

await runCommand(() => measure('soak', fileURLToPath(import.meta.url)))
