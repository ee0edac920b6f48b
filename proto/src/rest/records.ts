/** Signed envelopes, in and out. They prove themselves: the collector's word counts for nothing here. */
import { z } from 'zod'
import { everyRole, route } from './route.ts'
import { atMs, base64, count, itemsOf, longId, page, pageOf, shortId } from './shapes.ts'

/** What may be asked for. escrow and keyring: by restore and owner alone. */
export const recordKinds = [
  ...(['trust', 'policy', 'group', 'assignment', 'grant', 'revoke', 'certificate', 'job', 'report'] as const),
  ...(['proof', 'hold', 'erase', 'parcel', 'forget', 'receipt', 'escrow', 'keyring'] as const),
] as const

const envelope = base64(1024 * 1024)

export const recordItem = z.object({ id: longId, receivedAtMs: atMs, envelope })
export type RecordItem = z.infer<typeof recordItem>

/** What the collector says of a device, with the signed parts for whoever verifies them. Absent: it has none. */
export const deviceRecord = z.object({
  certificate: envelope,
  grant: envelope.optional(),
  enrolledAtMs: atMs,
  lastSeenAtMs: atMs.optional(),
  /** Envelope of the newest commit. */
  head: envelope.optional(),
  headReceivedAtMs: atMs.optional(),
  lastCompleteAtMs: atMs.optional(),
  heartbeat: envelope.optional(),
  heardAtMs: atMs.optional(),
  onlineSinceMs: atMs.optional(),
  revokedAtMs: atMs.optional(),
  escrowedAtMs: atMs.optional(),
  clonedSinceMs: atMs.optional(),
  storedBytes: count,
  obeyed: z
    .object({
      standing: longId,
      refused: z.array(z.object({ id: shortId.optional(), code: z.string() })),
      atMs,
    })
    .optional(),
})
export type DeviceRecord = z.infer<typeof deviceRecord>

const tag = 'records'

export const recordRoutes = {
  trust: route('GET', '/trust', {
    ...{ tag, access: everyRole, scope: 'own', answer: itemsOf(recordItem) },
    summary: 'all versions of Trust, in order',
  }),
  proposal: route('GET', '/trust/proposal', {
    ...{ tag, access: everyRole, scope: 'own', answer: z.object({ envelope: envelope.optional() }) },
    summary: 'the next version of Trust, as far as owners signed it; absent when none waits',
  }),
  propose: route('POST', '/trust/proposal', {
    ...{ tag, access: ['restore', 'policy', 'auditor', 'owner'] as const, scope: 'fleet', kind: 'none' },
    summary: 'the next version of Trust, which more owners must sign; it takes the place of one that waits',
    body: z.object({ envelope }),
  }),
  list: route('GET', '/records', {
    ...{ tag, access: everyRole, scope: 'filtered' },
    summary: 'records of a kind, in the order in which they came; of one device, or of all',
    query: page.extend({ kind: z.enum(recordKinds), device: shortId.optional() }),
    answer: pageOf(recordItem),
  }),
  put: route('POST', '/records', {
    ...{ tag, access: ['restore', 'policy', 'owner'] as const, scope: 'filtered', status: 201 },
    summary: 'a signed record; what it says is done when its signatures hold',
    body: z.object({ envelope }),
    answer: z.object({ id: longId, receivedAtMs: atMs }),
  }),
  deviceRecords: route('GET', '/device-records', {
    ...{ tag, access: everyRole, scope: 'filtered' },
    summary: 'devices with what they and their admins signed',
    query: page.extend({
      device: shortId.optional(),
      /** Without newest commits and heartbeats, which cost a read of the packs each. */
      lean: z.enum(['true', 'false']).optional(),
    }),
    answer: pageOf(deviceRecord),
  }),
} as const
