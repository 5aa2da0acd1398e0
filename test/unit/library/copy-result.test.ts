/** A copy that fails says whether the result could not be read or the folder not be written, and leaves nothing. */
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { copyResult } from '../../../main/library/copy-result.ts'
import { hashFile } from '../../../main/transfers/checksum.ts'

const root = mkdtempSync(join(tmpdir(), 'swath-copy-'))
chmodSync(root, 0o755)
afterAll(() => rmSync(root, { recursive: true }))
const folder = (name: string) => {
  const path = join(root, name)
  mkdirSync(path)
  return path
}

/** As somebody whom permissions bind, also where the tests run as root. */
async function unprivileged<T>(work: () => Promise<T>): Promise<T> {
  const isRoot = process.getuid?.() === 0
  if (isRoot) process.seteuid?.(65_534)
  try {
    return await work()
  } finally {
    if (isRoot) process.seteuid?.(0)
  }
}

test.runIf(process.platform !== 'win32')(
  'no permission to read is not told as none to write, and the reverse',
  async () => {
    const from = folder('result')
    writeFileSync(join(from, 'a.tif'), 'x')
    const open = folder('open')
    chmodSync(open, 0o777)
    const closed = folder('closed')
    chmodSync(closed, 0o555)
    await expect(unprivileged(() => copyResult(from, closed, 'copy'))).rejects.toMatchObject({ code: 'read-only' })
    chmodSync(join(from, 'a.tif'), 0)
    await expect(unprivileged(() => copyResult(from, open, 'copy'))).rejects.toMatchObject({ code: 'forbidden' })
    await expect(unprivileged(() => hashFile(join(from, 'a.tif'), 'sha256'))).rejects.toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining('a.tif'),
    })
    chmodSync(join(from, 'a.tif'), 0o644)
    expect(readdirSync(open)).toEqual([])
    await copyResult(from, open, 'copy')
    expect(readdirSync(join(open, 'copy'))).toEqual(['a.tif'])
  },
)
