/** Words for what an entry of the catalogue carries. Pure. */
import type { FederationMember } from '../../preload/contract/connections.ts'

/** What a member of a federation is called; its id where the back-end gives it no title. */
export const memberTitle = (id: string, members: readonly FederationMember[]): string =>
  members.find((member) => member.id === id)?.title || id
