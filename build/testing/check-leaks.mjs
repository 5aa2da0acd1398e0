/**
 * The part `leaks` of npm test: reads what every fake server of the run recorded, and proves that each secret went only
 * to servers that may see it, and that none is in what the tests and the run left behind.
 * Writes out/test/leaks.json; ends with 1 where something is wrong. SWATH_LEAKS_WHOLE=1: the whole suite has run, and
 * records of every kind have to be there.
 */
import { createReadStream, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { createFinder, mergeSecrets, nameHit, secretsOf } from './leaks.mjs'

/** Kinds of scans; each has to be there after a whole run. */
export const SCANS = ['folder', 'traffic', 'heap']
const MOST_NAMED = 50

async function* recordsOf(folder, kind) {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith(`${kind}-`)) : []
  for (const name of names)
    for await (const line of createInterface({ input: createReadStream(join(folder, name)), crlfDelay: Infinity }))
      if (line !== '') yield JSON.parse(line)
}

function* filesOf(place, isWanted) {
  if (!existsSync(place)) return
  for (const entry of readdirSync(place, { withFileTypes: true })) {
    const path = join(place, entry.name)
    if (!isWanted(path)) continue
    if (entry.isDirectory()) yield* filesOf(path, isWanted)
    else if (entry.isFile()) yield path
  }
}

const inKib = (bytes) => `${Math.ceil(bytes / 1024).toLocaleString('en')} KiB`

/** `checks`: name, problems (empty: passed), and what was looked at, in words. */
export async function checkLeaks({ records, kept, isWhole }) {
  const told = []
  for await (const secret of recordsOf(records, 'secrets')) told.push(secret)
  const secrets = mergeSecrets(told)
  const finder = createFinder(secrets)

  const requests = { name: 'no secret at a server that it does not belong to', problems: [], count: 0, withSecret: 0 }
  for await (const record of recordsOf(records, 'requests')) {
    const { here, stray } = secretsOf(record, finder)
    requests.count++
    if (here.length > 0) requests.withSecret++
    for (const hit of stray)
      requests.problems.push(`${nameHit(hit)} went to ${record.origin}: ${record.method} ${record.url.split('?')[0]}`)
  }

  const scans = {
    name: 'no secret in databases, logs, profiles, traffic and heaps',
    problems: [],
    byKind: {},
    files: 0,
    bytes: 0,
  }
  for await (const { kind, what, files, bytes, leaks } of recordsOf(records, 'scans')) {
    scans.byKind[kind] = (scans.byKind[kind] ?? 0) + 1
    scans.files += files
    scans.bytes += bytes
    for (const leak of leaks) scans.problems.push(`${what}: ${leak}`)
  }

  const left = { name: 'no secret in output, reports and errors of the run', problems: [], files: 0, bytes: 0 }
  const isWanted = (path) => path !== records && !path.endsWith('leaks.json')
  for (const place of kept)
    for (const path of filesOf(place, isWanted)) {
      const { hits, byteCount } = finder.findInFile(path)
      left.files++
      left.bytes += byteCount
      for (const hit of hits) left.problems.push(`${path}: ${nameHit(hit)}`)
    }

  const planted = plant(secrets)
  const there = { name: 'there is something to look at', problems: [] }
  if (isWhole) {
    if (requests.count === 0) there.problems.push('No request was recorded.')
    if (requests.withSecret === 0) there.problems.push('No request with a secret was recorded.')
    for (const kind of SCANS)
      if (!scans.byKind[kind]) there.problems.push(`Nothing of the kind “${kind}” was looked at.`)
  }
  const summary =
    `${requests.count.toLocaleString('en')} requests (${requests.withSecret.toLocaleString('en')} with a secret), ${secrets.length.toLocaleString('en')} secrets, ` +
    `${scans.files.toLocaleString('en')} files of tests (${inKib(scans.bytes)}; ` +
    `${SCANS.map((kind) => `${scans.byKind[kind] ?? 0} × ${kind}`).join(', ')}), ` +
    `${left.files} files of the run (${inKib(left.bytes)})`
  return { checks: [requests, scans, left, planted, there], summary }
}

/** The check has to find what is put there for it, among the real secrets. */
function plant(secrets) {
  const check = { name: 'a planted secret is found', problems: [] }
  const canary = { name: 'planted', value: 'planted/secret+of=the check', origins: ['http://127.0.0.1:1'] }
  const finder = createFinder([...secrets, canary])
  const request = { method: 'GET', url: '/', headers: [], body: '' }
  const stray = [
    { ...request, headers: ['Authorization', `Bearer oidc/x/${canary.value}`] },
    { ...request, headers: ['Authorization', `Basic ${Buffer.from(`user:${canary.value}`).toString('base64')}`] },
    { ...request, url: `/?token=${encodeURIComponent(canary.value)}` },
    { ...request, body: JSON.stringify({ deep: { token: canary.value } }) },
  ]
  for (const record of stray) {
    const elsewhere = secretsOf({ ...record, origin: 'http://127.0.0.1:2' }, finder)
    const atHome = secretsOf({ ...record, origin: canary.origins[0] }, finder)
    if (elsewhere.stray.length !== 1) check.problems.push('It was not found where it may not be.')
    if (atHome.here.length !== 1 || atHome.stray.length !== 0)
      check.problems.push('It was not allowed where it may be.')
  }
  return check
}

async function main() {
  const root = fileURLToPath(new URL('../..', import.meta.url))
  const out = join(root, 'out', 'test')
  const records = process.env.SWATH_TEST_RECORDS ?? join(out, 'records')
  const kept = [out, join(root, 'out', 'e2e-results')]
  const { checks, summary } = await checkLeaks({ records, kept, isWhole: process.env.SWATH_LEAKS_WHOLE === '1' })
  console.log(`Looked at ${summary}.`)
  for (const { name, problems } of checks) {
    console.log(`${problems.length > 0 ? '✗' : '✓'} ${name}`)
    for (const problem of problems.slice(0, MOST_NAMED)) console.log(`    ${problem.replaceAll(root, '')}`)
    if (problems.length > MOST_NAMED) console.log(`    … and ${problems.length - MOST_NAMED} more`)
  }
  mkdirSync(out, { recursive: true })
  writeFileSync(join(out, 'leaks.json'), JSON.stringify({ checks, summary }, null, 2))
  if (checks.some(({ problems }) => problems.length > 0)) process.exitCode = 1
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main()
