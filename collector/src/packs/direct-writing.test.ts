import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import { mkdtemp, open, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { directWriting, writingTo } from './direct-writing.ts'
import { filesystemPackStore } from './filesystem.ts'
import { seededRandom } from './seeded-random.ts'

const mebibyte = 1024 * 1024
const scratch = await mkdtemp(join(tmpdir(), 'backstay-direct-'))
after(() => rm(scratch, { recursive: true }))

function bytesOf(length: number, first = 0): Uint8Array {
  const bytes = new Uint8Array(length)
  for (let at = 0; at < length; at++) bytes[at] = (first + at) * 31 + ((first + at) >> 8)
  return bytes
}

/** A file that only remembers: `direct` what went around the cache, `cached` what went through it. */
function rememberingFile(length: number, directWrite?: (bytes: number) => number) {
  const content = new Uint8Array(length)
  const seen = { direct: [] as [from: number, to: number][], cached: [] as [from: number, to: number][] }
  const direct = {
    async write(stage: Uint8Array, offset: number, bytes: number, position: number) {
      const bytesWritten = directWrite?.(bytes) ?? bytes
      content.set(stage.subarray(offset, offset + bytesWritten), position)
      seen.direct.push([position, position + bytesWritten])
      return { bytesWritten, buffer: stage }
    },
    close: async () => undefined,
  }
  const cached = {
    async writev(parts: readonly Uint8Array[], position: number) {
      let at = position
      for (const part of parts) {
        content.set(part, at)
        at += part.length
      }
      seen.cached.push([position, at])
      return { bytesWritten: at - position, buffers: [] }
    },
  }
  return { content, seen, direct, cached }
}

test('whole blocks go around the cache, what lies before and behind them goes through it', async () => {
  const { content, seen, direct, cached } = rememberingFile(3 * mebibyte)
  const bytes = bytesOf(2 * mebibyte + 5000)
  const parts = [bytes.subarray(0, 7), bytes.subarray(7, 1_500_000), bytes.subarray(1_500_000)]
  equal(await writingTo(direct as never).write(cached as never, parts, 1000), bytes.length)
  deepEqual(content.subarray(1000, 1000 + bytes.length), bytes)
  const end = 1000 + bytes.length
  const lastBlock = end - (end % 4096)
  deepEqual(seen.direct, [
    [4096, 4096 + mebibyte],
    [4096 + mebibyte, lastBlock],
  ])
  deepEqual(seen.cached, [
    [1000, 4096],
    [lastBlock, end],
  ])
})

test('little goes through the cache alone', async () => {
  const { seen, direct, cached } = rememberingFile(mebibyte)
  await writingTo(direct as never).write(cached as never, [bytesOf(100_000)], 4096)
  deepEqual(seen, { direct: [], cached: [[4096, 104_096]] })
})

test('a disk that refuses the blocks, or takes only some, gets what is left through the cache, and from then on all', async () => {
  const refuse = (code: string) => () => {
    throw Object.assign(new Error(code), { code })
  }
  for (const directWrite of [refuse('EINVAL'), refuse('EOPNOTSUPP'), () => 8192]) {
    const { content, seen, direct, cached } = rememberingFile(2 * mebibyte, directWrite)
    const file = writingTo(direct as never)
    const bytes = bytesOf(mebibyte)
    equal(await file.write(cached as never, [bytes], 0), mebibyte)
    deepEqual(content.subarray(0, mebibyte), bytes)
    const tries = seen.direct.length
    equal(await file.write(cached as never, [bytes], mebibyte), mebibyte)
    deepEqual(content.subarray(mebibyte), bytes)
    equal(seen.direct.length, tries)
  }
})

test('a disk that is full or broken says so', async () => {
  for (const code of ['ENOSPC', 'EIO']) {
    const fail = () => {
      throw Object.assign(new Error('no'), { code })
    }
    const { direct, cached } = rememberingFile(mebibyte, fail)
    await rejects(writingTo(direct as never).write(cached as never, [bytesOf(mebibyte)], 0), { code })
  }
})

test('pieces of any length at any place, written one after another, are read back', async t => {
  const seed = Number(process.env.SEED ?? Date.now() & 0xffffff)
  const random = seededRandom(seed)
  const path = join(scratch, 'pieces')
  await using file = await open(path, 'wx')
  const direct = await directWriting(path)
  // Not every system and not every file system can; what is written then is the packs' conformance suite.
  if (direct === undefined) return t.skip('files cannot be opened for it here')
  const lengths = [1, 4095, 4096, 4097, 262_143, 262_144, 266_240, mebibyte, mebibyte + 1, 3 * mebibyte]
  let at = 0
  for (let round = 0; round < 40; round++) {
    const length =
      random.below(2) === 0 ? (lengths[random.below(lengths.length)] as number) : random.below(600_000)
    const bytes = bytesOf(length, at)
    const border = random.below(length + 1)
    equal(
      await direct.write(file, [bytes.subarray(0, border), bytes.subarray(border)], at),
      length,
      `SEED=${seed}`,
    )
    at += length
  }
  await direct.close()
  ok(Buffer.from(bytesOf(at)).equals(await readFile(path)), `SEED=${seed}`)
})

test('segments of a store are read back at once, also behind a cut', async () => {
  const store = filesystemPackStore(scratch)
  const pack = await store.create(`ab${'0'.repeat(30)}.segments`)
  const bytes = bytesOf(8 * mebibyte)
  await pack.append([bytesOf(100), bytes])
  ok(Buffer.from(bytes).equals(await store.read(pack.name, 100, bytes.length)))
  await pack.truncate(5_000_000)
  await pack.append([bytes.subarray(4_999_900)])
  await pack.sync()
  await pack.close()
  ok(Buffer.from(bytes).equals(await store.read(pack.name, 100, bytes.length)))
})
