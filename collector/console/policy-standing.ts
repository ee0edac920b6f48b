/** Whether a device obeys the orders that it should, by what it signed itself. */
import { equalBytes } from '@backstay/proto/bytes'
import { isFailure } from '@backstay/proto/failure'
import {
  concerning,
  type StandingOrder,
  standingHash,
  standingKinds,
  standingOf,
} from '@backstay/proto/policy/standing'
import { verifyStanding } from '@backstay/proto/trust/orders'
import type { AdminSession } from './admin.ts'
import type { VerifiedDevice } from './device-health.ts'

export interface PolicyStanding {
  /** Names of the layers that concern the device, the fleet's first. */
  readonly layers: readonly string[]
  /** Undefined: the device has not said. */
  readonly isObeyed: boolean | undefined
}

export async function policyStanding(
  { primitives: p, link, trust }: AdminSession,
  { certificate, heartbeat }: VerifiedDevice,
): Promise<PolicyStanding> {
  const orders: StandingOrder[] = []
  for (const kind of standingKinds) {
    for await (const { envelope } of link.listRecords(kind)) {
      try {
        orders.push(await verifyStanding(p, envelope, { trust, nowMs: 0, held: true }))
      } catch (error) {
        if (!isFailure(error)) throw error
      }
    }
  }
  const own = concerning(standingOf(orders), certificate)
  const layers = own.flatMap(one => (one.kind === 'policy' ? [one.name] : []))
  if (heartbeat === undefined || heartbeat === 'forged') return { layers, isObeyed: undefined }
  const { standing } = heartbeat
  const isObeyed = standing !== undefined && equalBytes(await standingHash(p, own), standing)
  return { layers, isObeyed: isObeyed || (own.length === 0 && standing === undefined) }
}
