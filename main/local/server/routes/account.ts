/**
 * Signing in with the user and password of this launch, and what the account has.
 * Owns: the answers. Does not: compare secrets (credentials.ts).
 */
import { statfs } from 'node:fs/promises'
import type { BackEnd } from '../back-end.ts'
import { json, type Route, route } from '../exchange.ts'

export function accountRoutes({ credentials, stateDir }: BackEnd): Route[] {
  return [
    route('GET', '/credentials/basic', 'basic', ({ header }) =>
      json({ access_token: credentials.tokenFor(header('authorization')) }),
    ),
    route('GET', '/me', 'bearer', async () =>
      json({
        user_id: credentials.user,
        name: 'User of this computer',
        budget: null,
        storage: await storage(stateDir),
        links: [],
      }),
    ),
  ]
}

/** The disk that results are written to: what is free on it, and its size. */
async function storage(folder: string): Promise<{ free: number; quota: number } | null> {
  try {
    const { bavail, blocks, bsize } = await statfs(folder)
    return { free: bavail * bsize, quota: blocks * bsize }
  } catch {
    return null
  }
}
