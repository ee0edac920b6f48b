/** Which policy is handed to a device: the newest that is meant for it and that our Trust still stands behind. */
import type { Bytes } from '@backstay/proto/bytes'
import { isFailure } from '@backstay/proto/failure'
import { type DeviceId, idToBytes } from '@backstay/proto/object/id'
import type { Primitives } from '@backstay/proto/primitives'
import { newestFor, type Order } from '@backstay/proto/trust/order'
import { verifyPolicy } from '@backstay/proto/trust/orders'
import type { VerifiedTrust } from '@backstay/proto/trust/trust'
import { recordsOf } from '../catalog/records.ts'
import type { Sql } from '../catalog/sql.ts'

export interface Policies {
  /** Envelope; undefined when none is meant for this device. */
  newestFor(trust: VerifiedTrust, device: DeviceId, grantId: Bytes): Promise<Bytes | undefined>
  /** A policy came, or Trust changed. */
  changed(): void
}

interface Candidate {
  readonly order: Order
  readonly envelope: Bytes
}

export function keepPolicies(p: Primitives, sql: Sql): Policies {
  let candidates: Promise<readonly Candidate[]> | undefined
  return {
    async newestFor(trust, device, grantId) {
      candidates ??= standing(p, sql, trust)
      // What failed once is tried again by the next who asks.
      candidates.catch(() => this.changed())
      return newestFor(await candidates, [idToBytes(device), grantId])?.envelope
    },
    changed() {
      candidates = undefined
    },
  }
}

/** The agent judges for itself; a policy of a removed admin would only hide an older one that it would take. */
async function standing(p: Primitives, sql: Sql, trust: VerifiedTrust): Promise<readonly Candidate[]> {
  const found: Candidate[] = []
  for (const { envelope } of await recordsOf(sql, trust.fleet, 'policy')) {
    try {
      const { order } = await verifyPolicy(p, envelope, { trust, nowMs: 0, held: true })
      found.push({ order, envelope })
    } catch (error) {
      if (!isFailure(error)) throw error
    }
  }
  return found
}
