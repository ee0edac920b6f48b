/** The log of what happened, and its proofs (proto/log). */
import { z } from 'zod'
import { auditLine } from './devices.ts'
import { route } from './route.ts'
import { atMs, count, longId, page, pageOf, shortId, wholeIn } from './shapes.ts'

/** Checkpoints are signed notes, as text. */
export const checkpoint = z.object({ checkpoint: z.string(), size: count, root: longId })

export const auditQuery = z.object({
  device: shortId.optional(),
  /** Exactly this actor, action or target. */
  actor: z.string().max(300).optional(),
  action: z.string().max(64).optional(),
  target: z.string().max(300).optional(),
  fromMs: z.coerce.number().pipe(atMs).optional(),
  toMs: z.coerce.number().pipe(atMs).optional(),
  /** `true`: without the commits of devices, which are most of the log. */
  withoutCommits: z.enum(['true', 'false']).optional(),
})

export const provedEntry = z.object({
  number: count,
  /** Canonical JSON (RFC 8785); SHA-256 of 00 and its bytes is the leaf. */
  entry: z.string(),
  /** RFC 9162 §2.1.3, from the leaf upwards. */
  proof: z.array(longId),
})

/** Of one export with proofs, each of which costs some twenty reads. */
export const exportMax = 10_000

const access = ['auditor', 'owner'] as const
const read = { tag: 'audit', access, scope: 'fleet' } as const
const size = z.coerce.number().int().min(0)

export const auditRoutes = {
  list: route('GET', '/audit', {
    ...read,
    summary: 'what happened, newest first',
    query: page.extend(auditQuery.shape),
    answer: pageOf(auditLine),
  }),
  csv: route('GET', '/audit.csv', {
    ...{ ...read, kind: 'csv', query: auditQuery },
    summary: 'all lines that match, as CSV',
  }),
  json: route('GET', '/audit.json', {
    ...{
      ...read,
      query: auditQuery.extend({ limit: wholeIn(1, exportMax).default(1000), cursor: page.shape.cursor }),
    },
    summary:
      'lines with the proof of each under one checkpoint: whoever has them needs nobody to believe them',
    /** `nextCursor`: older lines match, too, and are not in this file. */
    answer: checkpoint.extend({ items: z.array(provedEntry), nextCursor: z.string().optional() }),
  }),
  checkpoint: route('GET', '/log/checkpoint', {
    ...{ ...read, access: 'signed-in', scope: 'own', answer: checkpoint },
    summary: 'how the log stands now, signed',
  }),
  consistency: route('GET', '/log/consistency', {
    ...{ ...read, access: 'signed-in', scope: 'own', query: z.object({ from: size, to: size }) },
    summary: 'that the log of `to` entries grew from that of `from`',
    answer: z.object({ proof: z.array(longId) }),
  }),
  inclusion: route('GET', '/log/inclusion', {
    ...{ ...read, query: z.object({ number: size, size }) },
    summary: 'that an entry is in the log of `size` entries',
    answer: z.object({ entry: z.string(), proof: z.array(longId) }),
  }),
} as const
