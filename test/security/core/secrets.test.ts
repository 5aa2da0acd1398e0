/**
 * Promises of the secret store: the best one that works, chosen late and told; nothing readable outside of it; nothing
 * wiped. On Linux the real keyring is part of it: `sh test/with-keyring.sh` sets E2E_KEYRING, and without it this fails.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openDatabase } from '../../../main/core/database.ts'
import { createLog, memorySink } from '../../../main/core/log.ts'
import { createRedactor } from '../../../main/core/redact.ts'
import { createSecrets, type Keychain, type SafeStorage } from '../../../main/core/secrets.ts'
import { applicationMigrations } from '../../../main/migrations/index.ts'
import { createTestClock } from '../../fakes/clock.ts'

const root = mkdtempSync(join(tmpdir(), 'swath-secrets-'))
afterAll(() => rmSync(root, { recursive: true }))
let count = 0

/** What a keychain does, for the cases that a real one cannot be brought to. */
function fakeKeychain(entries = new Map<string, string>()): Keychain & { entries: Map<string, string> } {
  const key = (service: string, account: string) => `${service}/${account}`
  return {
    entries,
    getPassword: async (service, account) => entries.get(key(service, account)) ?? null,
    setPassword: async (service, account, value) => void entries.set(key(service, account), value),
    deletePassword: async (service, account) => entries.delete(key(service, account)),
  }
}
function fakeSafeStorage(backend = 'gnome_libsecret', shouldReEncrypt = false): SafeStorage {
  const turn = (bytes: Buffer) => Buffer.from(bytes.map((byte) => byte ^ 0x5a))
  return {
    isAsyncEncryptionAvailable: async () => true,
    encryptStringAsync: async (plain) => turn(Buffer.from(plain)),
    decryptStringAsync: async (bytes) => ({ result: turn(bytes).toString(), shouldReEncrypt }),
    getSelectedStorageBackend: () => backend,
  }
}
const none = async () => Promise.reject(new Error('no keychain'))

async function start(stores: { keychain?: () => Promise<Keychain>; safe?: () => Promise<SafeStorage | undefined> }) {
  const path = join(root, `${count++}`, 'swath.db')
  const sink = memorySink()
  const redactor = createRedactor()
  const log = createLog({ sink, redactor })
  const { database } = await openDatabase({ path, migrations: applicationMigrations, log })
  const clock = createTestClock()
  const again = (changed: typeof stores) =>
    createSecrets({
      database,
      clock,
      log,
      redactor,
      service: 'Swath test',
      mostMs: 300,
      loadKeychain: changed.keychain ?? none,
      loadSafeStorage: changed.safe ?? (async () => undefined),
    })
  const onDisk = () =>
    readdirSync(join(path, '..'))
      .map((name) => readFileSync(join(path, '..', name), 'latin1'))
      .join('')
  return { secrets: again(stores), again, onDisk, sink, redactor, clock }
}

test('nothing is asked of a keychain before the first secret', async () => {
  let loads = 0
  const { secrets } = await start({
    keychain: async () => {
      loads++
      return fakeKeychain()
    },
  })
  expect(loads).toBe(0)
  await Promise.all([secrets.get('a'), secrets.get('b'), secrets.status()])
  expect(loads).toBe(1)
})

test.each([
  ['rejects', { ...fakeKeychain(), setPassword: none }],
  ['never answers', { ...fakeKeychain(), setPassword: () => new Promise<void>(() => {}) }],
  ['forgets', { ...fakeKeychain(), getPassword: async () => null }],
  ['lies', { ...fakeKeychain(), getPassword: async () => 'something else' }],
])('a keychain that %s is passed over', async (_what, keychain) => {
  const { secrets } = await start({ keychain: async () => keychain, safe: async () => fakeSafeStorage() })
  expect(await secrets.status()).toMatchObject({ active: 'safe-storage' })
})

test.each(['basic_text', 'unknown'])('safeStorage with %s counts as not available', async (backend) => {
  const { secrets, onDisk } = await start({ safe: async () => fakeSafeStorage(backend) })
  const expected = process.platform === 'linux' ? 'memory' : 'safe-storage'
  expect(await secrets.status()).toMatchObject({ active: expected })
  await secrets.set('token', 'CANARY-in-memory')
  expect(await secrets.get('token')).toBe('CANARY-in-memory')
  expect(onDisk()).not.toContain('CANARY-in-memory')
})

test('safeStorage keeps ciphertext and the name of its backend; a key that turned is used at once', async () => {
  const { secrets, again, onDisk } = await start({ safe: async () => fakeSafeStorage('kwallet6') })
  await secrets.set('token', 'CANARY-safe')
  expect(onDisk()).not.toContain('CANARY-safe')
  expect(onDisk()).toContain('kwallet6')
  const turned = again({ safe: async () => fakeSafeStorage('gnome_libsecret', true) })
  expect(await turned.get('token')).toBe('CANARY-safe')
  expect(onDisk()).toContain('gnome_libsecret')
})

test('long values: a key in the keychain, ciphertext in the database, and nothing is confused or changed', async () => {
  const keychain = fakeKeychain()
  const { secrets, onDisk } = await start({ keychain: async () => keychain })
  const long = `CANARY-${'x'.repeat(6_000)}ü`
  await secrets.set('long', long)
  expect(Math.max(...[...keychain.entries.values()].map((value) => Buffer.byteLength(value)))).toBeLessThan(2_000)
  expect([...keychain.entries.values()].join()).not.toContain('CANARY')
  expect(onDisk()).not.toContain('CANARY')
  expect(await secrets.get('long')).toBe(long)
  keychain.entries.set('Swath test/long', `k:${Buffer.alloc(32).toString('base64')}`)
  await expect(secrets.get('long')).rejects.toMatchObject({ code: 'secret-unreadable' })
  await secrets.set('long', 'short now')
  expect(await secrets.get('long')).toBe('short now')
  await secrets.delete('long')
  expect(await secrets.get('long')).toBeNull()
})

test('a secret that cannot be read is said, never taken for none, never wiped', async () => {
  const keychain = fakeKeychain()
  const { secrets, again } = await start({ keychain: async () => keychain })
  await secrets.set('token', 'CANARY')
  const without = again({})
  expect(await without.status()).toMatchObject({ active: 'memory' })
  await expect(without.get('token')).rejects.toMatchObject({ code: 'secret-unreadable' })
  await expect(again({ safe: async () => fakeSafeStorage() }).get('token')).rejects.toMatchObject({
    code: 'secret-unreadable',
  })
  expect(await again({ keychain: async () => keychain }).get('token')).toBe('CANARY')
  expect(await without.get('other')).toBeNull()
})

test('what safeStorage kept moves into the keychain when that is back', async () => {
  const safe = async () => fakeSafeStorage()
  const keychain = fakeKeychain()
  const { secrets, again } = await start({ safe })
  await secrets.set('token', 'CANARY')
  expect(await again({ keychain: async () => keychain, safe }).get('token')).toBe('CANARY')
  expect([...keychain.entries.values()]).toEqual(['v:CANARY'])
})

test('what changed while the keychain was away stands: the new secret, and none where it was deleted', async () => {
  const safe = async () => fakeSafeStorage()
  const keychain = fakeKeychain()
  const { secrets, again } = await start({ keychain: async () => keychain, safe })
  await secrets.set('token', 'CANARY-old')
  await secrets.set('gone', 'CANARY-gone')
  const during = again({ safe })
  await during.set('token', 'CANARY-new')
  await during.delete('gone')
  const after = again({ keychain: async () => keychain, safe })
  expect(await after.get('token')).toBe('CANARY-new')
  expect(await after.get('gone')).toBeNull()
  expect([...keychain.entries.values()]).toEqual(['v:CANARY-new'])
})

test('an entry that no row knows and that cannot be removed is none all the same', async () => {
  const keychain = fakeKeychain(new Map([['Swath test/token', 'v:CANARY-stale']]))
  const { again } = await start({})
  let calls = 0
  const deletePassword: Keychain['deletePassword'] = async (service, account) => {
    calls++
    return account === 'token' ? none() : keychain.deletePassword(service, account)
  }
  expect(await again({ keychain: async () => ({ ...keychain, deletePassword }) }).get('token')).toBeNull()
  expect(calls).toBe(2) // the probe's, and this
})

/** A keychain whose every call waits for somebody who types a password. */
function lockedKeychain(keychain = fakeKeychain()) {
  const { promise, resolve: unlock } = Promise.withResolvers<void>()
  const locked: Keychain = {
    getPassword: (...args) => promise.then(() => keychain.getPassword(...args)),
    setPassword: (...args) => promise.then(() => keychain.setPassword(...args)),
    deletePassword: (...args) => promise.then(() => keychain.deletePassword(...args)),
  }
  return { locked, unlock, entries: keychain.entries }
}
const eventually = async (isSo: () => boolean | Promise<boolean>) => {
  const untilMs = performance.now() + 5_000
  while (!(await isSo())) {
    if (performance.now() > untilMs) throw new Error(`It never came to this: ${isSo}`)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

test('a keychain that is unlocked after the probe is used from then on, with what lay in memory so far', async () => {
  const entries = new Map<string, string>()
  const { secrets, again } = await start({ keychain: async () => fakeKeychain(entries) })
  await secrets.set('kept', 'CANARY-kept')
  const { locked, unlock } = lockedKeychain(fakeKeychain(entries))
  const later = again({ keychain: async () => locked })
  expect(await later.status()).toMatchObject({ active: 'memory' })
  await expect(later.get('kept')).rejects.toMatchObject({ code: 'secret-unreadable' })
  await later.set('new', 'CANARY-new')
  unlock()
  await eventually(async () => (await later.status()).active === 'keytar')
  expect([await later.get('kept'), await later.get('new')]).toEqual(['CANARY-kept', 'CANARY-new'])
  expect(entries.get('Swath test/new')).toBe('v:CANARY-new')
})

test('a keychain that refused is looked for again when the user wants it, and else not before 30 s', async () => {
  const keychain = fakeKeychain()
  let isThere = false
  let loads = 0
  const { secrets, clock } = await start({
    keychain: async () => {
      loads++
      return isThere ? keychain : none()
    },
    safe: async () => fakeSafeStorage(),
  })
  await secrets.lookAgain(true)
  expect(loads).toBe(0) // nothing was asked for yet
  await secrets.set('token', 'CANARY')
  expect(await secrets.status()).toMatchObject({ active: 'safe-storage' })
  isThere = true
  await secrets.lookAgain()
  expect(loads).toBe(1)
  await clock.advance(30_000)
  isThere = false
  await secrets.lookAgain()
  expect(loads).toBe(2)
  isThere = true
  await secrets.lookAgain(true)
  expect(await secrets.status()).toMatchObject({ active: 'keytar' })
  expect(await secrets.get('token')).toBe('CANARY')
  expect([...keychain.entries.values()]).toEqual(['v:CANARY'])
})

test('what is deleted while the keychain is away is none at once, and erased when it is back', async () => {
  const entries = new Map<string, string>()
  const { secrets, again, onDisk } = await start({ keychain: async () => fakeKeychain(entries) })
  for (const name of ['a', 'b', 'c']) await secrets.set(name, `CANARY-${name}`)
  await again({}).delete('a')
  await again({ safe: async () => fakeSafeStorage() }).delete('b')
  const refusing = again({
    keychain: async () => ({
      ...fakeKeychain(entries),
      deletePassword: async (service, name) => (name === 'c' ? none() : entries.delete(`${service}/${name}`)),
    }),
  })
  await refusing.delete('c')
  expect(await refusing.get('c')).toBeNull()
  expect(onDisk()).not.toContain('CANARY')
  const after = again({ keychain: async () => fakeKeychain(entries) })
  await after.status()
  await eventually(() => entries.size === 0)
  expect(await after.get('a')).toBeNull()
})

test('every secret that passes is known to the redactor, and none is in the log', async () => {
  const { secrets, again, redactor, sink } = await start({
    keychain: async () => ({ ...fakeKeychain(), setPassword: none }),
  })
  await secrets.set('token', 'plain-CANARY-word')
  expect(redactor.text('x plain-CANARY-word y')).toBe('x [redacted] y')
  await again({}).get('nothing')
  expect(JSON.stringify(sink.lines)).not.toContain('CANARY')
})

test.runIf(process.platform === 'linux')('the real keyring of this session keeps short and long secrets', async () => {
  expect(process.env.E2E_KEYRING, 'run this under: sh test/with-keyring.sh').toBe('1')
  const { default: keytar } = await import('keytar')
  const { secrets, again, onDisk } = await start({ keychain: async () => keytar })
  expect(await secrets.status()).toMatchObject({ active: 'keytar' })
  const long = 'CANARY'.repeat(2_000)
  await secrets.set('short', 'CANARY-ü')
  await secrets.set('long', long)
  const later = again({ keychain: async () => keytar })
  expect([await later.get('short'), await later.get('long')]).toEqual(['CANARY-ü', long])
  expect(onDisk()).not.toContain('CANARY')
  await later.delete('short')
  await later.delete('long')
  expect(await keytar.findCredentials('Swath test')).toEqual([])
})
