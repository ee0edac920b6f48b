// Vectors of retention and of what a collector signs: docs/format.md §9.6, §9.7.
import { concat } from '@backstay/proto/bytes'
import { deviceId, objectId } from '@backstay/proto/object/id'
import type { Primitives } from '@backstay/proto/primitives'
import { encodeCatalogRows, signCatalogRows } from '@backstay/proto/trust/catalog-rows'
import { signEnvelope } from '@backstay/proto/trust/envelope'
import { encodeForget, signForget } from '@backstay/proto/trust/forget'
import { encodeReceipt, signReceipt } from '@backstay/proto/trust/receipt'
import { testFleet, testKey, testNowMs } from '@backstay/proto/trust/testing/fleet'
import { openBook } from './book.ts'

const dayMs = 86_400_000
const hourMs = 3_600_000
const unknownField = Uint8Array.of(0xf8, 0x01, 1)
const nothing = { keepWithinDays: 0, keepDaily: 0, keepWeekly: 0, keepMonthly: 0, keepYearly: 0 }
const snapshotId = (sequence: number) => objectId(new Uint8Array(32).fill(sequence))

/** Sequence 1, 2, 3 … came in so many milliseconds after 2026-01-01, a Thursday. */
function snapshots(afterMs: readonly number[], incomplete: readonly number[] = []) {
  return afterMs.map((after, index) => ({
    sequence: index + 1,
    heldSinceMs: testNowMs + after,
    complete: !incomplete.includes(index + 1),
  }))
}

export async function writeRetention(p: Primitives): Promise<void> {
  const book = openBook(
    'retention.json',
    'Which snapshots stay, and the records by which a rebuild knows it.',
  )
  const rule = (changes: object = {}) => ({
    wishes: [nothing],
    minimumAgeDays: 30,
    pinned: [],
    held: false,
    ...changes,
  })
  const lateMs = testNowMs + 400 * dayMs
  const daily = snapshots([0, 1, 2, 3].flatMap(day => [1, 2, 3].map(hour => 9 * day * dayMs + hour * hourMs)))
  const verdicts = (name: string, input: object) => book.add(name, 'retention.verdicts', { ...input })
  const wish = (changes: object) => rule({ wishes: [{ ...nothing, ...changes }] })
  await verdicts('no wish: everything stays', { snapshots: daily, rule: rule({ wishes: [] }), nowMs: lateMs })
  await verdicts('a wish without a number: everything stays', {
    snapshots: daily,
    rule: rule(),
    nowMs: lateMs,
  })
  for (const keepDaily of [1, 2, 3]) {
    const name = `oldest and newest of the newest ${keepDaily} days that have snapshots`
    await verdicts(name, { snapshots: daily, rule: wish({ keepDaily }), nowMs: lateMs })
  }
  const weeks = snapshots([3 * dayMs, 4 * dayMs, 40 * dayMs, 45 * dayMs, 400 * dayMs])
  await verdicts('weeks from Monday, months, years', {
    ...{ snapshots: weeks, nowMs: testNowMs + 900 * dayMs },
    rule: wish({ keepWeekly: 2, keepMonthly: 2, keepYearly: 1 }),
  })
  await verdicts('nothing younger than 30 days goes, whatever Trust asks for', {
    ...{ snapshots: daily, nowMs: testNowMs + 31 * dayMs },
    rule: { ...wish({ keepDaily: 1 }), minimumAgeDays: 1 },
  })
  await verdicts('Trust may ask for more days', {
    ...{ snapshots: daily, nowMs: testNowMs + 60 * dayMs },
    rule: { ...wish({ keepDaily: 1 }), minimumAgeDays: 90 },
  })
  await verdicts('the newest incomplete one stays, and the last three complete ones', {
    ...{
      snapshots: snapshots(
        [1, 2, 3, 4, 5, 6, 7].map(day => day * dayMs),
        [3, 6, 7],
      ),
      nowMs: lateMs,
    },
    rule: wish({ keepDaily: 1 }),
  })
  await verdicts('a pin', {
    snapshots: daily,
    rule: { ...wish({ keepDaily: 1 }), pinned: [2] },
    nowMs: lateMs,
  })
  await verdicts('a hold', {
    snapshots: daily,
    rule: { ...wish({ keepDaily: 1 }), held: true },
    nowMs: lateMs,
  })
  await verdicts('a shorter policy waits beside the longer one', {
    ...{ snapshots: daily, nowMs: lateMs },
    rule: rule({
      wishes: [
        { ...nothing, keepDaily: 1 },
        { ...nothing, keepDaily: 4 },
      ],
    }),
  })
  await verdicts('a clock that stands before all of them lets nothing go', {
    ...{ snapshots: daily, nowMs: testNowMs - 3650 * dayMs },
    rule: wish({ keepDaily: 1 }),
  })

  const fleet = await testFleet(p)
  const stranger = await testKey(p, 'stranger')
  const base = { fleet: fleet.trust.fleet, trust: [book.share('trust', fleet.trust.envelope)] }
  const scope = { fleet: fleet.trust.fleet, device: deviceId(new Uint8Array(16).fill(1)), clockMs: testNowMs }
  const forget = { ...scope, snapshots: [snapshotId(3), snapshotId(4)] }
  const receipt = { ...scope, received: [{ snapshot: snapshotId(3), clockMs: testNowMs - 5 }] }
  const { collector } = fleet
  const add = (name: string, deed: string, envelope: Uint8Array, failure?: string) =>
    book.add(name, deed, { ...base, envelope: book.share(name, envelope) }, failure)
  await add('forget', 'forget.verify', await signForget(p, forget, collector))
  await add(
    'forget of nothing',
    'forget.verify',
    await signForget(p, { ...forget, snapshots: [] }, collector),
    'bad_forget',
  )
  await add('forget by an admin', 'forget.verify', await signForget(p, forget, fleet.admin), 'bad_signature')
  await add('forget by a stranger', 'forget.verify', await signForget(p, forget, stranger), 'bad_signature')
  const condition = concat(encodeForget(forget), unknownField)
  const conditional = await signEnvelope(p, 'forget', condition, [collector])
  await add('forget under a condition that is not known', 'forget.verify', conditional, 'bad_forget')
  await add('receipt', 'receipt.verify', await signReceipt(p, receipt, collector))
  await add(
    'receipt of the clock',
    'receipt.verify',
    await signReceipt(p, { ...receipt, device: undefined, received: [] }, collector),
  )
  const later = await signEnvelope(p, 'receipt', concat(encodeReceipt(receipt), unknownField), [collector])
  await add('receipt with something that is not known', 'receipt.verify', later)
  await add('receipt by a device', 'receipt.verify', await signReceipt(p, receipt, stranger), 'bad_signature')
  await add('forget for a receipt', 'receipt.verify', await signForget(p, forget, collector), 'wrong_kind')
  const elsewhere = { ...forget, fleet: snapshotId(9) as unknown as typeof forget.fleet }
  await add(
    'forget of another fleet',
    'forget.verify',
    await signForget(p, elsewhere, collector),
    'wrong_fleet',
  )
  book.write()
}

export async function writeCatalogRows(p: Primitives): Promise<void> {
  const book = openBook('catalog-rows.json', 'Rows of a catalog in the packs.')
  const fleet = await testFleet(p)
  const { collector } = fleet
  const base = { fleet: fleet.trust.fleet, trust: [book.share('trust', fleet.trust.envelope)] }
  const table = {
    name: 'devices',
    columns: ['last_seen_ms', 'device', 'note'],
    rows: [
      [testNowMs, new Uint8Array(16).fill(1), 'é'],
      [0, new Uint8Array(), undefined],
    ],
  }
  const rows = { fleet: fleet.trust.fleet, clockMs: testNowMs, part: 1, parts: 2, tables: [table] }
  const add = async (name: string, changes: object, failure?: string, key = collector) =>
    book.add(
      name,
      'catalog.verify',
      { ...base, envelope: book.share(name, await signCatalogRows(p, { ...rows, ...changes }, key)) },
      failure,
    )
  await add('numbers, bytes, text and nothing', {})
  await add('no tables', { tables: [] })
  await add('part 0', { part: 0 }, 'bad_catalog_rows')
  await add('part 3 of 2', { part: 3 }, 'bad_catalog_rows')
  await add('a row with a cell too few', { tables: [{ ...table, rows: [[1, 2]] }] }, 'bad_catalog_rows')
  await add('a table without columns', { tables: [{ ...table, columns: [], rows: [] }] }, 'bad_catalog_rows')
  await add('a negative number', { tables: [{ ...table, rows: [[-1, 2, 3]] }] }, 'bad_catalog_rows')
  await add('by an owner', {}, 'bad_signature', fleet.owner)
  const cut = encodeCatalogRows(rows).slice(0, -3)
  const envelope = book.share('cut', await signEnvelope(p, 'catalog', cut, [collector]))
  await book.add('cut short', 'catalog.verify', { ...base, envelope }, 'bad_catalog_rows')
  book.write()
}
