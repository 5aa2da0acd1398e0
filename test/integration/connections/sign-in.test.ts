/** Signing in, staying signed in and signing out, against a real OpenID provider. */
import { afterEach, expect, test } from 'vitest'
import type { OidcOptions } from '../../fakes/oidc-server.ts'
import { openWorld, type World } from './sign-in-world.ts'

let world: World
const open = async (oidc?: OidcOptions) => {
  world = await openWorld(oidc ? { oidc } : {})
  return { ...world, ...world.run() }
}
afterEach(() => world.close())

test('a code is shown, approved elsewhere, and the session survives a restart', async () => {
  const { signIns, target, status, oidc, clock, until, me, keychain } = await open()
  await signIns.start(target, { way: 'device', providerId: 'egi' })
  expect(status()).toMatchObject({
    signIn: 'signing-in',
    pending: { step: 'approve', providerTitle: 'EGI Check-in', isDisturbed: false },
  })
  const { userCode, verificationUri } = status().pending ?? {}
  expect(verificationUri).toBe(`${oidc.url}/device`)
  expect(signIns.page('one')).toContain(userCode)
  await clock.advance(1_000) // not yet approved
  await oidc.approve(userCode ?? '')
  await clock.advance(5_000)
  await until(({ signIn }) => signIn === 'signed-in')
  expect(status()).toEqual({ signIn: 'signed-in' })
  expect(await me()).toMatchObject({ status: 200, header: expect.stringMatching(/^Bearer oidc\/egi\/\S+$/) })
  expect([...keychain.entries.keys()]).toEqual(['sign-in/one'])

  const again = world.run()
  await again.signIns.restore(again.target)
  expect(again.status()).toEqual({ signIn: 'signed-in' })
  expect(await again.me()).toMatchObject({ status: 200 })
  expect(oidc.count('POST /token', 'refresh_token')).toBe(1)
})
