/** Groups, layers, and who obeys what. Changes come as signed records. */
import { hex } from '@backstay/proto/bytes'
import { Failure, isFailure } from '@backstay/proto/failure'
import { effectivePolicy } from '@backstay/proto/policy/effective'
import { decodePolicy, type Policy } from '@backstay/proto/policy/policy'
import { retain } from '@backstay/proto/policy/retention'
import { type Standing, standingOf } from '@backstay/proto/policy/standing'
import { policyRoutes } from '@backstay/proto/rest/policies'
import type { PolicyLayer } from '@backstay/proto/rest/settings'
import { decodeEnvelope } from '@backstay/proto/trust/envelope'
import type { VerifiedTrust } from '@backstay/proto/trust/trust'
import type { ViewedDevice } from '../fleet/fleet-view.ts'
import { verifiedOrders } from '../fleet/standing-orders.ts'
import { retainedOf } from '../upkeep/collection/forget.ts'
import { readRules } from '../upkeep/collection/rules.ts'
import { type Answering, answering } from './answer.ts'
import { sees } from './caller.ts'
import { namesByKeyId } from './key-names.ts'
import type { ApiParts } from './parts.ts'
import { settingView } from './setting-view.ts'
import { requireFleet } from './sign-in/sessions.ts'

const touchedShown = 100

export function policyRoutesOf(parts: ApiParts): Answering[] {
  const { fleet, view, p, sql } = parts
  return [
    answering(policyRoutes.groups, async ({ caller }) => {
      const standing = await fleet.standing()
      const devices = [...view.devices.values()].filter(
        one => sees(caller, one) && one.row.revokedAtMs === undefined,
      )
      const groups = [...standing.groups.values()].filter(
        group =>
          caller.groups === undefined ||
          devices.some(one => one.groups.some(own => hex(own.id) === hex(group.id))) ||
          caller.groups.has(hex(group.id)),
      )
      const direct = Map.groupBy(devices, one => idOf(one.groups.at(-1)))
      return {
        items: groups.map(({ id, name, parent, retired }) => ({
          ...{ id: hex(id), name, ...(parent && { parent: hex(parent) }), retired },
          devices: direct.get(hex(id))?.length ?? 0,
          devicesBelow: devices.filter(one => one.groups.some(own => hex(own.id) === hex(id))).length,
        })),
      }
    }),

    answering(policyRoutes.list, async () => {
      const trust = requireTrust(parts)
      const standing = await fleet.standing()
      const newest = new Set([...standing.policies.values()].map(policy => hex(policy.order.id)))
      const signers = await namesByKeyId(parts.p, trust)
      const layers: PolicyLayer[] = []
      for (const { order, record } of await verifiedOrders(p, sql, trust)) {
        if (order.kind !== 'policy' || !newest.has(hex(order.order.id))) continue
        const [signature] = decodeEnvelope(record.envelope).signatures
        const signer = signature && signers.get(hex(signature.keyId))
        layers.push(layerOf(order, standing, signer))
      }
      return { items: layers }
    }),

    answering(policyRoutes.rollout, async ({ caller }) => {
      const devices = [...view.devices.values()].filter(
        one => sees(caller, one) && one.row.revokedAtMs === undefined,
      )
      const items = devices.map(({ row, obeys, refused, onlineSinceMs }) => ({
        ...{ device: row.device, name: row.name, online: onlineSinceMs !== undefined },
        obeys: obeys === undefined ? ('unknown' as const) : obeys ? ('newest' as const) : ('behind' as const),
        refused: refused.map(({ id, code }) => ({ ...(id && { id: hex(id) }), code })),
        ...(row.obeyed && { saidAtMs: row.obeyed.atMs }),
      }))
      const count = (obeys: string) => items.filter(one => one.obeys === obeys).length
      return { newest: count('newest'), behind: count('behind'), unknown: count('unknown'), items }
    }),

    answering(policyRoutes.preview, async ({ body }) => {
      const policy = readPolicy(body.policy)
      const before = await fleet.standing()
      // As if it stood already, whatever its number says.
      const rest = [...before.policies.values()].filter(one => audienceOf(one) !== audienceOf(policy))
      const after = standingOf([...rest, policy, ...before.groups.values(), ...before.assignments.values()])
      const alive = [...view.devices.values()].filter(one => one.row.revokedAtMs === undefined)
      const touched = alive.flatMap(device => {
        const keys = changedKeys(before, after, device)
        return keys.length === 0
          ? []
          : { device: device.row.device, name: device.row.name, keys, viewed: device }
      })
      const { snapshots, dropped } = await wouldDrop(
        parts,
        after,
        touched.filter(one => one.keys.includes('retention')).map(one => one.viewed),
      )
      return {
        devices: touched.length,
        touched: touched.slice(0, touchedShown).map(({ device, name, keys }) => ({ device, name, keys })),
        ...{ snapshots, droppedSnapshots: dropped },
      }
    }),
  ]
}

/** By the new retention alone, once the week is over in which the old one stays beside it. */
async function wouldDrop(parts: ApiParts, after: Standing, devices: readonly ViewedDevice[]) {
  const own = requireFleet(parts.fleet)
  const nowMs = parts.retention.now()
  const rules = await readRules(parts, own)
  let snapshots = 0
  let dropped = 0
  for (const { row } of devices) {
    const all = await retainedOf(parts, own, row.device)
    const wishes = [effectivePolicy(after, row).values.retention]
    const verdicts = retain(all, { ...rules.ruleFor(row, nowMs), wishes }, nowMs)
    snapshots += all.length
    dropped += verdicts.filter(one => one.state === 'may_go').length
  }
  return { snapshots, dropped }
}

function changedKeys(before: Standing, after: Standing, { row }: ViewedDevice): string[] {
  const textOf = (standing: Standing) =>
    new Map(
      [...effectivePolicy(standing, row).settings].map(([key, { setting }]) => [
        key,
        JSON.stringify(settingView(setting).value),
      ]),
    )
  const old = textOf(before)
  const next = textOf(after)
  return [...new Set([...old.keys(), ...next.keys()])].filter(key => old.get(key) !== next.get(key))
}

function layerOf(policy: Policy, standing: Standing, signer: string | undefined): PolicyLayer {
  const audience = audienceOf(policy)
  const group = standing.groups.get(audience)
  const layer = audience === '' ? 'fleet' : group !== undefined ? 'group' : 'device_or_grant'
  const { order, settings, isNewer, name } = policy
  return {
    ...{
      audience,
      layer,
      name: group?.name ?? name,
      sequence: order.sequence,
      trustVersion: order.trustVersion,
    },
    ...{ issuedAtMs: order.issuedAtMs, ...(signer !== undefined && { signer }), newer: isNewer },
    settings: settings.map(settingView),
  }
}

/** Throws `bad_request`. */
function readPolicy(text: string): Policy {
  try {
    return decodePolicy(new Uint8Array(Buffer.from(text, 'base64')))
  } catch (error) {
    if (!isFailure(error)) throw error
    throw new Failure('bad_request', `body.policy: ${error.message}`)
  }
}

function requireTrust({ fleet }: ApiParts): VerifiedTrust {
  requireFleet(fleet)
  if (fleet.trust === undefined) throw new Error('assertion failed: a fleet without Trust')
  return fleet.trust
}

const idOf = (group: { readonly id: Uint8Array } | undefined) => (group === undefined ? '' : hex(group.id))
/** Empty: the whole fleet. */
const audienceOf = ({ order }: Policy) => (order.audience[0] === undefined ? '' : hex(order.audience[0]))
