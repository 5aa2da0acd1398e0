/**
 * Long-lived secrets: in the system's keychain (keytar), else encrypted by the system (Electron's safeStorage), else in
 * memory until Swath is closed. The first that passes a probe is used, and the user is told which one it is. A keychain that
 * answers later, because somebody had to unlock it, is used from then on.
 * Owns: the choice, and table secret (ciphertext only). The only importer of keytar, and of Electron for safeStorage.
 * Does not: touch any keychain before the first secret is asked for; wipe what it cannot read.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { SECRET_STORES } from '../../preload/contract/diagnostics.ts'
import { type Clock, instant } from './clock.ts'
import type { Database } from './database.ts'
import { AppError } from './errors.ts'
import type { Log } from './log.ts'
import type { Redactor } from './redact.ts'

export type SecretStoreName = (typeof SECRET_STORES)[number]
export type SecretStatus = { active: SecretStoreName; reason: string }
export type Secrets = {
  /** Which store is used, and why. The first call probes the keychain. */
  status(): Promise<SecretStatus>
  /** null where there is none. @throws AppError secret-unreadable where there is one that cannot be opened */
  get(name: string): Promise<string | null>
  set(name: string, value: string): Promise<void>
  /** Without effect from now on. What the keychain does not give up now is erased when it answers again. */
  delete(name: string): Promise<void>
  /**
   * Looks for the keychain again, where it did not answer before. `isAsked`: by the user, at once; else not sooner than
   * 30 s after the last time. Waits no longer than a probe.
   */
  lookAgain(isAsked?: boolean): Promise<void>
}

/** What is used of keytar. */
export type Keychain = {
  getPassword(service: string, account: string): Promise<string | null>
  setPassword(service: string, account: string, password: string): Promise<void>
  deletePassword(service: string, account: string): Promise<boolean>
}
/** What is used of Electron's safeStorage: the asynchronous half. */
export type SafeStorage = {
  isAsyncEncryptionAvailable(): Promise<boolean>
  encryptStringAsync(plain: string): Promise<Buffer>
  decryptStringAsync(encrypted: Buffer): Promise<{ shouldReEncrypt: boolean; result: string }>
  getSelectedStorageBackend?(): string
}
export type SecretsOptions = {
  database: Database
  clock: Clock
  log: Log
  redactor: Redactor
  /** The keychain's name for all entries of this program. */
  service?: string
  loadKeychain?: () => Promise<Keychain>
  loadSafeStorage?: () => Promise<SafeStorage | undefined>
  /** For the probe. */
  mostMs?: number
}
type Store = Pick<Secrets, 'get' | 'set' | 'delete'>
/** `held`: what is in memory alone. */
type Choice = { status: SecretStatus; store: Store; held?: ReadonlyMap<string, string> }
type SecretRow = { store: string; backend: string; ciphertext: Uint8Array }

const PROBE_MS = 3_000
/** A keychain that refused is not looked for sooner, unless the user wants it. */
const LOOK_AGAIN_MS = 30_000
/** Later calls may have to wait for a person who unlocks the keychain. */
const USE_MS = 60_000
/** Windows' credential manager takes 2560 bytes; longer values get a key there and lie encrypted in the database. */
const LONGEST_ENTRY_BYTES = 2_000
const NONCE_BYTES = 12
const TAG_BYTES = 16

const loadKeytar = async (): Promise<Keychain> => (await import('keytar')).default
const loadElectron = async (): Promise<SafeStorage | undefined> =>
  ((await import('electron')) as { safeStorage?: SafeStorage }).safeStorage

const unreadable = (cause?: unknown) =>
  new AppError('secret-unreadable', 'A saved sign-in could not be read from the keychain. Sign in again.', { cause })

/** Nothing is loaded or asked before the first call. */
export function createSecrets(options: SecretsOptions): Secrets {
  const { clock, log, redactor, service = 'Swath', mostMs = PROBE_MS } = options
  const { loadKeychain = loadKeytar, loadSafeStorage = loadElectron } = options
  const table = createTable(options.database, clock)
  let chosen: Promise<Choice> | undefined
  /** Once it is chosen. */
  let current: Choice | undefined
  let probing: Promise<void> | undefined
  let found: Keychain | undefined
  let lookedAtMs = 0

  /** The probe goes on beyond the wait: somebody may be typing a password. */
  async function lookForKeychain(): Promise<Keychain> {
    probing ??= probe(loadKeychain, service)
      .then(adopt)
      .finally(() => {
        probing = undefined
      })
    try {
      await within(mostMs, probing)
    } finally {
      lookedAtMs = clock.monotonicMs()
    }
    if (!found) throw unreadable()
    return found
  }
  /** From now on it keeps the secrets, also those that lay in memory so far. */
  async function adopt(keychain: Keychain): Promise<void> {
    found = keychain
    if (!current || current.status.active === 'keytar') return
    const choice = onKeychain(keychain)
    for (const [name, value] of current.held ?? []) await tried(() => choice.store.set(name, value))
    use(choice)
    chosen = Promise.resolve(choice)
  }
  function onKeychain(keychain: Keychain): Choice {
    const store = keychainStore({ keychain, service, table, loadSafe: loadSafeStorage, mostMs, log })
    void eraseForgotten(store)
    return { status: { active: 'keytar', reason: 'The keychain of this computer keeps the secrets.' }, store }
  }
  async function eraseForgotten({ delete: erase }: Store): Promise<void> {
    for (const name of table.forgotten()) await erase(name)
  }
  function use(choice: Choice): Choice {
    current = choice
    log.info('Secret store chosen', { active: choice.status.active })
    return choice
  }

  async function choose(): Promise<Choice> {
    const keychain = await tried(lookForKeychain)
    if (keychain.ok) return onKeychain(keychain.value)
    log.warn('The keychain cannot be used', { failure: keychain.failure })
    const safe = await tried(() => within(mostMs, openSafeStorage(loadSafeStorage)))
    if (found) return onKeychain(found) // it has answered meanwhile
    if (safe.ok)
      return {
        status: { active: 'safe-storage', reason: 'No keychain answered; the system encrypts the secrets on disk.' },
        store: safeStore(safe.value, table),
      }
    log.warn('The encryption of the system cannot be used', { failure: safe.failure })
    const held = new Map<string, string>()
    return {
      status: { active: 'memory', reason: 'No keychain answered: signed in until Swath is closed.' },
      store: memoryStore(held, table),
      held,
    }
  }
  async function active() {
    chosen ??= choose().then(use)
    return chosen
  }
  return {
    status: async () => (await active()).status,
    async get(name) {
      const value = await (await active()).store.get(name)
      if (value !== null) redactor.addSecret(value)
      return value
    },
    async set(name, value) {
      redactor.addSecret(value)
      await (await active()).store.set(name, value)
    },
    delete: async (name) => (await active()).store.delete(name),
    async lookAgain(isAsked = false) {
      if (!chosen) return // nothing was asked for yet
      const { status, store } = await chosen
      if (!isAsked && clock.monotonicMs() - lookedAtMs < LOOK_AGAIN_MS) return
      if (status.active === 'keytar') return eraseForgotten(store)
      await tried(lookForKeychain)
    },
  }
}

type Tried<T> = { ok: true; value: T } | { ok: false; failure: unknown }
const tried = async <T>(work: () => Promise<T>): Promise<Tried<T>> => {
  try {
    return { ok: true, value: await work() }
  } catch (failure) {
    return { ok: false, failure }
  }
}
async function within<T>(mostMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new AppError('time-out', 'The keychain did not answer.')), mostMs)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
    work.catch(() => {})
  }
}

/** Writes, reads and deletes an entry of its own. @throws where the keychain does not do as told */
async function probe(load: () => Promise<Keychain>, service: string): Promise<Keychain> {
  const keychain = await load()
  const account = `probe-${randomBytes(8).toString('hex')}`
  const value = randomBytes(16).toString('hex')
  await keychain.setPassword(service, account, value)
  const read = await keychain.getPassword(service, account)
  const isDeleted = await keychain.deletePassword(service, account)
  if (read !== value || !isDeleted) throw new Error('the keychain does not keep what it is given')
  return keychain
}

type OpenSafeStorage = { safe: SafeStorage; backend: string }
async function openSafeStorage(load: () => Promise<SafeStorage | undefined>): Promise<OpenSafeStorage> {
  const safe = await load()
  if (safe?.encryptStringAsync === undefined) throw new Error('safeStorage is not there')
  if (!(await safe.isAsyncEncryptionAvailable())) throw new Error('safeStorage is not available')
  const backend = process.platform === 'linux' ? (safe.getSelectedStorageBackend?.() ?? 'unknown') : process.platform
  if (backend === 'basic_text' || backend === 'unknown') throw new Error(`safeStorage has no keyring: ${backend}`)
  const value = randomBytes(16).toString('hex')
  const { result } = await safe.decryptStringAsync(await safe.encryptStringAsync(value))
  if (result !== value) throw new Error('safeStorage does not give back what it was given')
  return { safe, backend }
}

type Table = {
  get(name: string): SecretRow | undefined
  set(name: string, row: SecretRow): void
  delete(name: string): void
  /** It is none any more; its name stays until no keychain has it. */
  forget(name: string): void
  forgotten(): string[]
}
/** In place of a store: the name of a secret that is to be erased. */
const FORGOTTEN = 'forgotten'
function createTable(database: Database, clock: Clock): Table {
  return {
    get: (name) =>
      database.get<SecretRow>('SELECT store, backend, ciphertext FROM secret WHERE name = ? AND store <> ?', [
        name,
        FORGOTTEN,
      ]),
    set(name, { store, backend, ciphertext }) {
      database.run(
        `INSERT INTO secret (name, store, backend, ciphertext, updated_at) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (name) DO UPDATE SET store = excluded.store, backend = excluded.backend,
         ciphertext = excluded.ciphertext, updated_at = excluded.updated_at`,
        [name, store, backend, ciphertext, instant(clock.now())],
      )
    },
    delete: (name) => void database.run('DELETE FROM secret WHERE name = ?', [name]),
    forget: (name) =>
      void database.run('UPDATE secret SET store = ?, ciphertext = ?, updated_at = ? WHERE name = ?', [
        FORGOTTEN,
        Buffer.alloc(0),
        instant(clock.now()),
        name,
      ]),
    forgotten: () =>
      database.all<{ name: string }>('SELECT name FROM secret WHERE store = ?', [FORGOTTEN]).map(({ name }) => name),
  }
}

/** AES-256-GCM, bound to the entry's name: nonce, tag, ciphertext. */
function seal(value: string, key: Buffer, name: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(name))
  const sealed = Buffer.concat([cipher.update(value, 'utf8'), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed])
}
function unseal(box: Uint8Array, key: Buffer, name: string): string {
  const cipher = createDecipheriv('aes-256-gcm', key, box.subarray(0, NONCE_BYTES)).setAAD(Buffer.from(name))
  cipher.setAuthTag(box.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES))
  return Buffer.concat([cipher.update(box.subarray(NONCE_BYTES + TAG_BYTES)), cipher.final()]).toString('utf8')
}

type KeychainStoreNeeds = {
  keychain: Keychain
  service: string
  table: Table
  loadSafe: () => Promise<SafeStorage | undefined>
  mostMs: number
  log: Log
}
/**
 * Entries begin with `v:` (the value) or `k:` (the key to the ciphertext). The row says whether there is a secret and
 * which store has it: an entry alone may be what was replaced or deleted while the keychain did not answer.
 */
function keychainStore({ keychain, service, table, loadSafe, mostMs, log }: KeychainStoreNeeds): Store {
  const use = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await within(USE_MS, work)
    } catch (failure) {
      throw unreadable(failure)
    }
  }
  const store: Store = {
    async get(name) {
      const row = table.get(name)
      if (row === undefined) {
        // deleted while the keychain was away; where it cannot be removed it stays without effect
        await tried(() => use(keychain.deletePassword(service, name)))
        return null
      }
      if (row.store === 'safe-storage') return moveFromSafe(name, loadSafe, table, store)
      const entry = await use(keychain.getPassword(service, name))
      if (entry?.startsWith('v:')) return entry.slice(2)
      if (!entry?.startsWith('k:')) throw unreadable()
      try {
        return unseal(row.ciphertext, Buffer.from(entry.slice(2), 'base64'), name)
      } catch (failure) {
        throw unreadable(failure)
      }
    },
    async set(name, value) {
      const isLong = Buffer.byteLength(value) > LONGEST_ENTRY_BYTES
      const key = randomBytes(32)
      await use(keychain.setPassword(service, name, isLong ? `k:${key.toString('base64')}` : `v:${value}`))
      const ciphertext = isLong ? seal(value, key, name) : Buffer.alloc(0)
      table.set(name, { store: 'keytar', backend: '', ciphertext })
    },
    async delete(name) {
      table.forget(name)
      const erased = keychain.deletePassword(service, name).then(() => {
        // unless something was kept under this name meanwhile
        if (table.get(name) === undefined) table.delete(name)
      })
      const { ok } = await tried(() => within(mostMs, erased))
      if (!ok) log.warn('A secret could not be erased from the keychain; it is tried again later')
    },
  }
  return store
}

/** A secret from the time when no keychain answered moves into it. */
async function moveFromSafe(
  name: string,
  load: () => Promise<SafeStorage | undefined>,
  table: Table,
  to: Store,
): Promise<string | null> {
  const safe = await tried(() => within(PROBE_MS, openSafeStorage(load)))
  if (!safe.ok) throw unreadable(safe.failure)
  const value = await safeStore(safe.value, table).get(name)
  if (value !== null) await to.set(name, value)
  return value
}

function safeStore({ safe, backend }: OpenSafeStorage, table: Table): Store {
  const store: Store = {
    async get(name) {
      const row = table.get(name)
      if (row === undefined) return null
      if (row.store !== 'safe-storage') throw unreadable()
      try {
        const { result, shouldReEncrypt } = await safe.decryptStringAsync(Buffer.from(row.ciphertext))
        if (shouldReEncrypt) await store.set(name, result)
        return result
      } catch (failure) {
        throw unreadable(failure)
      }
    },
    async set(name, value) {
      table.set(name, { store: 'safe-storage', backend, ciphertext: await safe.encryptStringAsync(value) })
    },
    async delete(name) {
      table.forget(name) // the keychain may have a former one
    },
  }
  return store
}

function memoryStore(values: Map<string, string>, table: Table): Store {
  return {
    async get(name) {
      const value = values.get(name)
      if (value === undefined && table.get(name)) throw unreadable()
      return value ?? null
    },
    async set(name, value) {
      values.set(name, value)
    },
    async delete(name) {
      values.delete(name)
      table.forget(name)
    },
  }
}
