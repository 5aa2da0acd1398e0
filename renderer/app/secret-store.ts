/** The secret stores in plain words: where sign-ins are kept, and what that means. */
import type { SECRET_STORES } from '../../preload/contract/diagnostics.ts'

type Name = (typeof SECRET_STORES)[number]
export const secretStoreWords: Record<Name, { name: string; says: string; isWeak: boolean }> = {
  keytar: {
    name: 'System keychain',
    says: 'Sign-ins are kept in the keychain of this computer and survive a restart.',
    isWeak: false,
  },
  'safe-storage': {
    name: 'Encrypted file',
    says: 'Sign-ins are kept in a file that is encrypted with a key of this computer, and survive a restart.',
    isWeak: false,
  },
  memory: {
    name: 'Memory only',
    says: 'Sign-ins are kept until Swath is closed. Nothing is written to the disk.',
    isWeak: true,
  },
}
