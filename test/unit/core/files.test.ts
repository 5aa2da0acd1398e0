/** Promises of files: whole or not at all; names from outside stay inside and mean one thing on every system. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { AppError, fromFileError } from '../../../main/core/errors.ts'
import {
  freeBytes,
  pathInside,
  requireSpace,
  safeFileName,
  uniqueFileName,
  writeAtomically,
} from '../../../main/core/files.ts'
import { createRandom } from '../../fakes/random.ts'

const root = mkdtempSync(join(tmpdir(), 'swath-files-'))
afterAll(() => rmSync(root, { recursive: true }))

test('a file is replaced whole, and nothing stays beside it', async () => {
  const folder = join(root, 'whole')
  mkdirSync(folder)
  const path = join(folder, 'a.json')
  writeFileSync(path, 'old')
  await writeAtomically(path, 'new')
  expect(readFileSync(path, 'utf8')).toBe('new')
  expect(readdirSync(folder)).toEqual(['a.json'])
})

test('a write that fails leaves the old file, no rest, and says why', async () => {
  const folder = join(root, 'failing')
  mkdirSync(join(folder, 'a.json', 'full'), { recursive: true }) // a folder that is not empty cannot be replaced
  await expect(writeAtomically(join(folder, 'a.json'), 'new')).rejects.toThrow()
  expect(readdirSync(folder)).toEqual(['a.json'])
  await expect(writeAtomically(join(root, 'missing', 'a.json'), 'x')).rejects.toMatchObject({ code: 'not-found' })
  await expect(writeAtomically('/sys/a.json', 'x')).rejects.toMatchObject({ code: 'read-only' })
})

test.each(['EACCES', 'EPERM'])('%s says what is not allowed: reading, or writing', (code) => {
  const failure = Object.assign(new Error(code), { code })
  expect(fromFileError(failure, 'a.tif')).toMatchObject({
    code: 'read-only',
    message: expect.stringContaining('writing'),
  })
  const reading = fromFileError(failure, 'a.tif', 'reading')
  expect(reading).toMatchObject({ code: 'forbidden', message: expect.stringContaining('a.tif') })
  expect(reading?.message).not.toMatch(/writ|sav/)
  expect(fromFileError({ code: 'ENOENT' }, 'a.tif', 'reading')).toMatchObject({ code: 'not-found' })
})

test.each([
  ['../../etc/passwd', 'passwd'],
  ['..\\..\\boot.ini', 'boot.ini'],
  ['/absolute/a.tif', 'a.tif'],
  ['C:\\temp\\a.tif', 'a.tif'],
  ['..', 'file'],
  ['.', 'file'],
  ['', 'file'],
  ['a/', 'file'],
  ['.bashrc', 'bashrc'],
  ['~', 'file'],
  ['-rf', 'rf'],
  ['con', '_con'],
  ['NUL.tif', '_NUL.tif'],
  ['COM1', '_COM1'],
  ['con .tif', '_con.tif'],
  ['com².txt', '_com².txt'],
  ['comfort.tif', 'comfort.tif'],
  ['a.tif. . ', 'a.tif'],
  ['a:b?.tif', 'a_b_.tif'],
  ['stream.tif:hidden', 'stream.tif_hidden'],
  ['a\u0000b\n.tif', 'a_b_.tif'],
  ['gpj.\u202etif', 'gpj._tif'],
  ['Zu\u0308rich.tif', 'Z\u00fcrich.tif'],
  ['openEO_2023-06-01Z.tif', 'openEO_2023-06-01Z.tif'],
])('the name %j becomes %j', (name, safe) => {
  expect(safeFileName(name)).toBe(safe)
})

test('long names are cut between characters and keep their extension', () => {
  const safe = safeFileName(`${'ü'.repeat(300)}.tif`)
  expect(Buffer.byteLength(safe)).toBeLessThanOrEqual(200)
  expect(safe).toMatch(/^ü+\.tif$/)
  expect(safeFileName('\u{1f6f0}'.repeat(100))).toBe('\u{1f6f0}'.repeat(50))
})

test('no text at all becomes a name that leaves its folder', () => {
  const random = createRandom('file names')
  const alphabet = [
    '/',
    '\\',
    '.',
    '..',
    ' ',
    'a',
    'con',
    ':',
    '\u0000',
    '~',
    '%2e',
    '\u202e',
    'é',
    '\ud800',
    '💥',
    '-',
  ]
  for (let i = 0; i < 5_000; i++) {
    const name = Array.from({ length: random.integer(12) }, () => random.pick(alphabet)).join('')
    const safe = safeFileName(name)
    expect(safe, name).not.toMatch(/[/\\:]|^\.|[. ]$|^$/)
    expect(safe).not.toContain('\0')
    expect(pathInside('/library/result', safe), name).toBe(join('/library/result', safe))
    expect(safeFileName(safe), name).toBe(safe)
  }
})

test('names that a file system could take for one another are told apart', () => {
  const taken = new Set<string>()
  expect(['B04.tif', 'b04.TIF', 'b04.tif', 'x', 'X'].map((name) => uniqueFileName(name, taken))).toEqual([
    'B04.tif',
    'b04 (2).TIF',
    'b04 (3).tif',
    'x',
    'X (2)',
  ])
})

test.each(['../x', '..', '.', '', '/etc/passwd', 'a/../../x', 'a\0b'])('%j is not inside', (path) => {
  expect(() => pathInside('/library/result', path)).toThrow(AppError)
})
test('a path inside is itself', () => {
  expect(pathInside('/library/result', 'a/..b/c.tif')).toBe('/library/result/a/..b/c.tif')
})

test('room on the disk is asked for before it is needed', async () => {
  const free = await freeBytes(root)
  expect(free).toBeGreaterThan(0)
  await requireSpace(root, 0, 'nothing')
  await expect(requireSpace(root, free, 'a.tif')).rejects.toMatchObject({ code: 'disk-full' })
})
