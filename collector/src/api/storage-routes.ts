/** Enrolment grants, and what is stored. */
import { setImmediate } from 'node:timers/promises'
import { hex } from '@backstay/proto/bytes'
import { retain } from '@backstay/proto/policy/retention'
import { type Storage, storageRoutes } from '@backstay/proto/rest/storage'
import { condemnedSum } from '../catalog/condemned.ts'
import { type DeviceSums, packSums, storedSum, sumsByDevice } from '../catalog/fleet-sums.ts'
import { type GrantRow, listGrants } from '../catalog/grants.ts'
import { readPosition } from '../catalog/positions.ts'
import { retainedOf } from '../upkeep/collection/forget.ts'
import { readRules } from '../upkeep/collection/rules.ts'
import { collectedPosition } from '../upkeep/collection/schedule.ts'
import { rotationStatus } from '../upkeep/rotation/status.ts'
import { type Answering, answering } from './answer.ts'
import type { ApiParts } from './parts.ts'
import { requireFleet } from './sign-in/sessions.ts'

/** Retention of all devices is a long question. */
const previewMs = 60_000
/** Of so many devices it is waited for; with more it comes with a later answer. */
const previewWaitedFor = 500
/** Sums over ten thousand devices take the catalog a fifth of a second: askers share them for so long. */
const sumsMs = 15_000
const largestMax = 500
const previewAtOnce = 20

export function storageRoutesOf(parts: ApiParts): Answering[] {
  const { sql, vault, fleet, view, clock, store, schedule } = parts
  let preview: { readonly atMs: number; readonly value: Promise<Preview> } | undefined
  let counted: Preview | undefined
  let sums: { readonly atMs: number; readonly value: Promise<DeviceSums[]> } | undefined

  function retentionPreview(): Promise<Preview | undefined> {
    const nowMs = clock.monotonic()
    if (preview === undefined || nowMs - preview.atMs > previewMs) {
      const value = previewOf(parts)
      preview = { atMs: nowMs, value }
      value.then(
        one => {
          counted = one
        },
        () => {
          preview = undefined
        },
      )
    }
    return view.devices.size <= previewWaitedFor ? preview.value : Promise.resolve(counted)
  }

  function deviceSums(): Promise<DeviceSums[]> {
    const nowMs = clock.monotonic()
    if (sums !== undefined && nowMs - sums.atMs <= sumsMs) return sums.value
    const value = sumsByDevice(sql, requireFleet(fleet))
    sums = { atMs: nowMs, value }
    value.catch(() => {
      sums = undefined
    })
    return value
  }

  return [
    answering(storageRoutes.grants, async () => {
      const groupOf = new Map<string, Set<string>>()
      for (const { row, groups } of view.devices.values()) {
        const last = groups.at(-1)
        const grant = hex(row.grantId)
        groupOf.set(grant, (groupOf.get(grant) ?? new Set()).add(last === undefined ? '' : hex(last.id)))
      }
      const nowMs = clock.now()
      return {
        items: (await listGrants(sql, requireFleet(fleet))).map(row => {
          const [group, ...others] = [...(groupOf.get(hex(row.grantId)) ?? [])]
          return {
            ...{ id: hex(row.grantId), label: row.label, uses: row.uses, maxUses: row.maxUses },
            ...{
              expiresAtMs: row.expiresAtMs,
              state: stateOf(row, nowMs),
              manualApproval: row.manualApproval,
            },
            ...(row.revokedAtMs !== undefined && { revokedAtMs: row.revokedAtMs }),
            ...(group && others.length === 0 && { groupId: group }),
          }
        }),
      }
    }),

    answering(storageRoutes.storage, async () => {
      const [packs, stored, free, status, condemned, devices] = await Promise.all([
        packSums(sql, vault),
        storedSum(sql, vault),
        store.freeBytes(),
        rotationStatus(sql, vault),
        condemnedSum(sql, vault),
        deviceSums(),
      ])
      // Last: with many devices it only begins here, and would be in the way of the others.
      const retention = await retentionPreview()
      const collectedMs = Number((await readPosition(sql, vault, collectedPosition)) ?? 0)
      const every = devices.reduce((sum, one) => sum + one.allBytes, 0)
      const largest = devices.toSorted((a, b) => b.bytes - a.bytes).slice(0, largestMax)
      const { periodMs } = status
      return {
        ...{ asOfMs: clock.now(), bytes: stored.bytes, objects: stored.objects, packs: { ...packs } },
        logicalBytes: devices.reduce((sum, one) => sum + one.newestBytes, 0),
        ...(stored.bytes > 0 && every > 0 && { dedup: every / stored.bytes }),
        disk: { bytes: packs.bytes, freeBytes: free, reserveBytes: schedule.reserveBytes },
        condemned: { objects: condemned.objects, bytes: condemned.bytes },
        collection: {
          everyMs: schedule.collectEveryMs,
          ...(collectedMs > 0 && { lastAtMs: collectedMs }),
          ...(collectedMs > 0 &&
            schedule.collectEveryMs > 0 && { nextAtMs: collectedMs + schedule.collectEveryMs }),
        },
        scrub: {
          ...(periodMs && { periodMs }),
          ...(packs.packs > 0 && { oldestUnverifiedAtMs: Math.max(0, clock.now() - status.oldestAgeMs) }),
          late: status.isLate,
          damagedObjects: status.damage.reduce((sum, one) => sum + one.objects, 0),
          damagedDevices: status.damage.map(({ device, objects, bytes, snapshots }) => ({
            ...{ device, objects, bytes, snapshots: snapshots.length },
          })),
        },
        ...(retention !== undefined && { retention }),
        devices: largest.map(({ device, objects, bytes, snapshots, newestBytes }) => ({
          ...{ device, name: view.devices.get(device)?.row.name ?? '', objects, bytes, snapshots },
          logicalBytes: newestBytes,
        })),
      }
    }),
  ]
}

type Preview = NonNullable<Storage['retention']>

/** Of those that lose snapshots. */
const losersMax = 50

async function previewOf(parts: ApiParts): Promise<Preview> {
  const own = requireFleet(parts.fleet)
  const nowMs = parts.retention.now()
  const rules = await readRules(parts, own)
  const losers: Preview['devices'] = []
  let snapshots = 0
  let looked = 0
  for (const { row } of parts.view.devices.values()) {
    // Seconds with ten thousand devices: others are let in between.
    if (++looked % previewAtOnce === 0) await setImmediate()
    const all = await retainedOf(parts, own, row.device)
    snapshots += all.length
    const mayGo = retain(all, rules.ruleFor(row, nowMs), nowMs).filter(one => one.state === 'may_go').length
    if (mayGo > 0) losers.push({ device: row.device, name: row.name, snapshots: all.length, mayGo })
  }
  const mayGo = losers.reduce((sum, one) => sum + one.mayGo, 0)
  const devices = losers.toSorted((a, b) => b.mayGo - a.mayGo).slice(0, losersMax)
  return { snapshots, mayGo, devicesTotal: losers.length, devices }
}

function stateOf({ revokedAtMs, expiresAtMs, uses, maxUses }: GrantRow, nowMs: number) {
  if (revokedAtMs !== undefined) return 'revoked' as const
  if (expiresAtMs <= nowMs) return 'expired' as const
  return uses >= maxUses ? ('used_up' as const) : ('open' as const)
}
