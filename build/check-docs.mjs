/**
 * Checks what the documents claim: links lead somewhere, commands exist, the changelog keeps its form, ADRs are numbered.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { readJson, root, say } from './setup/steps.mjs'

const problems = []
const report = (file, problem) => problems.push(`${file}: ${problem}`)
const read = (file) => readFileSync(join(root, file), 'utf8')
const withoutCode = (text) => text.replaceAll(/^```[\s\S]*?^```/gm, '').replaceAll(/`[^`\n]*`/g, '')

const adrs = existsSync(join(root, 'docs/adr'))
  ? readdirSync(join(root, 'docs/adr')).filter((name) => name.endsWith('.md'))
  : []
const guides = existsSync(join(root, 'docs'))
  ? readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'))
  : []
const documents = [
  ...['README.md', 'ARCHITECTURE.md', 'CHANGELOG.md'],
  ...guides.map((name) => `docs/${name}`),
  ...adrs.map((name) => `docs/adr/${name}`),
]

function checkLinks(file, text) {
  for (const [, target] of withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^(https?|mailto):|^#/.test(target)) continue
    const path = join(root, dirname(file), decodeURI(target.split('#')[0]))
    if (!existsSync(path)) report(file, `the link ${target} leads nowhere`)
  }
}

function checkCommands(file, text) {
  const { scripts } = readJson(join(root, 'package.json'))
  for (const [, name] of text.matchAll(/\bnpm run ([\w:-]+)/g))
    if (!Object.hasOwn(scripts, name)) report(file, `there is no script called ${name}`)
}

/** Keep a Changelog 1.1: `## [Unreleased]` or `## [x.y.z] - date`, and six kinds of change. */
function checkChangelog(text) {
  const kinds = ['Added', 'Changed', 'Deprecated', 'Removed', 'Fixed', 'Security']
  const releases = [...text.matchAll(/^## (.*)$/gm)].map((match) => match[1])
  if (releases.length === 0) report('CHANGELOG.md', 'has no release')
  for (const release of releases)
    if (!/^\[(Unreleased|\d+\.\d+\.\d+\] - \d{4}-\d{2}-\d{2})\]?$/.test(release))
      report('CHANGELOG.md', `"## ${release}" is no release`)
  for (const [, kind] of text.matchAll(/^### (.*)$/gm))
    if (!kinds.includes(kind)) report('CHANGELOG.md', `"### ${kind}" is none of ${kinds.join(', ')}`)
}

for (const file of documents) {
  if (!existsSync(join(root, file))) {
    report(file, 'is missing')
    continue
  }
  const text = read(file)
  checkLinks(file, text)
  checkCommands(file, text)
  if (file === 'CHANGELOG.md') checkChangelog(text)
}
for (const [index, name] of adrs.sort().entries())
  if (!name.startsWith(`${String(index + 1).padStart(4, '0')}-`)) report(`docs/adr/${name}`, 'is out of its number')

for (const problem of problems) console.error(problem)
if (problems.length) process.exitCode = 1
else say(`${documents.length} documents checked`)
