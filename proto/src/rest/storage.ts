/** Enrolment grants, what is stored, what retention keeps. */
import { z } from 'zod'
import { deviceParams, snapshotItem } from './devices.ts'
import { everyRole, route } from './route.ts'
import { atMs, count, itemsOf, shortId } from './shapes.ts'

export const grantItem = z.object({
  id: shortId,
  label: z.string(),
  uses: count,
  maxUses: count,
  expiresAtMs: atMs,
  revokedAtMs: atMs.optional(),
  state: z.enum(['open', 'used_up', 'expired', 'revoked']),
  manualApproval: z.boolean(),
  /** Devices that came with it stand in this group now, when they all stand in one. */
  groupId: shortId.optional(),
})
export type GrantItem = z.infer<typeof grantItem>

export const storage = z.object({
  asOfMs: atMs,
  bytes: count,
  objects: count,
  logicalBytes: count,
  dedup: z.number().optional(),
  disk: z.object({ bytes: count, freeBytes: count, reserveBytes: count }),
  packs: z.object({ packs: count, bytes: count, damaged: count, missing: count }),
  /** What nothing needs any more; its bytes go after a time. */
  condemned: z.object({ objects: count, bytes: count }),
  collection: z.object({ everyMs: count, lastAtMs: atMs.optional(), nextAtMs: atMs.optional() }),
  scrub: z.object({
    /** Absent: nothing is read again by itself. */
    periodMs: count.optional(),
    oldestUnverifiedAtMs: atMs.optional(),
    late: z.boolean(),
    damagedObjects: count,
    damagedDevices: z.array(z.object({ device: shortId, objects: count, bytes: count, snapshots: count })),
  }),
  /**
   * Snapshots of all devices, and how many retention lets go at the next collection, from which devices; absent while it is still
   * being counted. What their bytes are is known when they have gone: snapshots share segments.
   */
  retention: z
    .object({
      snapshots: count,
      mayGo: count,
      devicesTotal: count,
      /** Those that lose most, at most 50. */
      devices: z.array(z.object({ device: shortId, name: z.string(), snapshots: count, mayGo: count })),
    })
    .optional(),
  /** The largest, at most 500; the report of storage has all. */
  devices: z.array(
    z.object({
      device: shortId,
      name: z.string(),
      bytes: count,
      objects: count,
      snapshots: count,
      logicalBytes: count,
    }),
  ),
})
export type Storage = z.infer<typeof storage>

const tag = 'storage'

export const storageRoutes = {
  grants: route('GET', '/grants', {
    ...{ tag, access: everyRole, scope: 'fleet', answer: itemsOf(grantItem) },
    summary: 'enrolment grants; the tokens themselves are known to nobody here',
  }),
  storage: route('GET', '/storage', {
    ...{ tag, access: everyRole, scope: 'fleet', answer: storage },
    summary: 'what is stored, by device; packs, collection, scrub',
  }),
  retention: route('GET', '/retention/{device}', {
    ...{ tag, access: everyRole, scope: 'device', params: deviceParams },
    summary: 'what of a device stays, why, and what may go',
    answer: z.object({ rule: z.string(), held: z.boolean(), items: z.array(snapshotItem) }),
  }),
} as const
