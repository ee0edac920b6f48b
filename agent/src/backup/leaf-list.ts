/**
 * The leaf pages of a map that is being built, in order, for the snapshots made on the way: one behind another in blocks, each
 * with what its first key does not share with the one before, where an object for each would take 400 bytes and the whole key.
 *
 *     shared u32 | rest u32 | entries u32 | unread u32 | bytes f64 | id 32 | key 32 | rest of the first key
 */
import { type Bytes, concat, sharedLength, viewOf } from '@backstay/proto/bytes'
import type { Child } from '@backstay/proto/content/map/page'
import { idToBytes, objectId } from '@backstay/proto/object/id'

export interface LeafList extends Iterable<Child> {
  readonly count: number
  add(leaf: Child): void
}

const blockBytes = 64 * 1024
const idAt = 24
const keyAt = idAt + 32
const restAt = keyAt + 32
const none: Bytes = new Uint8Array()

export function leafList(): LeafList {
  /** Each filled to `used` of it; the last one is being filled. */
  const blocks: { readonly bytes: Bytes; used: number }[] = []
  let count = 0
  let before = none
  return {
    get count() {
      return count
    },
    add({ firstKey, reference, entries, bytes, unread }) {
      const shared = sharedLength(before, firstKey)
      const rest = firstKey.subarray(shared)
      const row = room(restAt + rest.length)
      const view = viewOf(row)
      view.setUint32(0, shared)
      view.setUint32(4, rest.length)
      view.setUint32(8, entries)
      view.setUint32(12, unread)
      view.setFloat64(16, bytes)
      row.set(idToBytes(reference.id), idAt)
      row.set(reference.key, keyAt)
      row.set(rest, restAt)
      before = firstKey
      count++
    },
    *[Symbol.iterator]() {
      let key = none
      for (const block of blocks) {
        for (let at = 0; at < block.used; ) {
          const { leaf, length } = read(block.bytes.subarray(at), key)
          at += length
          key = leaf.firstKey
          yield leaf
        }
      }
    },
  }

  function room(length: number): Bytes {
    let block = blocks.at(-1)
    if (block === undefined || block.used + length > block.bytes.length) {
      block = { bytes: new Uint8Array(Math.max(blockBytes, length)), used: 0 }
      blocks.push(block)
    }
    const row = block.bytes.subarray(block.used, block.used + length)
    block.used += length
    return row
  }
}

function read(row: Bytes, before: Bytes): { readonly leaf: Child; readonly length: number } {
  const view = viewOf(row)
  const shared = view.getUint32(0)
  const length = restAt + view.getUint32(4)
  const leaf: Child = {
    firstKey: concat(before.subarray(0, shared), row.subarray(restAt, length)),
    reference: { id: objectId(row.subarray(idAt, keyAt)), key: row.slice(keyAt, restAt) },
    entries: view.getUint32(8),
    unread: view.getUint32(12),
    bytes: view.getFloat64(16),
  }
  return { leaf, length }
}
