// Vectors of parcels: docs/format.md §9.9.
import { type Bytes, concat, hex } from '@backstay/proto/bytes'
import { type DeviceId, idToBytes } from '@backstay/proto/object/id'
import type { Primitives } from '@backstay/proto/primitives'
import { signEnvelope } from '@backstay/proto/trust/envelope'
import { newOrder, type Order } from '@backstay/proto/trust/order'
import { encodeParcel, type Parcel, signParcel, signParcelEnd } from '@backstay/proto/trust/parcel'
import { testFleet, testKey, testNowMs } from '@backstay/proto/trust/testing/fleet'
import { openBook } from './book.ts'

const dayMs = 86_400_000
const source = '01'.repeat(16) as DeviceId
const receiver = '02'.repeat(16) as DeviceId
const unknownField = Uint8Array.of(0xf8, 0x01, 1)

export async function writeParcels(p: Primitives): Promise<void> {
  const book = openBook('trust-parcel.json', 'Parcels, and their ends.')
  const fleet = await testFleet(p)
  const key = await testKey(p, 'parcel')
  const stranger = await testKey(p, 'stranger')
  const base = {
    fleet: fleet.trust.fleet,
    trust: [book.share('trust', fleet.trust.envelope)],
    nowMs: testNowMs + 1000,
  }
  const order = (changes: Partial<Order> = {}): Order => ({
    ...newOrder(p, fleet.trust, testNowMs, {
      expiresAtMs: testNowMs + 30 * dayMs,
      audience: [idToBytes(receiver)],
    }),
    ...changes,
  })
  const parcel = (changes: Partial<Parcel> = {}): Parcel => ({
    ...{
      order: order(),
      key: key.publicKey,
      source,
      entries: 12,
      bytes: 3456,
      sealed: new Uint8Array(20).fill(5),
    },
    ...changes,
  })
  const verify = (name: string, envelope: Bytes, failure?: string, more: object = {}) =>
    book.add(name, 'parcel.verify', { ...base, envelope: hex(envelope), ...more }, failure)
  const signed = await signParcel(p, parcel(), fleet.admin, key)
  await verify('signed by an admin who may restore, and by its own key', signed)
  await verify('by a stranger', await signParcel(p, parcel(), stranger, key), 'not_authorized')
  const alone = await signEnvelope(p, 'parcel', encodeParcel(parcel()), [fleet.admin])
  await verify('not signed by its own key', alone, 'bad_signature')
  await verify('when it is over', signed, 'expired', { nowMs: testNowMs + 30 * dayMs })
  const foreign = parcel({ order: order({ fleet: '00'.repeat(32) as Order['fleet'] }) })
  await verify('of another fleet', await signParcel(p, foreign, fleet.admin, key), 'wrong_fleet')
  const end = { order: order({ audience: [], expiresAtMs: 0 }), ends: source }
  await verify('the end of one', await signParcelEnd(p, end, fleet.admin))
  await verify('the end of one, by its own key', await signParcelEnd(p, end, key), 'not_authorized')
  const bad: [string, Partial<Parcel>][] = [
    ['for nobody', { order: order({ audience: [] }) }],
    ['for two', { order: order({ audience: [idToBytes(receiver), idToBytes(source)] }) }],
    ['for its own source', { source: receiver }],
    ['without an end', { order: order({ expiresAtMs: 0 }) }],
    ['for more than 366 days', { order: order({ expiresAtMs: testNowMs + 367 * dayMs }) }],
    ['without what was packed', { sealed: new Uint8Array() }],
  ]
  for (const [name, changes] of bad)
    await verify(name, await signParcel(p, parcel(changes), fleet.admin, key), 'bad_parcel')
  const both = concat(encodeParcel(parcel()), Uint8Array.of(0x3a, 16), idToBytes(source))
  await verify(
    'that begins and ends',
    await signEnvelope(p, 'parcel', both, [fleet.admin, key]),
    'bad_parcel',
  )
  const unknown = concat(encodeParcel(parcel()), unknownField)
  await verify(
    'with an unknown field, which might be a limit',
    await signEnvelope(p, 'parcel', unknown, [fleet.admin, key]),
    'bad_parcel',
  )
  book.write()
}
