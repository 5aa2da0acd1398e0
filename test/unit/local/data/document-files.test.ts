/** New documents beside the user's files: whole under their name, or not there. */

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { link } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createDocument } from '../../../../main/local/data/document-files.ts'

vi.mock('node:fs/promises', async (load) => {
  const real = await load<typeof import('node:fs/promises')>()
  return { ...real, link: vi.fn(real.link) }
})

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'swath-documents-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
  vi.mocked(link).mockClear()
})
const read = (name: string) => readFileSync(join(folder, name), 'utf8')
const failing = (code: string) => Object.assign(new Error(code), { code })

it('the name appears with its text in it, and no other file stays', async () => {
  let before: string[] = []
  const real = vi.mocked(link).getMockImplementation()
  vi.mocked(link).mockImplementationOnce(async (from, to) => {
    before = readdirSync(folder)
    await real?.(from, to)
  })
  await createDocument(folder, 'scene', { a: 1 })
  // what a crash in front of the last step would leave
  expect(before.filter((name) => name.endsWith('.json'))).toEqual([])
  expect(before).toHaveLength(1)
  expect(readdirSync(folder)).toEqual(['scene.json'])
  expect(JSON.parse(read('scene.json'))).toEqual({ a: 1 })
})

it.each([null, 'EPERM', 'ENOTSUP'])('the name of another file is never taken (links: %s)', async (code) => {
  writeFileSync(join(folder, 'scene.json'), 'theirs')
  const real = vi.mocked(link).getMockImplementation()
  if (code !== null) vi.mocked(link).mockRejectedValue(failing(code))
  await createDocument(folder, 'scene', { a: 1 })
  if (real) vi.mocked(link).mockImplementation(real)
  expect(readdirSync(folder).sort()).toEqual(['scene (2).json', 'scene.json'])
  expect(read('scene.json')).toBe('theirs')
  expect(JSON.parse(read('scene (2).json'))).toEqual({ a: 1 })
})

it('a failure leaves nothing', async () => {
  vi.mocked(link).mockRejectedValueOnce(failing('ENOSPC'))
  await expect(createDocument(folder, 'scene', {})).rejects.toMatchObject({ code: 'disk-full' })
  expect(readdirSync(folder)).toEqual([])
})
