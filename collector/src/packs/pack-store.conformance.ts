/**
 * The promises of `PackStore`, each as a test that any implementation can run. They ship with the collector:
 * `backstay-collector check-store` runs them on the disk that a fleet relies on.
 */
import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import { type Bytes, utf8 } from '@backstay/proto/bytes'
import type { PackStore } from './pack-store.ts'

export interface StoreUnderTest {
  readonly store: PackStore
  /** Where it can be simulated: cuts the power and returns the store as it comes back. */
  readonly crash?: () => Promise<PackStore>
}

export interface StorePromise {
  readonly name: string
  readonly run: (make: () => Promise<StoreUnderTest>) => Promise<void>
}

const name = (letter: string, kind = 'pages') => `${letter.repeat(32)}.${kind}`
const hello = utf8('hello')

export const packStoreConformance: readonly StorePromise[] = [
  {
    name: 'what was appended is read back',
    async run(make) {
      const { store } = await make()
      const pack = await store.create(name('a'))
      equal(await pack.append([hello, utf8(' '), utf8('world')]), 0)
      equal(await pack.append([utf8('!')]), 11)
      equal(pack.bytes, 12)
      deepEqual(await read(store, name('a'), 6, 6), utf8('world!'))
      await pack.sync()
      await pack.close()
      deepEqual(await read(store, name('a'), 0, 5), hello)
      equal(await store.size(name('a')), 12)
    },
  },
  {
    name: 'a read ends where the pack ends',
    async run(make) {
      const { store } = await make()
      await write(store, name('a'), [hello])
      deepEqual(await read(store, name('a'), 3, 100), utf8('lo'))
      deepEqual(await read(store, name('a'), 5, 1), new Uint8Array())
      deepEqual(await read(store, name('a'), 500, 1), new Uint8Array())
    },
  },
  {
    name: 'many small parts and one of several MiB arrive whole',
    async run(make) {
      const { store } = await make()
      const parts = Array.from({ length: 2500 }, (_, index) => Uint8Array.of(index & 255))
      const large = new Uint8Array(5 * 1024 * 1024).map((_, index) => (index * 31) & 255)
      await write(store, name('b', 'segments'), [...parts, new Uint8Array(), large])
      deepEqual((await read(store, name('b', 'segments'), 2499, 2)) as Bytes, Uint8Array.of(2499 & 255, 0))
      ok(Buffer.from(await read(store, name('b', 'segments'), 2500, large.length)).equals(large))
    },
  },
  {
    name: 'of twenty creators of one name exactly one wins',
    async run(make) {
      const { store } = await make()
      const tries = await Promise.allSettled(Array.from({ length: 20 }, () => store.create(name('c'))))
      const won = tries.filter(one => one.status === 'fulfilled')
      for (const one of won) await one.value.close()
      equal(won.length, 1)
      await rejects(store.create(name('c')), { code: 'pack_exists' })
    },
  },
  {
    name: 'create never empties a pack that is there',
    async run(make) {
      const { store } = await make()
      await write(store, name('d'), [hello])
      await rejects(store.create(name('d')), { code: 'pack_exists' })
      deepEqual(await read(store, name('d'), 0, 9), hello)
    },
  },
  {
    name: 'a reopened pack goes on at its end',
    async run(make) {
      const { store } = await make()
      await write(store, name('e'), [hello])
      const again = await store.reopen(name('e'))
      equal(again.bytes, 5)
      equal(await again.append([utf8('!')]), 5)
      await again.sync()
      await again.close()
      deepEqual(await read(store, name('e'), 0, 9), utf8('hello!'))
    },
  },
  {
    name: 'what is cut off is gone, and the next append begins there',
    async run(make) {
      const { store } = await make()
      const pack = await store.create(name('f'))
      await pack.append([utf8('hello world')])
      await pack.truncate(5)
      equal(pack.bytes, 5)
      equal(await store.size(name('f')), 5)
      equal(await pack.append([utf8('!')]), 5)
      await pack.sync()
      await pack.close()
      deepEqual(await read(store, name('f'), 0, 99), utf8('hello!'))
    },
  },
  {
    name: 'what is not there is said to be missing',
    async run(make) {
      const { store } = await make()
      equal(await store.size(name('0')), undefined)
      await rejects(store.read(name('0'), 0, 1), { code: 'pack_missing' })
      await rejects(store.reopen(name('0')), { code: 'pack_missing' })
      await store.delete(name('0'))
    },
  },
  {
    name: 'the list names every pack and its length, and nothing that was deleted',
    async run(make) {
      const { store } = await make()
      await write(store, name('1'), [hello])
      await write(store, name('2', 'segments'), [])
      await write(store, name('3'), [hello])
      await store.delete(name('3'))
      const found = new Map<string, number>()
      for await (const pack of store.list()) found.set(pack.name, pack.bytes)
      deepEqual([...found].sort(), [
        [name('1'), 5],
        [name('2', 'segments'), 0],
      ])
    },
  },
  {
    name: 'a name that is no pack name never becomes a path',
    async run(make) {
      const { store } = await make()
      for (const bad of ['../../etc/passwd', `${'a'.repeat(32)}.PAGES`, `${'a'.repeat(31)}/.pages`, '']) {
        await rejects(store.create(bad), { code: 'bad_pack_name' })
        await rejects(store.read(bad, 0, 1), { code: 'bad_pack_name' })
      }
    },
  },
  {
    name: 'free space is a number of bytes',
    async run(make) {
      const { store } = await make()
      const free = await store.freeBytes()
      ok(Number.isFinite(free) && free >= 0)
    },
  },
  {
    name: 'what was synced survives a crash, and so does its name',
    async run(make) {
      const { store, crash } = await make()
      if (crash === undefined) return
      const pack = await store.create(name('4'))
      await pack.append([hello])
      await pack.sync()
      await pack.append([utf8(' lost, or not')])
      await store.create(name('5'))
      const after = await crash()
      deepEqual(await read(after, name('4'), 0, 5), hello)
    },
  },
]

async function write(store: PackStore, name: string, parts: readonly Bytes[]): Promise<void> {
  const pack = await store.create(name)
  await pack.append(parts)
  await pack.sync()
  await pack.close()
}

/** A plain copy, so that deepEqual does not stumble over a Buffer. */
async function read(store: PackStore, name: string, offset: number, length: number): Promise<Bytes> {
  return Uint8Array.from(await store.read(name, offset, length))
}
