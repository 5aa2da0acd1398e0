/** Versions: SemVer order, the range that is spoken, the choice, and well-known documents as servers send them. */
import { expect, test } from 'vitest'
import {
  bestVersion,
  compareVersions,
  isNewer,
  isSupported,
  listedVersions,
} from '../../../main/protocols/api-version.ts'

test('SemVer order, pre-releases included (SemVer 2.0.0 clause 11)', () => {
  const order = [
    'nonsense',
    '0.4.2',
    '1.0.0-alpha',
    '1.0.0-alpha.1',
    '1.0.0-alpha.beta',
    '1.0.0-beta',
    '1.0.0-beta.2',
    '1.0.0-beta.11',
    '1.0.0-rc.1',
    '1.0.0',
    '1.0.1',
    '1.2',
    '1.10.0',
    '2.0.0',
  ]
  expect([...order].reverse().sort(compareVersions)).toEqual(order)
  expect(compareVersions('1.2', 'v1.2.0+build.5')).toBe(0)
})

test('openEO 1.x is spoken, and nothing else', () => {
  for (const version of ['1.0.0', '1.0', '1.2.0', '1.3.0', '1.99.0', '1.4.0-draft'])
    expect(isSupported(version), version).toBe(true)
  for (const version of ['0.4.2', '1.0.0-rc.2', '2.0.0', '2.0.0-rc.1', '', 'latest', '1.', '-1.0.0'])
    expect(isSupported(version), version).toBe(false)
})

const entry = (apiVersion: string, isProduction: boolean) => ({
  url: `https://a.example.org/${apiVersion}`,
  apiVersion,
  isProduction,
  isSupported: isSupported(apiVersion),
})
test.each([
  ['the newest in production', [entry('1.1.0', true), entry('1.2.0', true), entry('1.3.0', false)], '1.2.0'],
  ['without production, the newest', [entry('1.1.0', false), entry('1.3.0', false)], '1.3.0'],
  ['what is not spoken is left out', [entry('0.4.2', true), entry('1.0.0', false), entry('2.0.0', true)], '1.0.0'],
  ['nothing that is spoken', [entry('0.4.2', true), entry('2.0.0', true)], undefined],
  ['a known one before one that came after Swath', [entry('1.4.0', true), entry('1.2.0', false)], '1.2.0'],
  ['one that came after Swath where nothing else is', [entry('1.4.0', true), entry('1.5.0-rc.1', false)], '1.4.0'],
] as const)('chosen is %s', (_what, versions, chosen) => {
  expect(bestVersion(versions)?.apiVersion).toBe(chosen)
})

test('a well-known document: relative, http behind https, the own computer of the server, twice, wrong shapes', () => {
  const document = {
    versions: [
      { url: '/openeo/1.1/', api_version: '1.1.0', production: true },
      { url: 'http://openeo.example.org/openeo/1.2', api_version: '1.2.0', production: true },
      { url: 'http://localhost:5000/openeo/1.0', api_version: '1.0.0' },
      { url: 'https://other.example.org/openeo/1.3/.well-known/openeo', api_version: '1.3.0', production: 'true' },
      { url: 'https://other.example.org/openeo/1.3', api_version: '1.3.0', production: false },
      { url: 'https://user:secret@openeo.example.org/', api_version: '1.2.0' },
      { url: 'javascript:alert(1)', api_version: '1.2.0' },
      { url: 7, api_version: '1.2.0' },
      { url: '/x' },
      null,
      'text',
    ],
  }
  expect(listedVersions(document, 'https://openeo.example.org/.well-known/openeo')).toEqual([
    { url: 'https://other.example.org/openeo/1.3', apiVersion: '1.3.0', isProduction: false, isSupported: true },
    { url: 'https://openeo.example.org/openeo/1.2', apiVersion: '1.2.0', isProduction: true, isSupported: true },
    { url: 'https://openeo.example.org/openeo/1.1', apiVersion: '1.1.0', isProduction: true, isSupported: true },
    { url: 'https://openeo.example.org/openeo/1.0', apiVersion: '1.0.0', isProduction: false, isSupported: true },
  ])
  for (const other of [null, [], {}, { versions: null }, 'text', { versions: { a: 1 } }])
    expect(listedVersions(other, 'https://openeo.example.org/')).toBeNull()
})

test.each([
  ['1.0.0', false],
  ['1.3.9', false],
  ['1.4.0', true],
  ['1.10.0-beta', true],
  ['2.0.0', false],
  ['nonsense', false],
] as const)('%s came after Swath: %s', (version, expected) => {
  expect(isNewer(version)).toBe(expected)
  const document = { versions: [{ url: 'https://a.example.org/x', api_version: version }] }
  expect(listedVersions(document, 'https://a.example.org/')?.[0]?.isNewer ?? false).toBe(expected)
})
