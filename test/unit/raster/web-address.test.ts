/** Which addresses may lead where. */
import { expect, it } from 'vitest'
import { reachOf, whyNotFollowed } from '../../../main/raster/web-address.ts'

it.each([
  ['http://127.0.0.1/', 'loopback'],
  ['http://127.9.9.9/', 'loopback'],
  ['http://2130706433/', 'loopback'],
  ['http://0x7f.1/', 'loopback'],
  ['http://0.0.0.0/', 'loopback'],
  ['http://localhost:8080/', 'loopback'],
  ['http://LOCALHOST./', 'loopback'],
  ['http://a.localhost/', 'loopback'],
  ['http://[::1]/', 'loopback'],
  ['http://[::]/', 'loopback'],
  ['http://[::ffff:127.0.0.1]/', 'loopback'],
  ['http://10.1.2.3/', 'private'],
  ['http://172.31.0.1/', 'private'],
  ['http://192.168.1.1/', 'private'],
  ['http://[fd00::1]/', 'private'],
  ['http://[::ffff:192.168.0.1]/', 'private'],
  ['http://169.254.169.254/latest', 'special'],
  ['http://[fe80::1]/', 'special'],
  ['http://255.255.255.255/', 'special'],
  ['http://172.32.0.1/', 'public'],
  ['http://8.8.8.8/', 'public'],
  ['http://[2001:4860:4860::8888]/', 'public'],
  ['https://stac.example/', 'public'],
  ['https://127.0.0.1.example/', 'public'],
])('%s is %s', (address, reach) => expect(reachOf(new URL(address))).toBe(reach))

it.each([
  ['https://a.example/', 'https://b.example/', true],
  ['http://a.example/', 'https://a.example/', true],
  ['https://a.example/', 'http://a.example/', false],
  ['https://a.example/', 'https://user:word@a.example/', false],
  ['https://user@a.example/', 'https://user@a.example/', false],
  ['http://a.example/', 'http://127.0.0.1/', false],
  ['http://a.example/', 'http://169.254.169.254/', false],
  ['http://127.0.0.1:1/', 'http://localhost:2/', true],
  ['http://127.0.0.1/', 'http://192.168.0.1/', false],
  ['http://127.0.0.1/', 'http://169.254.169.254/', false],
  ['http://192.168.0.1/', 'http://127.0.0.1/', false],
  ['http://192.168.0.1/', 'http://192.168.0.2/', true],
  ['file:///data/item.json', 'http://127.0.0.1/', false],
  ['file:///data/item.json', 'https://a.example/', true],
])('%s leads to %s: %s', (from, to, may) => expect(whyNotFollowed(new URL(from), new URL(to)) === null).toBe(may))
