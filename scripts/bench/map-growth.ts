/** What a commit costs in a large map: pages that are new, and their bytes, after a few scattered changes. */
import { createHash } from 'node:crypto'
import { utf8 } from '@backstay/proto/bytes'
import type { Entry, Reference } from '@backstay/proto/content/entry'
import { mapBuilder, newLeaf } from '@backstay/proto/content/map/build'
import { keyOf } from '@backstay/proto/content/map/key'
import { sealObject } from '@backstay/proto/content/seal'
import { nodePrimitives } from '@backstay/proto/node'
import type { ObjectId } from '@backstay/proto/object/id'

export interface MapGrowth {
  readonly entries: number
  readonly changes: number
  readonly newPages: number
  readonly newBytes: number
}

const keys = { epoch: 1, objectKey: new Uint8Array(32).fill(7) }
const borderKey = new Uint8Array(16).fill(1)
const none = new Uint8Array()
const filesInFolder = 50
const filesInSegment = 60

export async function mapGrowth(entries: number, changes: readonly number[]): Promise<MapGrowth[]> {
  const seen = new Set<string>()
  await build(entries, new Set(), seen)
  const growth: MapGrowth[] = []
  for (const count of changes) {
    const step = Math.floor(entries / count)
    const changed = new Set(Array.from({ length: count }, (_, index) => Math.floor((index + 0.37) * step)))
    const added = await build(entries, changed, new Set(seen))
    growth.push({ entries, changes: count, ...added })
  }
  return growth
}

async function build(entries: number, changed: ReadonlySet<number>, seen: Set<string>) {
  let [newPages, newBytes] = [0, 0]
  const builder = mapBuilder({
    borderKey,
    async seal(plain) {
      const { reference, stored } = await sealObject(nodePrimitives, keys, { type: 'page', ...plain })
      if (!seen.has(reference.id)) {
        seen.add(reference.id)
        newPages++
        newBytes += stored.length
      }
      return reference
    },
  })
  for (let index = 0; index < entries; index++) {
    builder.add(newLeaf(keyAt(index), entryAt(index, changed.has(index))))
    if (index % 1024 === 0) await builder.ready()
  }
  await builder.finish()
  return { newPages, newBytes }
}

/** In the order of the map: numbers have leading zeros. */
function keyAt(index: number) {
  const folder = Math.floor(index / filesInFolder)
  const number = (value: number, digits: number) => String(value).padStart(digits, '0')
  const path = [`project ${number(Math.floor(folder / 400), 4)}`, `folder ${number(folder % 400, 3)}`]
  return keyOf(['/', 'home', 'ada', ...path, `some file ${number(index, 7)}.txt`].map(utf8))
}

function entryAt(index: number, changed: boolean): Entry {
  const size = ((index * 7919) % 16_000) + 200
  const segment = segmentAt(Math.floor(index / filesInSegment))
  return {
    ...{ kind: 'file', size, mode: 0o644, uid: 1000, gid: 1000, user: utf8('ada'), group: utf8('ada') },
    mtimeS: 1_600_000_000 + ((index * 104_729) % 10_000_000) + (changed ? 1 : 0),
    mtimeNs: (index * 15_485_863) % 1_000_000_000,
    ...{ linkGroup: undefined, target: undefined, device: undefined, attributes: [], sparse: false },
    sha256: digest(`content ${index} ${changed}`),
    content: {
      form: 'extents',
      extents: [{ segment, start: (index % filesInSegment) * 16_000, length: size }],
    },
    ...{ unread: undefined, staleSinceS: undefined },
  }
}

let lastSegment: { readonly number: number; readonly reference: Reference } | undefined

function segmentAt(number: number): Reference {
  if (lastSegment?.number !== number) {
    const id = digest(`segment ${number}`).toHex() as ObjectId
    lastSegment = { number, reference: { id, key: digest(`key ${number}`) } }
  }
  return lastSegment.reference
}

function digest(text: string) {
  const bytes = createHash('sha256').update(text).digest()
  return bytes.length === 0 ? none : new Uint8Array(bytes)
}
