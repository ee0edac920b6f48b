/** What every pair of connections must do, whatever carries the frames. An implementation's test calls this. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { Bytes } from '../bytes.ts'
import { isFailure } from '../failure.ts'
import { release } from '../release.ts'
import { objectFrameBytesMax, strangerFrameBytesMax } from './limits.ts'
import { type FrameBytes, frameLength, joined } from './outline.ts'
import { type Connection, nextFrame } from './transport.ts'

export interface Pair extends AsyncDisposable {
  readonly client: Connection
  readonly server: Connection
  /** The link dies under both ends. */
  cut(): void
}

export function transportConformance(name: string, open: () => Promise<Pair>): void {
  test(`${name}: frames arrive whole and in order, both ways`, async () => {
    await using pair = await open()
    const sizes = [1, 125, 126, 65_535, 65_536, 262_144, 262_145, 1_000_000, 7]
    pair.server.allow(objectFrameBytesMax)
    pair.client.allow(objectFrameBytesMax)
    for (const [from, to] of [
      [pair.client, pair.server],
      [pair.server, pair.client],
    ] as const) {
      const got = take(to, sizes.length)
      for (const [index, size] of sizes.entries()) await from.send([new Uint8Array(size).fill(index + 1)])
      const frames = await got
      assert.deepEqual(
        frames.map(frame => [frame.length, frame[0], frame.at(-1)]),
        sizes.map((size, index) => [size, index + 1, index + 1]),
      )
      assert.ok(
        frames.every(frame => frame.constructor === Uint8Array),
        'no Buffer leaks out',
      )
    }
  })

  test(`${name}: an object travels in a part of its own, beside small frames and large ones`, async () => {
    await using pair = await open()
    pair.server.allow(objectFrameBytesMax)
    const sent: FrameBytes[] = []
    for (const size of [20_000, 300_000, 1_500_000, 65_535, 65_536, 3_000_000]) {
      sent.push(
        [new Uint8Array([size % 251])],
        [new Uint8Array(9).fill(3), new Uint8Array(size).fill(size % 253)],
      )
    }
    // All at once, so that they meet in the queue.
    const sending = Promise.all(sent.map(frame => pair.client.send(frame)))
    for (const frame of sent) {
      const got = await nextFrame(pair.server)
      assert.deepEqual(
        got.map(part => [part.length, part[0], part.at(-1)]),
        frame.map(part => [part.length, part[0], part.at(-1)]),
      )
    }
    await sending
  })

  test(`${name}: what arrived belongs to the reader, who may let go of its memory`, async () => {
    await using pair = await open()
    pair.server.allow(objectFrameBytesMax)
    const object = new Uint8Array(200_000).fill(7)
    const sending = [1, 2].map(number => pair.client.send([new Uint8Array([number]), object]))
    for (const number of [1, 2]) {
      const [head, part = new Uint8Array()] = await nextFrame(pair.server)
      assert.deepEqual([head?.[0], part.length, part[0], part.at(-1)], [number, 200_000, 7, 7])
      release(part)
    }
    await Promise.all(sending)
    assert.equal(object.length, 200_000)
  })

  test(`${name}: what is given arrives whole, and its memory is free when it was written`, async () => {
    await using pair = await open()
    pair.server.allow(objectFrameBytesMax)
    const object = new Uint8Array(600_000).fill(7)
    const giving = pair.client.give([new Uint8Array([1]), object])
    const [, part = new Uint8Array()] = await nextFrame(pair.server)
    assert.ok(part.length === 600_000 && part.every(byte => byte === 7))
    await giving
    // The reader may have it before the writer hears that it is gone.
    for (let turn = 0; object.length > 0 && turn < 1000; turn++) await delay(1)
    assert.equal(object.length, 0)
  })

  test(`${name}: both ends see the same channel binding, every connection another`, async () => {
    await using one = await open()
    await using two = await open()
    assert.equal(one.client.channelBinding.length, 32)
    assert.deepEqual(one.client.channelBinding, one.server.channelBinding)
    assert.notDeepEqual(one.client.channelBinding, two.client.channelBinding)
  })

  test(`${name}: a stranger may send small frames only`, async () => {
    await using pair = await open()
    await pair.client.send([new Uint8Array(strangerFrameBytesMax)])
    await pair.client.send([new Uint8Array(strangerFrameBytesMax + 1)])
    const frames = pair.server.receive()[Symbol.asyncIterator]()
    assert.equal(frameLength((await frames.next()).value ?? []), strangerFrameBytesMax)
    await assert.rejects(frames.next(), { code: 'frame_too_large' })
    await ended(pair.client)
  })

  test(`${name}: a reader who stops leaves the rest to the next`, async () => {
    await using pair = await open()
    for (let i = 1; i <= 5; i++) await pair.client.send([new Uint8Array([i])])
    const got = [
      ...(await take(pair.server, 1)),
      ...(await take(pair.server, 1)),
      ...(await take(pair.server, 3)),
    ]
    assert.deepEqual(
      got.map(frame => frame[0]),
      [1, 2, 3, 4, 5],
    )
    pair.client.close()
    await assert.rejects(nextFrame(pair.server), { code: 'link_cut' })
  })

  test(`${name}: a sender waits while nobody reads, and goes on when somebody does`, async () => {
    await using pair = await open()
    pair.server.allow(objectFrameBytesMax)
    const frame = [new Uint8Array(1024 * 1024)]
    const total = 64
    let sent = 0
    const sending = (async () => {
      for (; sent < total; sent++) await pair.client.send(frame)
    })()
    let before = -1
    // No progress in several rounds means that it waits.
    for (let still = 0; still < 20; before = sent) {
      await new Promise(resolve => setTimeout(resolve, 2))
      still = sent === before ? still + 1 : 0
    }
    assert.ok(sent < total, `${sent} MiB went off although nobody read`)
    assert.equal((await take(pair.server, total)).length, total)
    await sending
  })

  test(`${name}: a clean end arrives after all frames, and nothing can be sent after it`, async () => {
    await using pair = await open()
    await pair.server.send([new Uint8Array(3)])
    pair.server.close('done')
    pair.server.close('done')
    const got: FrameBytes[] = []
    for await (const frame of pair.client.receive()) got.push(frame)
    assert.equal(got.length, 1)
    await assert.rejects(pair.server.send([new Uint8Array(1)]), { code: 'link_cut' })
    await assert.rejects(pair.client.send([new Uint8Array(1)]), { code: 'link_cut' })
    for await (const _ of pair.server.receive()) assert.fail('nothing was sent')
  })

  test(`${name}: a dead link is told to both ends, to readers and to writers`, async () => {
    await using pair = await open()
    const reading = [take(pair.client, 1), take(pair.server, 1)]
    pair.cut()
    await Promise.all(reading.map(one => assert.rejects(one, { code: 'link_cut', remedy: 'retry' })))
    await assert.rejects(pair.client.send([new Uint8Array(1)]), { code: 'link_cut' })
  })

  test(`${name}: waiting ends when the signal says so`, async () => {
    await using pair = await open()
    const stop = new AbortController()
    const reading = (async () => {
      for await (const _ of pair.client.receive(stop.signal)) assert.fail('nothing was sent')
    })()
    stop.abort(new Error('enough'))
    await assert.rejects(reading, /enough/)
  })
}

async function take(connection: Connection, count: number): Promise<Bytes[]> {
  const frames: Bytes[] = []
  while (frames.length < count) frames.push(joined(await nextFrame(connection)))
  return frames
}

async function ended(connection: Connection): Promise<void> {
  try {
    for await (const _ of connection.receive()) assert.fail('nothing was sent')
  } catch (error) {
    assert.ok(isFailure(error), String(error))
  }
}
