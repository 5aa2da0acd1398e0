/**
 * A user with a browser, for the fake OpenID provider: cookies, redirects and forms over real HTTP.
 * Each visit is a browser of its own, so that users do not meet in one session; or all are one browser, as people have it:
 * who comes again is known by the cookie, and what is given belongs to the same session of the provider.
 */
import { HOP, HOP_HEADER } from './recorder.ts'

type Decision = 'approve' | 'deny'

export function createVisitor(url: string, isOneBrowser = false) {
  const shared = new Map<string, string>()
  function open() {
    const cookies = isOneBrowser ? shared : new Map<string, string>()
    async function ask(address: string, form?: Record<string, string>): Promise<Response> {
      const answer = await fetch(address, {
        redirect: 'manual',
        headers: { [HOP_HEADER]: HOP, cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
        ...(form ? { method: 'POST', body: new URLSearchParams(form) } : {}),
      })
      for (const line of answer.headers.getSetCookie()) {
        const [, name, value] = /^([^=]+)=([^;]*)/.exec(line) ?? []
        if (name) cookies.set(name, value ?? '')
      }
      return answer
    }
    /** Goes on from form to form until there is none, or the way leads away from the provider. */
    async function walk(address: string, decision: Decision, login: string): Promise<Response> {
      let at = address
      let answer = await ask(at)
      for (let steps = 0; steps < 20; steps++) {
        const location = answer.headers.get('location')
        if (location) {
          at = new URL(location, at).href
          if (new URL(at).origin !== url) return fetch(at)
          answer = await ask(at)
          continue
        }
        const html = await answer.clone().text()
        const form = /<form[^>]*action="([^"]*)"[^>]*>([\s\S]*?)<\/form>/.exec(html)
        if (!form) return answer
        const fields = fieldsOf(form[2] ?? '')
        if ('decision' in fields) Object.assign(fields, { decision, login })
        if ('confirm' in fields && decision === 'deny') fields.abort = 'yes'
        at = new URL(unescaped(form[1] ?? ''), at).href
        answer = await ask(at, fields)
        if ('abort' in fields) return answer
      }
      throw new Error('The sign-in pages go in a circle.')
    }
    return walk
  }
  const decide = async (userCode: string, decision: Decision, login: string) => {
    const answer = await open()(`${url}/device?user_code=${encodeURIComponent(userCode)}`, decision, login)
    if (decision === 'approve' && answer.status !== 200) throw new Error(`The code was not taken: ${answer.status}`)
  }
  return {
    approve: (userCode: string, login = 'analyst') => decide(userCode, 'approve', login),
    deny: (userCode: string) => decide(userCode, 'deny', ''),
    visit: (authorizationUrl: string, decision: Decision = 'approve', login = 'analyst') =>
      open()(authorizationUrl, decision, login),
  }
}

const unescaped = (text: string) =>
  text
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')

function fieldsOf(html: string): Record<string, string> {
  const fields: Record<string, string> = {}
  for (const [tag] of html.matchAll(/<input[^>]*>/g)) {
    const name = /\bname="([^"]*)"/.exec(tag)?.[1]
    if (name) fields[name] = unescaped(/\bvalue="([^"]*)"/.exec(tag)?.[1] ?? '')
  }
  return fields
}
