/** A parcel as a key holder gives it: signed, escrowed, and shaped like a device for what puts objects. */
import type { Bytes } from '@backstay/proto/bytes'
import { nodePrimitives as p } from '@backstay/proto/node'
import { idToBytes } from '@backstay/proto/object/id'
import { deviceIdOf } from '@backstay/proto/trust/certificate'
import { newOrder } from '@backstay/proto/trust/order'
import { type Parcel, signParcel, signParcelEnd } from '@backstay/proto/trust/parcel'
import { type TestDevice, type TestFleet, testKey, testNowMs } from '@backstay/proto/trust/testing/fleet'
import { laptop, sampleFleet, server } from './sample-vault.ts'

const dayMs = 86_400_000

export type SampleParcel = TestDevice & {
  readonly parcel: Parcel
  readonly envelope: Bytes
}

/** From the laptop to the server, for thirty days. */
export async function sampleParcel(
  name: string,
  changes: Partial<Parcel> & {
    readonly nowMs?: number
    readonly days?: number
    readonly by?: TestFleet
  } = {},
): Promise<SampleParcel> {
  const { nowMs = testNowMs, days = 30, by = sampleFleet, ...more } = changes
  const key = await testKey(p, `parcel ${name}`)
  const audience = [idToBytes(server.id)]
  const parcel: Parcel = {
    order: newOrder(p, by.trust, nowMs, { expiresAtMs: nowMs + days * dayMs, audience }),
    key: key.publicKey,
    source: laptop.id,
    entries: 3,
    bytes: 300,
    sealed: new Uint8Array(50).fill(1),
    ...more,
  }
  const id = await deviceIdOf(p, key.publicKey)
  return { ...laptop, id, key, parcel, envelope: await signParcel(p, parcel, by.admin, key) }
}

export function sampleParcelEnd({ id }: SampleParcel, nowMs = testNowMs): Promise<Bytes> {
  return signParcelEnd(p, { order: newOrder(p, sampleFleet.trust, nowMs), ends: id }, sampleFleet.admin)
}
