/** Whole trees for the known answers: pages are stored raw, so that every implementation gets the same ids. */
import { type Bytes, fromHex, utf8 } from '../../bytes.ts'
import { objectId } from '../../object/id.ts'
import type { Primitives } from '../../primitives.ts'
import { asJson, bytes, type Deed, type Input, number, values } from '../../testing/known-answers.ts'
import type { Content, Entry, Extent, Reference } from '../entry.ts'
import { buildExtentTree, mapBuilder, newLeaf, type SealPage } from '../map/build.ts'
import { diffMaps } from '../map/diff.ts'
import { keyOf } from '../map/key.ts'
import {
  decodePage,
  type ExtentItem,
  type MapItem,
  type PlainPage,
  pageTypes,
  type Tree,
} from '../map/page.ts'
import type { PageSource } from '../map/read.ts'
import { type SealingKeys, sealObject } from '../seal.ts'

/** Entries → the root, and every page in the order in which it was sealed. Of many pages, only ids are given. */
export const map: Deed = async (p, input) => {
  const { seal, pages } = shelf(p, input, 'map')
  const builder = mapBuilder({ borderKey: bytes(input, 'borderKey'), seal })
  for (const { key, entry } of itemsOf(values(input, 'items'))) builder.add(newLeaf(key, entry))
  return { ...(await builder.finish()), pages: pages() }
}

export const extentTree: Deed = async (p, input) => {
  const { seal, pages } = shelf(p, input, 'extents')
  const items = (values(input, 'extents') as Json[]).map(
    (one): ExtentItem => ({ offset: Number(one.offset), extent: extentOf(one) }),
  )
  return { root: await buildExtentTree(bytes(input, 'borderKey'), seal, items), pages: pages() }
}

/** The names of entries that were added, removed or changed. */
export const differences: Deed = async (p, input) => {
  const { seal, source } = shelf(p, input, 'map')
  const roots: Reference[] = []
  for (const side of ['before', 'after']) {
    const builder = mapBuilder({ borderKey: bytes(input, 'borderKey'), seal })
    for (const { key, entry } of itemsOf(values(input, side))) builder.add(newLeaf(key, entry))
    roots.push((await builder.finish()).root)
  }
  const found: unknown[] = []
  const same = (a: Entry, b: Entry) => JSON.stringify(asJson(a)) === JSON.stringify(asJson(b))
  for await (const { key, before, after } of diffMaps(
    source,
    roots[0] as Reference,
    roots[1] as Reference,
    same,
  )) {
    found.push({ key, change: before === undefined ? 'added' : after === undefined ? 'removed' : 'changed' })
  }
  return found
}

type Json = Readonly<Record<string, unknown>>

/** With more pages or longer ones, a case would be longer than anyone reads. */
const pagesShown = 4
const bytesShown = 8192

function shelf(p: Primitives, input: Input, tree: Tree) {
  const raw = { ...p, compress: async () => undefined }
  const keys: SealingKeys = { epoch: number(input, 'epoch'), objectKey: bytes(input, 'objectKey') }
  const sealed: { readonly reference: Reference; readonly plain: PlainPage }[] = []
  const seal: SealPage = async plain => {
    const { reference } = await sealObject(raw, keys, { type: pageTypes[tree], ...plain })
    sealed.push({ reference, plain })
    return reference
  }
  const source: PageSource = {
    async *pages(_, references) {
      for (const { id } of references) {
        const { plain } = sealed.find(one => one.reference.id === id) as (typeof sealed)[number]
        yield decodePage(tree, plain.bytes, plain.children)
      }
    },
  }
  // Sealing is concurrent, so the order is by id.
  const inOrder = () => sealed.toSorted((a, b) => (a.reference.id < b.reference.id ? -1 : 1))
  const shown = () =>
    sealed.length <= pagesShown && sealed.every(({ plain }) => plain.bytes.length <= bytesShown)
  const pages = () =>
    inOrder().map(({ reference, plain }) =>
      shown() ? { id: reference.id, bytes: plain.bytes, children: plain.children } : reference.id,
    )
  return { seal, source, pages }
}

/** Items as they are, or `{ "count": n, "name": "file", "entry": … }` for /file 00000, /file 00001 … */
function itemsOf(given: readonly unknown[]): MapItem[] {
  return (given as Json[]).flatMap(one => {
    const entry = entryOf((one.entry ?? {}) as Json)
    if (one.count === undefined) return [{ key: keyOf((one.path as string[]).map(hexadecimal)), entry }]
    return Array.from({ length: Number(one.count) }, (_, index) => {
      const name = utf8(`${String(one.name)} ${index.toString().padStart(5, '0')}`)
      return { key: keyOf([utf8('/'), name]), entry }
    })
  })
}

/** An entry whose fields that are not given have no value; bytes are hexadecimal. */
function entryOf(json: Json): Entry {
  const optional = (name: string) => (json[name] === undefined ? undefined : hexadecimal(json[name]))
  const whole = (name: string) => Number(json[name] ?? 0)
  return {
    kind: (json.kind ?? 'file') as Entry['kind'],
    size: whole('size'),
    mode: whole('mode'),
    uid: whole('uid'),
    gid: whole('gid'),
    user: optional('user') ?? new Uint8Array(),
    group: optional('group') ?? new Uint8Array(),
    mtimeS: whole('mtimeS'),
    mtimeNs: whole('mtimeNs'),
    linkGroup: optional('linkGroup'),
    target: optional('target'),
    device: json.device as Entry['device'],
    attributes: ((json.attributes ?? []) as Json[]).map(one => ({
      name: hexadecimal(one.name),
      value: hexadecimal(one.value),
    })),
    sha256: optional('sha256'),
    content: json.content === undefined ? undefined : contentOf(json.content as Json),
    unread: json.unread as Entry['unread'],
    staleSinceS: json.staleSinceS === undefined ? undefined : whole('staleSinceS'),
    sparse: json.sparse === true,
  }
}

function contentOf(json: Json): Content {
  if (json.inline !== undefined) return { form: 'inline', bytes: hexadecimal(json.inline) }
  if (json.tree !== undefined) {
    return {
      form: 'tree',
      root: referenceOf(json.tree as Json),
      extents: Number((json.tree as Json).extents),
    }
  }
  return { form: 'extents', extents: (json.extents as Json[]).map(extentOf) }
}

function extentOf(json: Json): Extent {
  const segment = json.segment === undefined ? undefined : referenceOf(json.segment as Json)
  return { segment, start: Number(json.start ?? 0), length: Number(json.length) }
}

function referenceOf(json: Json): Reference {
  return { id: objectId(hexadecimal(json.id)), key: hexadecimal(json.key) }
}

function hexadecimal(value: unknown): Bytes {
  const read = fromHex(String(value))
  if (read === undefined) throw new TypeError(`"${String(value)}" is not hexadecimal`)
  return read
}
