/** The federation extension in both versions, and as servers send it: one member, nulls, drafts, any depth. */
import { expect, test } from 'vitest'
import { conformsTo } from '../../../main/protocols/conformance.ts'
import {
  federationMembers,
  federationVersion,
  membersOffering,
  missingMembers,
  restrictions,
} from '../../../main/protocols/federation.ts'
import { FederationMember } from '../../../preload/contract/connections.ts'

const BASE = 'https://openeo.example.org/'

test('members: defaults, times, null fields, one alone, a draft', () => {
  const federation = {
    vito: {
      url: 'https://openeo.vito.example.org/1.2',
      title: 'VITO',
      description: null,
      status: 'offline',
      last_status_check: '2026-11-20T10:00:00+01:00',
      last_successful_check: '2026-11-19T09:00:00Z',
      experimental: true,
      deprecated: 'no',
    },
    bare: null,
    odd: { url: 'javascript:alert(1)', title: 7, status: 'maintenance', last_status_check: 'yesterday' },
    plain: { url: '/relative', status: 'ONLINE', last_status_check: '2026-11-20T10:00:00Z' },
  }
  const members = federationMembers({ federation }, BASE)
  for (const member of members) FederationMember.parse(member)
  expect(members).toMatchObject([
    {
      id: 'vito',
      title: 'VITO',
      description: '',
      status: 'offline',
      lastCheckedAt: '2026-11-20T09:00:00.000Z',
      lastSuccessAt: '2026-11-19T09:00:00.000Z',
      isExperimental: true,
      isDeprecated: false,
    },
    { id: 'bare', title: 'bare', url: '', status: 'online', lastCheckedAt: null },
    { id: 'odd', title: 'odd', url: '', status: 'unknown', lastCheckedAt: null },
    { id: 'plain', url: 'https://openeo.example.org/relative', lastSuccessAt: '2026-11-20T10:00:00.000Z' },
  ])
  expect(federationMembers({ federation: { one: { url: BASE } } }, BASE)).toHaveLength(1)
  expect(federationMembers({ 'federation:backends': { one: {}, two: {} } }, BASE)).toHaveLength(2)
  for (const none of [{}, null, { federation: null }, { federation: [] }, { federation: 'x' }])
    expect(federationMembers(none, BASE)).toEqual([])
})

test('the version by wildcard conformance classes', () => {
  const of = (version: string) => federationVersion([`https://api.openeo.org/extensions/federation/${version}`])
  expect([of('0.1.0'), of('0.1'), of('0.2.0/'), of('0.2.1-rc.1'), of('1.0.0')]).toEqual([
    '0.1',
    '0.1',
    '0.2',
    '0.2',
    null,
  ])
  expect(federationVersion([])).toBeNull()
  expect(
    conformsTo(['https://api.openeo.org/1.3.0/authentication/jwt'], 'https://api.openeo.org/*/authentication/jwt'),
  ).toBe(true)
  expect(
    conformsTo(['https://api.openeo.org/1.3.0/x/authentication/jwt'], 'https://api.openeo.org/*/authentication/jwt'),
  ).toBe(false)
  expect(conformsTo(['http://API.openeo.org/1.2.0'], 'https://api.openeo.org/1.*')).toBe(true)
  expect(conformsTo(['https://apixopeneo.org/1.2.0'], 'https://api.openeo.org/1.*')).toBe(false)
})

test('what a list lacks', () => {
  expect(missingMembers({ 'federation:missing': ['wwu', 'wwu', '', 7] })).toEqual(['wwu'])
  for (const none of [{}, null, { 'federation:missing': null }, { 'federation:missing': [] }])
    expect(missingMembers(none)).toEqual([])
  expect(missingMembers({ 'federation:missing': 'wwu' })).toEqual(['wwu'])
})

test('who offers a thing: at the top, in the summaries, by a draft; an empty list says nothing', () => {
  expect(membersOffering({ 'federation:backends': ['a', 'b'] })).toEqual(['a', 'b'])
  expect(membersOffering({ summaries: { 'federation:backends': ['a'] } })).toEqual(['a'])
  expect(membersOffering({ 'federation:backends': ['b'], summaries: { 'federation:backends': ['a'] } })).toEqual(['b'])
  expect(membersOffering({ 'federation:hosted': ['a'] })).toEqual(['a'])
  for (const all of [{}, null, { 'federation:backends': [] }, { 'federation:backends': null }])
    expect(membersOffering(all)).toBeNull()
})

test('restrictions at every depth, each with its place', () => {
  const process = {
    id: 'p',
    'federation:backends': ['a', 'b'],
    parameters: [
      { name: 'one' },
      { name: 'two', 'federation:backends': ['b'], schema: { oneOf: [{ 'federation:backends': ['a'] }] } },
    ],
  }
  expect(restrictions(process)).toEqual([
    { path: [], members: ['a', 'b'] },
    { path: ['parameters', 1], members: ['b'] },
    { path: ['parameters', 1, 'schema', 'oneOf', 0], members: ['a'] },
  ])
  expect(restrictions({ id: 'c', summaries: { 'federation:backends': ['a'] } })).toEqual([{ path: [], members: ['a'] }])
  let deep: Record<string, unknown> = { 'federation:backends': ['x'] }
  for (let depth = 0; depth < 10_000; depth++) deep = { deep }
  expect(restrictions(deep)).toEqual([])
})
