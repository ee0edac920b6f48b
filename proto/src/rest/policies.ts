/** "What will this change do?": groups, layers, who obeys what. Changes themselves are signed records. */
import { z } from 'zod'
import { everyRole, route } from './route.ts'
import { policyLayer } from './settings.ts'
import { atMs, base64, count, itemsOf, shortId } from './shapes.ts'

export const groupItem = z.object({
  id: shortId,
  name: z.string(),
  /** Absent: directly below the fleet. */
  parent: shortId.optional(),
  retired: z.boolean(),
  /** In the group itself, and with those in the groups below it. */
  devices: count,
  devicesBelow: count,
})
export type GroupItem = z.infer<typeof groupItem>

export const rolloutItem = z.object({
  device: shortId,
  name: z.string(),
  obeys: z.enum(['newest', 'behind', 'unknown']),
  refused: z.array(z.object({ id: shortId.optional(), code: z.string() })),
  saidAtMs: atMs.optional(),
  online: z.boolean(),
})
export type RolloutItem = z.infer<typeof rolloutItem>

const tag = 'policies'

export const policyRoutes = {
  groups: route('GET', '/groups', {
    ...{ tag, access: everyRole, scope: 'filtered', answer: itemsOf(groupItem) },
    summary: 'groups of devices',
  }),
  list: route('GET', '/policies', {
    ...{ tag, access: everyRole, scope: 'fleet', answer: itemsOf(policyLayer) },
    summary: 'the layers of policy that stand',
  }),
  rollout: route('GET', '/policies/rollout', {
    ...{ tag, access: everyRole, scope: 'filtered' },
    summary: 'which devices obey the newest orders, and which refused one',
    answer: z.object({ newest: count, behind: count, unknown: count, items: z.array(rolloutItem) }),
  }),
  preview: route('POST', '/policies/preview', {
    ...{ tag, access: ['policy', 'owner'] as const, scope: 'fleet' },
    summary:
      'what an unsigned policy would do: devices that it touches, snapshots that retention would let go',
    body: z.object({
      /** A protobuf Policy, as it would be signed; its signatures are not looked at. */
      policy: base64(256 * 1024),
    }),
    answer: z.object({
      devices: count,
      /** A hundred at most. */
      touched: z.array(z.object({ device: shortId, name: z.string(), keys: z.array(z.string()) })),
      snapshots: count,
      droppedSnapshots: count,
    }),
  }),
} as const
