/**
 * For every test of the Node projects: a folder that a test removes is looked through for secrets first, so that no test
 * can forget it. Owns: the hook. Does not: look (fakes/leaks.ts). Costs nothing where no secret was registered.
 */
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { resolve, sep } from 'node:path'
import { expectNoSecretsIn } from './fakes/leaks.ts'

const removeNow = fs.rmSync
const removeLater = fs.promises.rm
const isTemporary = (path: unknown) => typeof path === 'string' && resolve(path).startsWith(resolve(tmpdir()) + sep)

fs.rmSync = (path, options) => {
  try {
    if (isTemporary(path)) expectNoSecretsIn(path as string)
  } finally {
    removeNow(path, options)
  }
}
fs.promises.rm = async (path, options) => {
  try {
    if (isTemporary(path)) expectNoSecretsIn(path as string)
  } finally {
    await removeLater(path, options)
  }
}
syncBuiltinESMExports()
