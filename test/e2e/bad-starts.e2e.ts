/** Starts that go wrong: each says what is the matter in a sentence, and nothing of the user's is lost. */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import { electronFlags } from '../../build/electron-flags.mjs'
import { launchSwath, projectRoot, type Swath } from './support/launch.ts'

let swath: Swath
let userData: string
test.beforeEach(async () => {
  userData = await mkdtemp(join(tmpdir(), 'swath-e2e-'))
})
test.afterEach(async ({}, info) => {
  if (info.status !== info.expectedStatus)
    await info.attach('window', { body: await swath.page.screenshot(), contentType: 'image/png' })
  await swath.close()
  await rm(userData, { recursive: true, force: true })
})

const geometry = {
  type: 'Polygon',
  coordinates: [
    [
      [0, 0],
      [1, 0],
      [1, 1],
      [0, 0],
    ],
  ],
}
const database = () => join(userData, 'swath.sqlite')
const digest = async (path: string) =>
  createHash('sha256')
    .update(await readFile(path))
    .digest('hex')

/** A profile with one area in it, put away properly. */
async function usedProfile(): Promise<void> {
  swath = await launchSwath({ userData })
  await swath.call('areas', 'add', { name: 'Mine', geometry })
  await swath.close()
}

test('a damaged database is kept aside, a new one begun, the user told', async () => {
  await usedProfile()
  const bytes = await readFile(database())
  bytes.fill(0x5a, 0, 8192)
  await writeFile(database(), bytes)
  const before = await digest(database())

  swath = await launchSwath({ userData })
  expect(await swath.call('areas', 'list')).toEqual([])
  await expect(swath.page.getByRole('button', { name: '1 notice', exact: true })).toBeVisible()
  expect(await swath.call<{ title: string }[]>('diagnostics', 'notices')).toMatchObject([
    { title: 'The data of Swath were damaged' },
  ])
  const kept = (await readdir(userData)).filter((name) => name.startsWith('swath') && name !== 'swath.sqlite')
  const digests = await Promise.all(kept.map((name) => digest(join(userData, name))))
  expect(digests).toContain(before)
})

test('a database of a newer version is refused in a sentence and not touched', async () => {
  await usedProfile()
  const bytes = await readFile(database())
  bytes.writeUInt32BE(99_990, 60) // user_version: SQLite file format, section 1.3
  await writeFile(database(), bytes)

  swath = await launchSwath({ userData })
  await expect(swath.page.getByText(/written by a newer version of Swath/)).toBeVisible()
  await swath.close()
  expect((await readFile(database())).readUInt32BE(60)).toBe(99_990)
})

test('a second start shows the first window and ends', async () => {
  swath = await launchSwath({ userData })
  const { ELECTRON_RUN_AS_NODE: _, ...env } = process.env
  const second = spawn(
    createRequire(import.meta.url)('electron') as unknown as string,
    [projectRoot, `--user-data-dir=${userData}`, ...electronFlags()],
    { env, stdio: 'ignore' },
  )
  const code = await new Promise((resolve) => second.once('exit', resolve))
  expect(code).toBe(0)
  expect(await swath.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1)
  expect(await swath.call('areas', 'list')).toEqual([])
})

test('a profile that cannot be written says so', async () => {
  // a folder in the place of the database: SQLite can neither open nor replace it
  await mkdir(database())
  swath = await launchSwath({ userData })
  await expect(swath.page.getByRole('heading', { name: 'The data of Swath could not be opened' })).toBeVisible()
  await expect(swath.page.getByRole('button', { name: 'Close Swath' })).toBeVisible()
})
