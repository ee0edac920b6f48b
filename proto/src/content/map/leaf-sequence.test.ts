// Whatever is kept whole and whatever is added anew: the pages are those that the items alone make.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { seededRandom } from '../../../../scripts/testing/random.ts'
import { compareBytes, utf8 } from '../../bytes.ts'
import type { ObjectId } from '../../object/id.ts'
import type { Entry } from '../entry.ts'
import { type BuiltLeaf, type MapLeaf, mapBuilder, newLeaf, type SealPage } from './build.ts'
import type { EarlierLeaf } from './leaf-sequence.ts'

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))
console.log(`SEED=${seed}`)
const borderKey = new Uint8Array(16).fill(9)
const none = new Uint8Array()

/** A page's id is the hash of what is in it. */
const seal: SealPage = async ({ bytes, children }) => {
  const hash = createHash('sha256').update(bytes)
  for (const child of children) hash.update(child)
  const id = hash.digest('hex') as ObjectId
  return { id, key: new Uint8Array(32) }
}

function entryOf(version: number, padding: number): Entry {
  return {
    ...{ kind: 'file', size: version, mode: 0o644, uid: 0, gid: 0, user: none, group: none },
    ...{ mtimeS: version, mtimeNs: 0, linkGroup: undefined, target: undefined, device: undefined },
    ...{ attributes: [], sha256: undefined, unread: undefined, staleSinceS: undefined, sparse: false },
    content: { form: 'inline', bytes: new Uint8Array(padding) },
  }
}

interface Tree {
  readonly root: string
  readonly entries: number
  readonly leaves: readonly EarlierLeaf[]
  readonly opened: { count: number }
}

async function build(
  feed: (builder: ReturnType<typeof mapBuilder>) => void,
  earlier: ReadonlyMap<string, readonly MapLeaf[]> = new Map(),
): Promise<Tree> {
  const built: BuiltLeaf[] = []
  const builder = mapBuilder({ borderKey, seal, onLeaf: leaf => built.push(leaf) })
  feed(builder)
  await builder.ready()
  const { root, entries } = await builder.finish()
  const opened = { count: 0 }
  const leaves = built.map((leaf, number): EarlierLeaf => {
    const { child } = leaf
    const stood = leaf.kept ? earlier.get(child.reference.id) : leaf.leaves
    assert(stood !== undefined)
    const origin = { reference: child.reference, items: stood.length }
    const items = () => {
      opened.count++
      return stood.map((item, index) => ({ ...item, origin, index }))
    }
    return { child, number, isLast: number === built.length - 1, items }
  })
  return { root: root.id, entries, leaves, opened }
}

const whole = (items: readonly MapLeaf[]) =>
  build(builder => {
    for (const item of items) builder.add(item)
  })

const itemAt = (name: number, version: number, padding: number) =>
  newLeaf(utf8(`/\0\0${name.toString(36).padStart(9, '0')}`), entryOf(version, padding))

test('changes between kept pages give the tree that the items alone give', async () => {
  const random = seededRandom(seed).below
  for (let round = 0; round < 60; round++) {
    // Now and then so large that pages are divided.
    const padding = () => (round % 3 === 0 && random(4) === 0 ? random(20_000) : random(40))
    const names = new Set(Array.from({ length: random(round % 4 === 0 ? 60 : 1500) }, () => random(2 ** 40)))
    const items = [...names]
      .map(name => itemAt(name, 1, padding()))
      .sort((a, b) => compareBytes(a.key, b.key))
    const before = await whole(items)
    const rate = [0, 2, 10, 40][random(4)] as number
    const wanted: MapLeaf[] = []
    const after = await build(
      builder => {
        for (const leaf of before.leaves) {
          const own = leaf.items()
          const fate = random(100)
          if (fate >= rate) {
            wanted.push(...own)
            builder.keep(leaf)
          } else if (fate % 5 > 0) {
            for (const item of changed(own)) {
              wanted.push(item)
              builder.add(item)
            }
          }
        }
      },
      new Map(before.leaves.map(leaf => [leaf.child.reference.id, leaf.items()])),
    )
    const anew = await whole(wanted.map(item => ({ ...item, origin: undefined })))
    assert.equal(after.root, anew.root, `round ${round}`)
    assert.equal(after.entries, wanted.length)
    assert.deepEqual(
      after.leaves.map(leaf => leaf.child),
      anew.leaves.map(leaf => leaf.child),
    )

    function changed(own: readonly MapLeaf[]): MapLeaf[] {
      return own.flatMap(item => {
        const deed = random(40)
        if (deed === 0) return []
        const next = newLeaf(Uint8Array.of(...item.key, 0x7e), entryOf(2, padding()))
        if (deed === 1) return [item, next]
        return deed === 2 ? [newLeaf(item.key, entryOf(3, padding()))] : [item]
      })
    }
  }
})

test('one change in a large map opens the few pages around it', async () => {
  const items = Array.from({ length: 20_000 }, (_, name) => itemAt(name * 7, 1, 10))
  const before = await whole(items)
  const changed = before.leaves[150] as EarlierLeaf
  const earlier = new Map(before.leaves.map(leaf => [leaf.child.reference.id, leaf.items()]))
  before.opened.count = 0
  const after = await build(builder => {
    for (const leaf of before.leaves) {
      if (leaf !== changed) builder.keep(leaf)
      else for (const item of leaf.items()) builder.add(item)
    }
  }, earlier)
  assert.equal(after.root, before.root)
  assert(before.leaves.length > 200)
  assert(before.opened.count < 10, `${before.opened.count} pages were opened`)
})
