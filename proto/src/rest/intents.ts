/** What somebody without keys asks for; a key holder signs it later, or declines. */
import { z } from 'zod'
import { everyRole, route } from './route.ts'
import { atMs, base64, page, pageOf, rowId, shortId } from './shapes.ts'

export const intentStates = ['open', 'done', 'declined', 'expired'] as const
export const sealedMax = 16 * 1024

export const intent = z.object({
  id: rowId,
  kind: z.enum(['restore', 'backup']),
  device: shortId,
  deviceName: z.string(),
  by: z.string(),
  atMs,
  expiresAtMs: atMs,
  state: z.enum(intentStates),
  /** age file to the restore admins; which path is meant stands in it, and the collector cannot read it. */
  sealed: base64(sealedMax).optional(),
  note: z.string().optional(),
  closedBy: z.string().optional(),
  closedAtMs: atMs.optional(),
  /** Order id of the job that came of it. */
  job: shortId.optional(),
  reason: z.string().optional(),
})
export type Intent = z.infer<typeof intent>

const tag = 'intents'
const close = {
  // Who may sign what was wished for: a backup takes the role policy, a restore the role restore.
  ...({ tag, access: ['restore', 'policy', 'owner'], scope: 'filtered' } as const),
  params: z.object({ id: rowId }),
  answer: intent,
} as const

export const intentRoutes = {
  list: route('GET', '/intents', {
    ...{ tag, access: everyRole, scope: 'filtered' },
    summary: 'wishes, newest first',
    query: page.extend({ state: z.enum(intentStates).optional() }),
    answer: pageOf(intent),
  }),
  make: route('POST', '/intents', {
    ...{
      tag,
      access: ['helpdesk', 'restore', 'owner'] as const,
      scope: 'filtered',
      stepUp: true,
      status: 201,
    },
    summary: 'asks a key holder for a backup or a restore on the same device',
    body: z.object({
      kind: z.enum(['restore', 'backup']),
      device: shortId,
      sealed: base64(sealedMax).optional(),
      note: z.string().max(1000).optional(),
    }),
    answer: intent,
  }),
  decline: route('POST', '/intents/{id}/decline', {
    ...close,
    summary: 'says no to a wish',
    body: z.object({ reason: z.string().max(1000).optional() }),
  }),
  done: route('POST', '/intents/{id}/done', {
    ...close,
    summary: 'says that a wish was fulfilled',
    body: z.object({ job: shortId.optional() }),
  }),
} as const
