/** npm run bench -- NAME: measures one thing and prints a table and, as the last line, JSON. */
import { fileURLToPath } from 'node:url'
import { measure } from './measuring.mjs'
import { runCommand } from './setup.mjs'

await runCommand(() => measure('bench', fileURLToPath(import.meta.url)))
