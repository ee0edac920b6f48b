import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type Bytes, compareBytes, hex } from '../bytes.ts'
import { isFailure } from '../failure.ts'
import { type ObjectId, objectId } from '../object/id.ts'
import { decodeIndex, eachName, encodeIndex, type NameEvent, type NameRun, runWriter } from './names.ts'

const seed = Number(process.env.SEED ?? Date.now() % 1_000_000_007)
console.log(`SEED=${seed}`)
const runs = process.env.SLOW ? 2_000 : 200

const event = fc.record(
  {
    // Few letters, so that names share much and one begins another.
    key: fc.uint8Array({ minLength: 1, maxLength: 12, max: 3 }).map(bytes => bytes as Bytes),
    sequence: fc.integer({ min: 5, max: 5000 }),
    isGone: fc.boolean(),
  },
  { noNullPrototype: true },
)

function inOrder(events: readonly NameEvent[]): NameEvent[] {
  const sorted = events.toSorted((a, b) => compareBytes(a.key, b.key) || a.sequence - b.sequence)
  return sorted.filter(
    (one, at) =>
      at === 0 ||
      compareBytes((sorted[at - 1] as NameEvent).key, one.key) !== 0 ||
      sorted[at - 1]?.sequence !== one.sequence,
  )
}

function written(events: readonly NameEvent[], first = 5): Bytes {
  const writer = runWriter(first)
  // A key lies in memory that its giver uses again.
  const scratch = new Uint8Array(64)
  for (const { key, sequence, isGone } of events) {
    scratch.set(key)
    writer.add(scratch.subarray(0, key.length), sequence, isGone)
  }
  return writer.take().bytes
}

function read(bytes: Bytes, first = 5): NameEvent[] {
  const found: NameEvent[] = []
  eachName(bytes, first, (key, sequence, isGone) => found.push({ key: key.slice(), sequence, isGone }))
  return found
}

describe('a run of names', () => {
  it('says what was written', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), events => {
        const sorted = inOrder(events)
        assert.deepEqual(read(written(sorted)), sorted)
      }),
      { seed, numRuns: runs },
    )
  })

  it('shares what names begin with', () => {
    const events = Array.from({ length: 1000 }, (_, at) => ({
      key: new TextEncoder().encode(`/\0home\0ada\0\0photo-${String(at).padStart(5, '0')}.jpg`),
      ...{ sequence: 5, isGone: false },
    }))
    assert.ok(written(events).length < 12 * events.length)
  })

  it('begins anew after a part was taken', () => {
    const writer = runWriter(1)
    const [a, b] = [Uint8Array.of(1, 1, 1), Uint8Array.of(1, 1, 2)]
    writer.add(a, 1, false)
    writer.take()
    assert.equal(writer.names, 0)
    writer.add(b, 2, true)
    assert.deepEqual(read(writer.take().bytes, 1), [{ key: b, sequence: 2, isGone: true }])
  })

  it('damaged anywhere, is refused or says something in order, and never crashes', () => {
    fc.assert(
      fc.property(
        fc.array(event, { minLength: 1, maxLength: 20 }),
        fc.nat(),
        fc.nat(255),
        (events, at, value) => {
          const bytes = written(inOrder(events)).slice()
          bytes[at % bytes.length] = value
          for (const spoilt of [bytes, bytes.subarray(0, at % bytes.length)]) {
            try {
              const found = read(spoilt)
              for (const [index, one] of found.entries())
                if (index > 0) assert.ok(compareBytes((found[index - 1] as NameEvent).key, one.key) <= 0)
            } catch (error) {
              assert.ok(isFailure(error, 'bad_names'), String(error))
            }
          }
        },
      ),
      { seed, numRuns: runs },
    )
  })

  it('is never read as an index, nor an index as a run', () => {
    const index = encodeIndex([run(1)])
    assert.throws(() => read(index.bytes), { code: 'bad_names' })
    assert.throws(() => decodeIndex(written([{ key: Uint8Array.of(1), sequence: 5, isGone: false }]), []), {
      code: 'bad_names',
    })
  })
})

function run(number: number, facts: Partial<NameRun> = {}): NameRun {
  const id: ObjectId = objectId(new Uint8Array(32).fill(number))
  return {
    reference: { id, key: new Uint8Array(32).fill(100 + number) },
    ...{ firstSequence: number, lastSequence: number + 3, names: 10 * number, isAll: number === 1 },
    endedAtMs: -5 + number,
    ...facts,
  }
}

describe('an index of names', () => {
  it('says what was written, in its order', () => {
    for (const list of [[], [run(1)], [run(9), run(2), run(4)], [run(3), run(3, { firstSequence: 1 })]]) {
      const { bytes, children } = encodeIndex(list)
      assert.deepEqual(children.map(hex), [...new Set(list.map(one => one.reference.id as string))].sort())
      assert.deepEqual(decodeIndex(bytes, children), list)
    }
  })

  it('with other children than its own is refused', () => {
    const { bytes, children } = encodeIndex([run(1), run(2)])
    for (const others of [[], children.slice(1), [...children, new Uint8Array(32).fill(99)]])
      assert.throws(() => decodeIndex(bytes, others), { code: 'bad_names' })
  })

  it('of random bytes is refused or is one', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
        try {
          decodeIndex(bytes as Bytes, [])
        } catch (error) {
          assert.ok(isFailure(error, 'bad_names'), String(error))
        }
      }),
      { seed, numRuns: runs },
    )
  })
})
