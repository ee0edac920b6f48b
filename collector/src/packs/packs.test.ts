import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import { test } from 'node:test'
import { type Bytes, concat } from '@backstay/proto/bytes'
import { nodePrimitives as p } from '@backstay/proto/node'
import type { DeviceId } from '@backstay/proto/object/id'
import {
  encodeFrameHeader,
  encodePackHeader,
  frameHeaderBytes,
  packHeaderBytes,
} from '@backstay/proto/object/pack'
import { type SampleObject, sampleObject } from '../testing/sample-objects.ts'
import { testClock } from '../testing/test-clock.ts'
import { type Effect, Faults } from './faults.ts'
import { faultyPackStore } from './faulty.ts'
import { groupCommit } from './group-commit.ts'
import { memoryPackStore } from './memory.ts'
import { createPack, type Frame } from './open-pack.ts'
import { readPackEnd } from './pack-index.ts'
import { comparePackNames, isPackName, newPackName, packCreatedMs, packKindNamed } from './pack-name.ts'
import type { PackStore } from './pack-store.ts'
import { recoverPack } from './recover.ts'
import { type Scanned, scanFrames } from './scan.ts'
import { seededRandom } from './seeded-random.ts'

const random = seededRandom(3)
const device = 'd'.repeat(32) as DeviceId
const name = `${'a'.repeat(32)}.pages`

function frameOf({ id, stored }: SampleObject, domain = device): Bytes {
  return concat(encodeFrameHeader({ domain, id, length: stored.length }), stored)
}

async function storeWith(...parts: readonly Bytes[]) {
  const store = memoryPackStore()
  store.packs.set(name, concat(encodePackHeader('pages'), ...parts))
  return store
}

async function scanned(store: PackStore): Promise<Scanned[]> {
  const range = { from: packHeaderBytes, to: (await store.size(name)) ?? 0 }
  return Array.fromAsync(scanFrames(p, store, name, range))
}

const [a, b, c] = await Promise.all([1, 2, 3].map(() => sampleObject(random, 'page')))
ok(a && b && c)

test('names tell when and what, sort by age and nothing else passes for one', () => {
  const made = newPackName('pages', 1_767_225_600_123, random.bytes(10))
  ok(isPackName(made))
  deepEqual([packCreatedMs(made), packKindNamed(made)], [1_767_225_600_123, 'pages'])
  const older = newPackName('segments', 1_767_225_600_122, new Uint8Array(10).fill(255))
  deepEqual([made, older].sort(comparePackNames), [older, made])
  equal(packCreatedMs(newPackName('pages', -5, random.bytes(10))), 0)
  for (const bad of ['', made.toUpperCase(), `${made}x`, `/${made}`]) equal(isPackName(bad), false)
})

test('a scan finds every frame and goes on behind a broken one', async () => {
  const torn = frameOf(b)
  torn[frameHeaderBytes + 20] = (torn[frameHeaderBytes + 20] ?? 0) ^ 1
  const found = await scanned(await storeWith(frameOf(a), torn, frameOf(c)))
  deepEqual(
    found.map(one => [one.state, one.state === 'gap' ? undefined : one.id]),
    [
      ['whole', a.id],
      ['damaged', b.id],
      ['whole', c.id],
    ],
  )
  const headless = frameOf(b)
  headless[30] = (headless[30] ?? 0) ^ 1
  const around = await scanned(await storeWith(frameOf(a), headless, frameOf(c)))
  deepEqual(
    around.map(one => one.state),
    ['whole', 'gap', 'whole'],
  )
})

test('a frame is found again behind a gap of any length, also across the borders of reads', async () => {
  for (const gap of [1, 3, 59, 60, 1_048_573, 1_048_576, 4_194_300, 5_000_001]) {
    const found = await scanned(await storeWith(frameOf(a), new Uint8Array(gap), frameOf(c)))
    deepEqual(
      found.map(one => [one.state, one.length]),
      [
        ['whole', a.stored.length],
        ['gap', gap],
        ['whole', c.stored.length],
      ],
      `gap of ${gap}`,
    )
  }
})

test('what looks like a frame inside an object is not one, unless the outer frame is gone and its hash is right', async () => {
  const fake = concat(encodeFrameHeader({ domain: device, id: a.id, length: 50 }), random.bytes(50))
  const outer = await sampleObject(random, 'page')
  const inner = concat(outer.stored.subarray(0, 40), fake)
  const id = outer.id
  const frame = concat(encodeFrameHeader({ domain: device, id, length: inner.length }), inner)
  const found = await scanned(await storeWith(frame, frameOf(c)))
  deepEqual(
    found.map(one => one.state),
    ['damaged', 'whole'],
  )
  frame[10] = (frame[10] ?? 0) ^ 1
  const behind = await scanned(await storeWith(frame, frameOf(c)))
  ok(behind.filter(one => one.state === 'whole').every(one => one.id === c.id))
})

test('a torn end is cut off and the rest sealed; damage with whole frames behind it is kept and named', async () => {
  for (const cut of [1, 59, 60, 61, 150]) {
    const store = await storeWith(frameOf(a), frameOf(b), frameOf(c).subarray(0, cut))
    const recovered = await recoverPack(p, store, name, { keepBytes: 0 })
    deepEqual([recovered.objects.length, recovered.cutBytes, recovered.damaged], [2, cut, []])
    const end = await readPackEnd(p, store, name, recovered.bytes)
    ok(end.state === 'sealed')
    deepEqual(
      end.objects.map(object => object.id),
      [a.id, b.id],
    )
    equal(end.framesEnd, packHeaderBytes + frameOf(a).length + frameOf(b).length)
  }
  const broken = frameOf(b).fill(0, 80, 90)
  const store = await storeWith(frameOf(a), broken, frameOf(c))
  const recovered = await recoverPack(p, store, name, { keepBytes: 0 })
  deepEqual([recovered.objects.length, recovered.cutBytes], [2, 0])
  equal(recovered.damaged[0]?.state, 'damaged')
})

test('what was durable is never cut, and what was refused always is', async () => {
  const broken = frameOf(b).fill(0, 80, 90)
  const durable = packHeaderBytes + frameOf(a).length + broken.length
  const store = await storeWith(frameOf(a), broken)
  const kept = await recoverPack(p, store, name, { keepBytes: durable })
  deepEqual([kept.cutBytes, kept.damaged.length], [0, 1])
  const two = await storeWith(frameOf(a), frameOf(b))
  const first = packHeaderBytes + frameOf(a).length
  const refused = await recoverPack(p, two, name, { keepBytes: first, bytesMax: first })
  deepEqual([refused.objects.length, refused.cutBytes], [1, frameOf(b).length])
})

test('a pack in which nothing ever became durable is deleted', async () => {
  const store = await storeWith(frameOf(a).subarray(0, 100))
  equal((await recoverPack(p, store, name, { keepBytes: 0 })).bytes, 0)
  equal(await store.size(name), undefined)
})

test('an index that does not fit its hash is not believed', async () => {
  const store = memoryPackStore()
  const pack = await createPack(p, store, 'pages', name)
  await pack.append([{ domain: device, id: a.id, type: 'page', stored: a.stored }])
  await pack.sync()
  const bytes = await pack.seal()
  equal((await readPackEnd(p, store, name, bytes)).state, 'sealed')
  for (let at = pack.durableBytes; at < bytes - 4; at++) {
    const whole = store.packs.get(name) ?? new Uint8Array()
    const changed = whole.slice()
    changed[at] = (changed[at] ?? 0) ^ 4
    store.packs.set(name, changed)
    equal((await readPackEnd(p, store, name, bytes)).state, 'damaged', `byte ${at}`)
    store.packs.set(name, whole)
  }
})

test('an append that could not be cut off by the store is cut off by us', async () => {
  const store = memoryPackStore()
  let failing = false
  const leaky: PackStore = {
    ...store,
    async create(name) {
      const writer = await store.create(name)
      const append = async (parts: readonly Bytes[]) => {
        if (!failing) return writer.append(parts)
        await writer.append(parts.slice(0, 1))
        throw new Error('half of it was written')
      }
      return {
        ...writer,
        append,
        get bytes() {
          return writer.bytes
        },
      }
    },
  }
  const pack = await createPack(p, leaky, 'pages', name)
  const frame: Frame = { domain: device, id: a.id, type: 'page', stored: a.stored }
  failing = true
  await rejects(pack.append([frame]), /half/)
  failing = false
  deepEqual([pack.broken, await store.size(name)], [false, packHeaderBytes])
  equal((await pack.append([frame]))[0]?.offset, packHeaderBytes + frameHeaderBytes)
})

function committer(store: PackStore, packBytesMax = 64 * 1024) {
  const limits = {
    packBytesMax,
    packAgeMaxMs: 1000,
    groupBytesMax: 1e6,
    groupFramesMax: 100,
    gatherMs: 0,
    gatherBytesMax: 1e6,
    gatherFramesMax: 100,
    reserveBytes: 0,
  }
  const clock = testClock(5000)
  const sealed: string[] = []
  const commit = groupCommit({
    p,
    store,
    clock,
    limits,
    onDurable: () => undefined,
    onSealed: pack => void sealed.push(pack.name),
  })
  const add = ({ id, stored }: SampleObject, type: 'segment' | 'page') =>
    commit.add({ domain: device, id, type, stored })
  return { commit, clock, sealed, add }
}

test('segments are durable before any page of their group is written', async () => {
  const effects: Effect[] = []
  const faults = new Faults(effect => {
    effects.push(effect)
    return undefined
  })
  const { commit, add } = committer(faultyPackStore(memoryPackStore(), faults))
  const [page, segment] = [add(a, 'page'), add(b, 'segment')]
  await Promise.all([page.durable, segment.durable])
  const order = effects.map(effect => `${effect.kind} ${packKindNamed(effect.target)}`)
  // Two syncs each: one of the new pack's header, one of the frame.
  ok(order.lastIndexOf('sync segments') < order.indexOf('append pages'), order.join(', '))
  await commit.close()
})

test('a pack is sealed before it grows beyond its limit, and when it is old', async () => {
  const store = memoryPackStore()
  const { commit, clock, sealed, add } = committer(store, 700)
  const objects = await Promise.all(Array.from({ length: 9 }, () => sampleObject(random, 'page')))
  await Promise.all(objects.map(object => add(object, 'page').durable))
  ok(store.packs.size > 2)
  for (const bytes of store.packs.values()) ok(bytes.length <= 700, `${bytes.length}`)
  const before = sealed.length
  clock.nowMs += 1000
  await add(a, 'page').durable
  equal(sealed.length, before + 1)
  await commit.close()
  equal(sealed.length, store.packs.size)
})

test('an object larger than a pack gets one of its own', async () => {
  const store = memoryPackStore()
  const { commit, add } = committer(store, 500)
  const large = await sampleObject(random, 'segment', [], 2000)
  const small = await sampleObject(random, 'segment')
  await Promise.all([add(large, 'segment'), add(small, 'segment')].map(one => one.durable))
  equal(store.packs.size, 2)
  await commit.close()
})
