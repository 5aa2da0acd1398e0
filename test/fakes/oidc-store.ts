/** Where the fake OpenID provider keeps its things: memory that can be emptied. */
import type { Adapter, AdapterPayload } from 'oidc-provider'

export type OidcStore = { adapter: (name: string) => Adapter; clear(): void }

/** Entries that outlive a clean-up: without them nobody could sign in again. */
const LASTING = new Set(['Client', 'Session', 'Interaction'])

export function createStore(): OidcStore {
  const entries = new Map<string, AdapterPayload>()
  const find = (name: string, fits: (payload: AdapterPayload) => boolean) =>
    [...entries].find(([key, payload]) => key.startsWith(`${name}:`) && fits(payload))?.[1]
  return {
    adapter: (name) => ({
      upsert: async (id, payload) => void entries.set(`${name}:${id}`, payload),
      find: async (id) => entries.get(`${name}:${id}`),
      findByUserCode: async (userCode) => find(name, (payload) => payload.userCode === userCode),
      findByUid: async (uid) => find(name, (payload) => payload.uid === uid),
      async consume(id) {
        const payload = entries.get(`${name}:${id}`)
        if (payload) payload.consumed = Math.floor(Date.now() / 1000)
      },
      destroy: async (id) => void entries.delete(`${name}:${id}`),
      async revokeByGrantId(grantId) {
        for (const [key, payload] of entries) if (payload.grantId === grantId) entries.delete(key)
      },
    }),
    clear() {
      for (const key of entries.keys()) if (!LASTING.has(key.split(':')[0] ?? '')) entries.delete(key)
    },
  }
}
