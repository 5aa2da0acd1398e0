/** What is said of the members of a federation and a run. Pure. */
import type { FederationMember } from '../../preload/contract/connections.ts'
import type { FederationCheck, MemberLack } from '../../preload/contract/graphs.ts'

type Checked = FederationCheck['members'][number]

/** What speaks against sending: nobody can alone, or the one that is asked for cannot; null where nothing does. */
export function concernOf(check: FederationCheck, member: string | null): 'no-member' | 'member-lacks' | null {
  if (member === null) return check.answer === 'no-member' ? 'no-member' : null
  const asked = check.members.find(({ id }) => id === member)
  return asked && asked.lacks.length > 0 ? 'member-lacks' : null
}

export function memberOptions(members: readonly FederationMember[], chosen: string | null) {
  const options = members.map((member) => ({ value: member.id, label: `${member.title}${marksOf(member)}` }))
  const isGone = chosen !== null && !members.some(({ id }) => id === chosen)
  return [
    { value: '', label: 'Wherever the federation chooses' },
    ...options,
    ...(isGone ? [{ value: chosen, label: `${chosen} (not in the federation any more)` }] : []),
  ]
}

function marksOf({ status, isExperimental, isDeprecated }: FederationMember): string {
  const marks = [
    status === 'offline' ? 'offline' : status === 'unknown' ? 'state not known' : '',
    isExperimental ? 'experimental' : '',
    isDeprecated ? 'deprecated' : '',
  ].filter(Boolean)
  return marks.length === 0 ? '' : ` (${marks.join(', ')})`
}

/** `VITO, EODC (not online)`. */
export const ableWords = (members: readonly Checked[]): string =>
  members
    .filter(({ canRun }) => canRun)
    .map(({ title, isOnline }) => (isOnline ? title : `${title} (not online)`))
    .join(', ')

const KINDS = {
  process: 'the process',
  parameter: 'the parameter',
  collection: 'the collection',
  format: 'the format',
} as const

/** `the process ndvi`, each once. */
export const lackWords = (lacks: readonly MemberLack[]): string[] => [
  ...new Set(lacks.map(({ what, name }) => `${KINDS[what]} ${name}`)),
]
