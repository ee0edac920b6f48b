/** The orders about policy that stand, and which of them each device must be shown. */
import type { Bytes } from '@backstay/proto/bytes'
import { isFailure } from '@backstay/proto/failure'
import {
  concerning,
  type Place,
  type Standing,
  type StandingOrder,
  standingKinds,
  standingOf,
} from '@backstay/proto/policy/standing'
import type { Primitives } from '@backstay/proto/primitives'
import { decodeStanding, verifyStanding } from '@backstay/proto/trust/orders'
import type { VerifiedTrust } from '@backstay/proto/trust/trust'
import { type NewRecord, recordsOf } from '../catalog/records.ts'
import type { Sql } from '../catalog/sql.ts'

export interface StandingOrders {
  /** Envelopes, always the same bytes object for the same order. */
  concerning(trust: VerifiedTrust, place: Place): Promise<readonly Bytes[]>
  standing(trust: VerifiedTrust): Promise<Standing>
  /** One more, verified and durable. */
  add(envelope: Bytes): void
  /** Another Trust stands behind other orders. */
  trustChanged(): void
}

interface Known {
  readonly envelopes: Map<StandingOrder, Bytes>
  standing: Standing
}

export function keepStandingOrders(p: Primitives, sql: Sql): StandingOrders {
  let reading: Promise<Known> | undefined
  const known = (trust: VerifiedTrust): Promise<Known> => {
    reading ??= readKnown(p, sql, trust)
    // What failed once is tried again by the next who asks.
    reading.catch(keeper.trustChanged)
    return reading
  }
  const keeper: StandingOrders = {
    standing: async trust => (await known(trust)).standing,
    async concerning(trust, place) {
      const { standing, envelopes } = await known(trust)
      return concerning(standing, place).flatMap(order => envelopes.get(order) ?? [])
    },
    add(envelope) {
      const before = reading
      // Verifying all of them again would take a second where there are thousands.
      reading = before?.then(known => {
        known.envelopes.set(decodeStanding(envelope), envelope)
        known.standing = standingOf(known.envelopes.keys())
        return known
      })
    },
    trustChanged() {
      reading = undefined
    },
  }
  return keeper
}

async function readKnown(p: Primitives, sql: Sql, trust: VerifiedTrust): Promise<Known> {
  const envelopes = new Map<StandingOrder, Bytes>()
  for (const { order, record } of await verifiedOrders(p, sql, trust)) envelopes.set(order, record.envelope)
  return { envelopes, standing: standingOf(envelopes.keys()) }
}

/**
 * As devices believe them: signed by somebody who may command now; an order of a removed admin would only hide an older
 * one. Of each kind in the order in which they came.
 */
export async function verifiedOrders(
  p: Primitives,
  sql: Sql,
  trust: VerifiedTrust,
): Promise<{ readonly order: StandingOrder; readonly record: NewRecord }[]> {
  const found: { order: StandingOrder; record: NewRecord }[] = []
  for (const kind of standingKinds) {
    for (const record of await recordsOf(sql, trust.fleet, kind)) {
      try {
        found.push({
          order: await verifyStanding(p, record.envelope, { trust, nowMs: 0, held: true }),
          record,
        })
      } catch (error) {
        if (!isFailure(error)) throw error
      }
    }
  }
  return found
}
