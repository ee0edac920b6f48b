import { equal, ok, rejects } from 'node:assert/strict'
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { utf8 } from '@backstay/proto/bytes'
import { Faults } from './faults.ts'
import { faultyPackStore } from './faulty.ts'
import { filesystemPackStore } from './filesystem.ts'
import { memoryPackStore } from './memory.ts'
import { packStoreConformance, type StoreUnderTest } from './pack-store.conformance.ts'
import { seededRandom } from './seeded-random.ts'
import { writeAll } from './write-all.ts'

const scratch = await mkdtemp(join(tmpdir(), 'backstay-packs-'))
after(() => rm(scratch, { recursive: true }))

async function newFolder(): Promise<string> {
  return mkdtemp(join(scratch, 'packs-'))
}

function faulty(seed: number): StoreUnderTest {
  const inner = memoryPackStore()
  const store = faultyPackStore(inner)
  return {
    store,
    crash: async () => {
      await store.crash(seededRandom(seed))
      return inner
    },
  }
}

const stores: Record<string, () => Promise<StoreUnderTest>> = {
  filesystem: async () => ({ store: filesystemPackStore(await newFolder()) }),
  memory: async () => ({ store: memoryPackStore() }),
  'faulty over memory': async () => faulty(Date.now() & 0xffff),
  'faulty over filesystem': async () => ({
    store: faultyPackStore(filesystemPackStore(await newFolder())),
  }),
}

for (const [kind, make] of Object.entries(stores)) {
  for (const { name, run } of packStoreConformance) test(`${kind}: ${name}`, () => run(make))
}

test('files lie in folders named after their first two digits and only their owner reads them', async () => {
  const folder = await newFolder()
  const pack = await filesystemPackStore(folder).create(`ab${'0'.repeat(30)}.pages`)
  await pack.close()
  const file = await stat(join(folder, 'ab', `ab${'0'.repeat(30)}.pages`))
  if (process.platform !== 'win32') equal(file.mode & 0o777, 0o600)
})

test('a store whose folder is gone says so instead of being empty', async () => {
  const store = filesystemPackStore(join(scratch, 'not-mounted'))
  await rejects(Array.fromAsync(store.list()), { code: 'store_missing' })
})

test('files that are no packs are left alone', async () => {
  const folder = await newFolder()
  await mkdir(join(folder, 'lost+found'))
  await mkdir(join(folder, 'ab'))
  await mkdir(join(folder, 'ab', 'note.txt'))
  equal((await Array.fromAsync(filesystemPackStore(folder).list())).length, 0)
})

test('a short write is carried on until all is written', async () => {
  const written: number[] = []
  const handle = {
    async writev(parts: readonly Uint8Array[], position: number) {
      const [first] = parts
      const bytesWritten = Math.min(3, first?.length ?? 0)
      for (const byte of first?.subarray(0, bytesWritten) ?? []) written.push(byte)
      equal(position, written.length - bytesWritten)
      return { bytesWritten, buffers: [] }
    },
  }
  const parts = [utf8('abcdefgh'), new Uint8Array(), utf8('i')]
  equal(await writeAll(handle as never, parts, 0), 9)
  equal(String.fromCharCode(...written), 'abcdefghi')
})

test('a torn append leaves nothing behind the end while the process lives', async () => {
  const inner = memoryPackStore()
  const faults = new Faults(effect =>
    effect.kind === 'append' ? { done: 'half', error: new Error('torn') } : undefined,
  )
  const pack = await faultyPackStore(inner, faults).create(`${'a'.repeat(32)}.pages`)
  await rejects(pack.append([utf8('hello')]), /torn/)
  equal(pack.bytes, 0)
})

test('over many crashes every fate of unsynced bytes is seen, and synced bytes never change', async () => {
  const seed = Number(process.env.SEED ?? Date.now() & 0xffffff)
  const seen = new Set<string>()
  for (let round = 0; round < 200; round++) {
    const { store, crash } = faulty(seed + round)
    const pack = await store.create(`${'a'.repeat(32)}.pages`)
    await pack.append([utf8('synced')])
    await pack.sync()
    await pack.append([new Uint8Array(2000).fill(7)])
    const back = await crash?.()
    const bytes = await back?.read(pack.name, 0, 9999)
    ok(bytes !== undefined && Buffer.from(bytes).subarray(0, 6).equals(Buffer.from('synced')), `SEED=${seed}`)
    const rest = bytes.subarray(6)
    seen.add(rest.length === 0 ? 'lost' : rest.length < 2000 ? 'part' : rest.includes(0) ? 'holes' : 'kept')
  }
  equal(seen.size, 4, `SEED=${seed} saw only ${[...seen]}`)
})
