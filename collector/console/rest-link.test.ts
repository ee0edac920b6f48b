// Objects over REST from a collector that dies, stalls or lies in the middle of an answer.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Bytes, hex } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import type { DeviceId, ObjectId } from '@backstay/proto/object/id'
import { decodeIds, objectHead } from '@backstay/proto/rest/object-stream'
import { type Rest, restLink } from './rest-link.ts'

const device = 'ab'.repeat(16) as DeviceId
const ids = Array.from({ length: 40 }, (_, at) => at.toString(16).padStart(64, '0') as ObjectId)
const stored = (id: ObjectId) => Uint8Array.fromHex(id).slice(24)

/** One answer of the collector: so many bytes of what it should be, then an end or a failure. */
interface Answer {
  readonly bytes?: number
  readonly fails?: Failure
}

const away = () => new Failure('collector_unreachable', 'it does not answer', { remedy: 'retry' })

function stage(answers: readonly Answer[], begin: (asked: readonly ObjectId[]) => void = () => undefined) {
  const asked: ObjectId[][] = []
  const waited: number[] = []
  const told: boolean[] = []
  const left = [...answers]
  const rest: Rest = {
    get: () => Promise.reject(new Error('not in this test')),
    post: () => Promise.reject(new Error('not in this test')),
    async *octets(_path, body) {
      const wanted = decodeIds(body)
      asked.push([...wanted])
      begin(wanted)
      const { bytes = Number.POSITIVE_INFINITY, fails } = left.shift() ?? {}
      let sent = 0
      for (const piece of whole(wanted)) {
        const part = piece.subarray(0, Math.max(0, bytes - sent))
        sent += part.length
        if (part.length > 0) yield part
        if (sent >= bytes) break
      }
      if (fails !== undefined) throw fails
    },
  }
  const link = restLink(rest, {
    sleep: async ms => void waited.push(ms),
    onWaiting: is => void told.push(is),
  })
  const read = async (signal?: AbortSignal) => {
    const found = new Map<ObjectId, string>()
    for await (const one of link.get(ids, device, signal))
      found.set(one.id, one.stored === undefined ? '-' : hex(one.stored))
    return found
  }
  return { asked, waited, told, read }
}

function* whole(wanted: readonly ObjectId[]): Generator<Bytes> {
  for (const [index, id] of wanted.entries()) {
    yield objectHead(index, stored(id).length)
    yield stored(id)
  }
}

const all = new Map(ids.map(id => [id, hex(stored(id))]))

test('an answer that is cut anywhere is taken up where it was: nothing that came is asked for again', async () => {
  for (const bytes of [0, 3, 8, 12, 16, 31, 32, 200, 505]) {
    const at = stage([{ bytes, fails: away() }])
    assert.deepEqual(await at.read(), all, `cut after ${bytes}`)
    const again = at.asked.find(some => some.length < 32 && some.includes(ids[31] as ObjectId)) ?? at.asked[1]
    assert.equal(again?.length, 32 - Math.floor(bytes / 16), `cut after ${bytes}`)
    assert.deepEqual(at.told, [true, false])
  }
})

test('an answer that ends early without a failure is none', async () => {
  const at = stage([{ bytes: 100 }])
  assert.deepEqual(await at.read(), all)
  assert.deepEqual(at.waited, [500])
})

test('a collector that is away is waited for, ever longer, and at last no more', async () => {
  const at = stage(Array.from({ length: 5 }, () => ({ bytes: 0, fails: away() })))
  assert.deepEqual(await at.read(), all)
  assert.deepEqual(at.waited.slice(0, 4), [500, 1_000, 2_000, 4_000])
  const gone = stage(Array.from({ length: 1_000 }, () => ({ bytes: 0, fails: away() })))
  await assert.rejects(gone.read(), { code: 'collector_unreachable' })
  const hourMs = 3_600_000
  const waitedMs = gone.waited.reduce((sum, ms) => sum + ms, 0)
  // Two questions are under way at once, and each has its own patience.
  assert.ok(waitedMs > hourMs && waitedMs < 2.1 * hourMs, String(waitedMs))
})

test('what stays refused is not asked again, and who gave up waits for nothing', async () => {
  const refused = stage([{ bytes: 40, fails: new Failure('not_allowed', 'no role') }])
  await assert.rejects(refused.read(), { code: 'not_allowed' })
  assert.deepEqual(refused.waited, [])
  const ended = new AbortController()
  const at = stage([{ bytes: 40, fails: away() }], () => ended.abort())
  await assert.rejects(at.read(ended.signal), { name: 'AbortError' })
})

test('an object that nobody asked for ends it', async () => {
  const rest: Rest = {
    get: () => Promise.reject(new Error('not in this test')),
    post: () => Promise.reject(new Error('not in this test')),
    async *octets() {
      yield objectHead(77, 1)
      yield Uint8Array.of(1)
    },
  }
  const link = restLink(rest, { sleep: async () => undefined })
  await assert.rejects(Array.fromAsync(link.get([ids[0] as ObjectId], device)), { code: 'bad_answer' })
})
