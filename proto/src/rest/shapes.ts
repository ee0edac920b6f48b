/** What all shapes of the REST API are made of. Times are milliseconds since 1970, ids lower-case hex, bytes base64. */
import { z } from 'zod'

/** Ids of devices, groups, grants and orders: 16 bytes. */
export const shortId = z.string().regex(/^[0-9a-f]{32}$/)
/** Ids of objects, records and fleets: 32 bytes. */
export const longId = z.string().regex(/^[0-9a-f]{64}$/)
/** What a row of a table is called: a number that counts up. */
export const rowId = z.string().regex(/^[1-9][0-9]{0,14}$/)
export const atMs = z.int().min(0)
export const count = z.int().min(0)
/** A word of ours: a state, a code, a reason. */
export const word = z.string().regex(/^[a-z][a-z0-9_]{0,63}$/)

/** Of a person, a group, a token: what people type for people to read. No control characters. */
export const label = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^\p{Cc}\p{Cs}]+$/u)

/** `bytesMax`: of what it stands for. */
export function base64(bytesMax: number) {
  return z
    .string()
    .max(4 * Math.ceil(bytesMax / 3))
    .regex(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/)
}

/** A whole number in a query. */
export function wholeIn(min: number, max: number) {
  return z.coerce.number().int().min(min).max(max)
}

/** The largest page of a list. */
export const pageMax = 500
export const cursor = z
  .string()
  .max(512)
  .regex(/^[A-Za-z0-9_-]+$/)
export const page = z.object({ limit: wholeIn(1, pageMax).default(100), cursor: cursor.optional() })

/** One page of a list; `nextCursor` is there when more follows. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), nextCursor: cursor.optional() })
}

export function itemsOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item) })
}

/** RFC 9457. `code` never changes; the other words are for people. */
export const problem = z.object({
  type: z.literal('about:blank'),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  detail: z.string(),
  hint: z.string().optional(),
})

export type Problem = z.infer<typeof problem>

export const personRoles = ['viewer', 'helpdesk', 'restore', 'policy', 'auditor', 'owner'] as const
export const personRole = z.enum(personRoles)
export type PersonRole = z.infer<typeof personRole>
