/**
 * Documents that the application wrote itself, perhaps in an older version: what still holds of them is kept.
 * Owns: nothing. Does not: know what is in them (the schemas of the contract do).
 */
import type { z } from 'zod'

/**
 * Every field of the stored document that the schema takes, the defaults for all others: one field that a version does
 * not know any more costs no other. `defaults` has every field.
 */
export function readFields<T extends z.ZodRawShape>(
  schema: z.ZodObject<T>,
  stored: unknown,
  defaults: z.infer<z.ZodObject<T>>,
): z.infer<z.ZodObject<T>> {
  const known: Record<string, unknown> = typeof stored === 'object' && stored !== null ? { ...stored } : {}
  const entries = Object.entries(schema.shape).map(([name, field]) => {
    const parsed = (field as unknown as z.ZodType).safeParse(known[name])
    return [name, Object.hasOwn(known, name) && parsed.success ? parsed.data : defaults[name as never]]
  })
  return Object.fromEntries(entries) as z.infer<z.ZodObject<T>>
}
