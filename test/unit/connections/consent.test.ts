/** Which documents need an agreement, and when one that was given counts. */
import { expect, test } from 'vitest'
import { newlyAgreed, termsOf } from '../../../main/connections/consent.ts'
import { webLinks } from '../../../main/protocols/read-json.ts'

const never = () => null
const links = (stated: unknown[]) => webLinks(stated, 'https://openeo.example.org/1.2/')

test('relative links, missing titles, what is no document', () => {
  const terms = termsOf(
    links([
      { rel: 'terms-of-service', href: 'terms' },
      { rel: 'Privacy-Policy', href: '/privacy', title: 'How data are treated' },
      { rel: 'terms-of-service', href: 'javascript:alert(1)' },
      { rel: 'about', href: '/about' },
      { rel: 'terms-of-service', href: 'terms' },
      { rel: 'terms-of-service' },
      null,
    ]),
    never,
  )
  expect(terms).toEqual([
    {
      kind: 'terms-of-service',
      href: 'https://openeo.example.org/1.2/terms',
      title: 'Terms of service',
      agreedAt: null,
    },
    {
      kind: 'privacy-policy',
      href: 'https://openeo.example.org/privacy',
      title: 'How data are treated',
      agreedAt: null,
    },
  ])
})

test('of several languages the English one, else the first; documents without a language each', () => {
  const stated = [
    { rel: 'terms-of-service', href: '/de', hreflang: 'de' },
    { rel: 'terms-of-service', href: '/en', hreflang: 'en-GB' },
    { rel: 'terms-of-service', href: '/more' },
    { rel: 'privacy-policy', href: '/it', hreflang: 'it' },
    { rel: 'privacy-policy', href: '/fr', hreflang: 'fr' },
  ]
  const paths = termsOf(links(stated), never).map(({ href }) => new URL(href).pathname)
  expect(paths).toEqual(['/more', '/en', '/it'])
})

test('all have to be agreed to, now or earlier; another link is another document', () => {
  const at = '2026-01-01T00:00:00.000Z'
  const terms = (agreed: string[]) =>
    termsOf(
      links([
        { rel: 'terms-of-service', href: '/a' },
        { rel: 'privacy-policy', href: '/b' },
      ]),
      (_kind, href) => (agreed.includes(new URL(href).pathname) ? at : null),
    )
  const [a, b] = ['https://openeo.example.org/a', 'https://openeo.example.org/b']
  expect(newlyAgreed(terms([]), [a, b]).map(({ href }) => href)).toEqual([a, b])
  expect(newlyAgreed(terms(['/a']), [b]).map(({ href }) => href)).toEqual([b])
  expect(newlyAgreed(terms(['/a', '/b']), [])).toEqual([])
  for (const agreed of [[], [a], [b, 'https://openeo.example.org/A'], [`${a}?`]])
    expect(() => newlyAgreed(terms([]), agreed)).toThrow(
      expect.objectContaining({ code: 'consent-needed', link: expect.anything() }),
    )
})
