/** What people type: schemes, ports, IPv6, pasted discovery documents, links to editors; and what is no address. */
import { expect, test } from 'vitest'
import { isLoopback, readAddress } from '../../../main/protocols/address.ts'

test.each([
  ['openeo.example.org', 'https://openeo.example.org'],
  ['  openeo.example.org/ ', 'https://openeo.example.org'],
  ['//openeo.example.org', 'https://openeo.example.org'],
  ['OPENEO.Example.ORG/Path', 'https://openeo.example.org/Path'],
  ['openeo.example.org:8443/openeo/1.2/', 'https://openeo.example.org:8443/openeo/1.2'],
  ['https://openeo.example.org/openeo/1.2///', 'https://openeo.example.org/openeo/1.2'],
  ['https://openeo.example.org/.well-known/openeo', 'https://openeo.example.org'],
  ['https://openeo.example.org/production/.well-known/openeo/', 'https://openeo.example.org/production'],
  ['http://openeo.example.org', 'http://openeo.example.org'],
  ['http://server/openeo', 'http://server/openeo'],
  ['localhost:8080/api', 'http://localhost:8080/api'],
  ['127.0.0.1:5000', 'http://127.0.0.1:5000'],
  ['https://localhost', 'https://localhost'],
  ['::1', 'http://[::1]'],
  ['[::1]:8080/x', 'http://[::1]:8080/x'],
  ['2001:db8::1', 'https://[2001:db8::1]'],
  ['https://[2001:db8::1]:8443/', 'https://[2001:db8::1]:8443'],
  ['<https://openeo.example.org>', 'https://openeo.example.org'],
  ['"openeo.example.org"', 'https://openeo.example.org'],
  ['https://openeo.example.org/?x=1#y', 'https://openeo.example.org'],
  ['https://editor.openeo.org/?server=https://openeo.example.org/openeo/1.2/', 'https://openeo.example.org/openeo/1.2'],
  ['https://editor.openeo.org?server=https%3A%2F%2Fopeneo.example.org&discover=1', 'https://openeo.example.org'],
  ['editor.openeo.org/#/?server=openeo.example.org', 'https://openeo.example.org'],
  ['https://bücher.example.org', 'https://xn--bcher-kva.example.org'],
])('%s is %s', (typed, address) => {
  expect(readAddress(typed)).toBe(address)
})

test.each([
  '',
  'openeo',
  'my back-end',
  'https://',
  'https://exa mple.org',
  'ftp://openeo.example.org',
  'javascript:alert(1)',
  'file:///etc/passwd',
  'https://user:secret@openeo.example.org',
  'user@openeo.example.org',
  'mailto:somebody@example.org',
  'https://editor.openeo.org/?server=https://user:secret@openeo.example.org',
  'https://editor.openeo.org/?server=file:///etc/passwd',
  'openeo.example.org:99999',
])('%j is refused, with a sentence at the field and without what was typed', (typed) => {
  const refusal = (() => {
    try {
      return readAddress(typed)
    } catch (failure) {
      return failure
    }
  })()
  expect(refusal).toMatchObject({ code: 'invalid-input', fields: { address: expect.stringMatching(/^[A-Z].*\.$/) } })
  expect(String(refusal)).not.toContain('secret')
})

test('names of this computer', () => {
  for (const host of ['localhost', 'LOCALHOST.', 'a.localhost', '127.0.0.1', '127.9.9.9', '::1', '[::1]'])
    expect(isLoopback(host), host).toBe(true)
  for (const host of ['localhost.example.org', '128.0.0.1', '127.example.org', '::2', 'example.org'])
    expect(isLoopback(host), host).toBe(false)
})
