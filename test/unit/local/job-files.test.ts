/** The folders of jobs: what a run wrote is what is handed out, whatever its files are called. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { JobFiles } from '../../../main/local/batch-jobs/job-files.ts'

const folders: string[] = []
afterEach(() => Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true }))))

const ID = 'j-01234567-89ab-4def-8123-456789abcdef'

async function sealed(name: string) {
  const root = await mkdtemp(join(tmpdir(), 'swath-job-files-'))
  folders.push(root)
  const files = new JobFiles(root)
  const path = join(await files.begin(ID, 1), name)
  await writeFile(path, '{"the":"result"}')
  const asset = { key: 'a', path, title: 'A', mediaType: 'application/json', roles: ['data'], sizeBytes: 0 }
  await files.seal(ID, 1, { assets: [asset], bbox: null, interval: null } as never, '2024-01-01T00:00:00Z')
  return files
}

it.each(['manifest.json', 'run-1.manifest.json', 'Manifest.json'])('a result may be called %s', async (name) => {
  const files = await sealed(name)
  const [asset] = (await files.manifest(ID, 1))?.assets ?? []
  expect(asset).toMatchObject({ name, sizeBytes: 16 })
  const found = asset && (await files.asset(ID, 1, asset))
  expect(await readFile(found?.path ?? '', 'utf8')).toBe('{"the":"result"}')
})

it('the kept run keeps its manifest, the others lose theirs', async () => {
  const files = await sealed('x.json')
  await files.keepOnly(ID, 1)
  expect(await files.manifest(ID, 1)).toBeDefined()
  await files.keepOnly(ID, 2)
  expect(await files.manifest(ID, 1)).toBeUndefined()
})
