/** The definitions agree with openEO processes 2.0.0-rc.2 in everything but their sentences. */
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { processDefinitions } from '../../../../main/local/processes/index.ts'

const specs = resolve(import.meta.dirname, '../../../../../shared/specs/openeo-processes')

type Json = Record<string, unknown>

function official(id: string): Json {
  const stable = resolve(specs, `${id}.json`)
  return JSON.parse(
    readFileSync(existsSync(stable) ? stable : resolve(specs, 'proposals', `${id}.json`), 'utf8'),
  ) as Json
}

/** Everything that is a fact: sentences, titles and examples taken away; required parameters without their flag. */
function facts(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(facts)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !['description', 'title', 'examples', 'summary'].includes(key))
      .map(([key, inner]) => [key, facts(inner)]),
  )
}

/** arcosh states a minimum beside its schema, where the specification gives it no meaning. */
function parameterOnly({ minimum: _stray, ...parameter }: Json): Json {
  return parameter
}

function sentences(value: unknown): string[] {
  if (value === null || typeof value !== 'object') return []
  return Object.entries(value).flatMap(([key, inner]) =>
    typeof inner === 'string'
      ? ['description', 'summary', 'message'].includes(key) && inner.length > 40
        ? [inner]
        : []
      : sentences(inner),
  )
}

describe.each(processDefinitions.map((definition) => [definition.id, definition] as const))('%s', (id, definition) => {
  const theirs = official(id)

  it('has the parameters, types, defaults and flags of the specification', () => {
    expect(facts(definition.parameters)).toEqual(facts((theirs.parameters as Json[]).map(parameterOnly)))
  })

  it('returns the type of the specification', () => {
    expect(facts(definition.returns)).toEqual(facts(theirs.returns))
  })

  it('has the exceptions, categories and maturity of the specification', () => {
    expect(Object.keys(definition.exceptions ?? {})).toEqual(Object.keys((theirs.exceptions ?? {}) as Json))
    expect(definition.categories).toEqual(theirs.categories)
    expect(definition.experimental ?? false).toBe(theirs.experimental ?? false)
  })

  it('says it in words of its own', () => {
    const copied = new Set(sentences(theirs))
    expect(sentences(definition).filter((sentence) => copied.has(sentence))).toEqual([])
  })
})

it('lists each process once', () => {
  expect(new Set(processDefinitions.map(({ id }) => id)).size).toBe(processDefinitions.length)
})
