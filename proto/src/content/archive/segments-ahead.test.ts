import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure, isFailure } from '../../failure.ts'
import type { ObjectId, Sealed } from '../../object/id.ts'
import { addWanted, segmentsAhead, type Wanted } from './segments-ahead.ts'

const mebibyte = 1024 * 1024
const idOf = (number: number): ObjectId => number.toString(16).padStart(64, '0') as ObjectId
const extentOf = (number: number) => ({
  segment: { id: idOf(number), key: new Uint8Array(32) },
  start: 0,
  length: mebibyte,
})

function wantedOf(...numbers: readonly number[]): Wanted {
  const wanted: Wanted = new Map()
  for (const number of numbers) addWanted(wanted, extentOf(number))
  return wanted
}

/** Segments that hold their number; 13 is missing, 14 damaged. */
function place() {
  const fetched: number[] = []
  const given = new Set<Uint8Array>()
  let cut = false
  const segments = segmentsAhead(
    {
      async *get(ids) {
        for (const id of ids) {
          if (cut) throw new Failure('link_cut', 'cut', { remedy: 'retry' })
          const number = Number.parseInt(id, 16)
          fetched.push(number)
          yield { id, stored: number === 13 ? undefined : (new Uint8Array([number]) as Sealed) }
        }
      },
    },
    {
      async open(_, stored, length) {
        if (stored[0] === 14) throw new Failure('wrong_id', 'damaged', { remedy: 'repair' })
        const plain = new Uint8Array(length).fill(stored[0] as number)
        given.add(plain)
        return plain
      },
      giveBack: plain => void given.delete(plain),
    },
  )
  return { segments, fetched, given, cut: () => (cut = true) }
}

test('what is wanted stays until it is let go, and a while longer; then its memory is used again', async () => {
  const { segments, fetched, given } = place()
  const all = wantedOf(...Array.from({ length: 12 }, (_, index) => index + 1))
  segments.want(all)
  await segments.ready(all)
  assert.equal(segments.opened(extentOf(7))[0], 7)
  assert.equal(given.size, 12)
  segments.want(wantedOf(1))
  segments.letGo(all)
  await new Promise(setImmediate)
  // Four that were used last, and the one that is still wanted.
  assert.equal(given.size, 5)
  assert.equal(segments.opened(extentOf(1))[0], 1)
  segments.want(wantedOf(12, 2))
  await segments.ready(wantedOf(12, 2))
  assert.deepEqual(fetched.slice(12), [2])
})

test('what is missing, damaged or too short is lost to those who need it, and asked for again by others', async () => {
  const { segments, fetched } = place()
  const some = wantedOf(13, 14, 15)
  segments.want(some)
  await segments.ready(some)
  assert.throws(() => segments.opened(extentOf(13)), { code: 'segment_missing' })
  assert.throws(() => segments.opened(extentOf(14)), { code: 'wrong_id' })
  assert.throws(() => segments.opened({ ...extentOf(15), start: 1 }), { code: 'bad_extent' })
  assert.equal(segments.opened(extentOf(15))[0], 15)
  segments.letGo(some)
  await new Promise(setImmediate)
  segments.want(wantedOf(14))
  await segments.ready(wantedOf(14))
  assert.deepEqual(fetched, [13, 14, 15, 14])
})

test('when the link is cut, all that did not come says so', async () => {
  const { segments, cut } = place()
  cut()
  segments.want(wantedOf(1, 2))
  await segments.ready(wantedOf(1, 2))
  assert.throws(
    () => segments.opened(extentOf(2)),
    error => isFailure(error, 'link_cut'),
  )
})
