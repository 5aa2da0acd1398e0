/** Requests of one fake to another, marked so that they are not taken for Swath's. */
import { HOP, HOP_HEADER } from '../recorder.ts'
import type { FakeBackEnd } from './types.ts'

export type Reply = { status: number; body: Record<string, unknown> | null; header(name: string): string | null }
type Question = { method?: string; authorization?: string | null; body?: string; limitMs: number }

/** The answer of a member; null where it did not come in time, or was no JSON object of a working server. */
export async function ask(member: FakeBackEnd, path: string, question: Question): Promise<Reply | null> {
  const { method = 'GET', authorization, body, limitMs } = question
  try {
    const answer = await fetch(member.url + path, {
      method,
      headers: {
        [HOP_HEADER]: HOP,
        'content-type': 'application/json',
        ...(authorization ? { authorization } : {}),
      },
      ...(body === undefined ? {} : { body }),
      signal: AbortSignal.timeout(limitMs),
    })
    const text = await answer.text()
    const parsed: unknown = text === '' ? null : JSON.parse(text)
    return { status: answer.status, body: parsed as Reply['body'], header: (name) => answer.headers.get(name) }
  } catch {
    return null
  }
}
