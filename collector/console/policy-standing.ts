/** Whether a device follows the policy that it should, by what it says of itself. */
import { equalBytes } from '@backstay/proto/bytes'
import { isFailure } from '@backstay/proto/failure'
import { idToBytes } from '@backstay/proto/object/id'
import type { Policy } from '@backstay/proto/policy/policy'
import { standingOf } from '@backstay/proto/trust/heartbeat'
import { newestPolicyFor, verifyPolicy } from '@backstay/proto/trust/orders'
import type { AdminSession } from './admin.ts'
import type { VerifiedDevice } from './device-health.ts'

export interface PolicyStanding {
  /** The newest that is meant for the device and stands; undefined when there is none. */
  readonly policy: Policy | undefined
  /** Undefined: the device has not said. */
  readonly isFollowed: boolean | undefined
}

export async function policyStanding(
  { primitives: p, link, trust }: AdminSession,
  { certificate, heartbeat }: VerifiedDevice,
): Promise<PolicyStanding> {
  const audience = [idToBytes(certificate.device), certificate.grantId]
  const policies: Policy[] = []
  for await (const { envelope } of link.listRecords('policy')) {
    try {
      policies.push(await verifyPolicy(p, envelope, { trust, nowMs: 0, held: true }))
    } catch (error) {
      if (!isFailure(error)) throw error
    }
  }
  const policy = newestPolicyFor(policies, audience)
  if (heartbeat === undefined || heartbeat === 'forged') return { policy, isFollowed: undefined }
  const should = policy && (await standingOf(p, [policy.order.id]))
  const says = heartbeat.standing
  return { policy, isFollowed: should !== undefined && says !== undefined && equalBytes(should, says) }
}
