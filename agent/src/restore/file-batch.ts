/**
 * A few hundred small files on their way to whoever writes them, perhaps another thread: numbers and bytes, one behind
 * the other, since objects would be copied one by one. The content itself stays in the opened segments.
 */
import type { Bytes } from '@backstay/proto/bytes'
import type { Attribute, Entry } from '@backstay/proto/content/entry'
import type { Handle } from '../system/system.ts'

/** What a small file's bytes are made of, in their order: runs of opened segments, bytes of its entry, zeros. */
export type Piece =
  | { readonly segment: Bytes; readonly start: number; readonly length: number }
  | { readonly inline: Bytes }
  | { readonly zeros: number }

export function pieceLength(piece: Piece): number {
  if ('inline' in piece) return piece.inline.length
  return 'zeros' in piece ? piece.zeros : piece.length
}

export interface FileBatch {
  readonly files: number
  readonly folders: readonly Handle[]
  readonly segments: readonly Bytes[]
  /** Of each file its folder, the fields of its entry, then its pieces. */
  readonly numbers: Float64Array
  /** Of each file its name, its hash, its inline bytes. */
  readonly bytes: Bytes
  /** By the file's place in the batch; most have none. */
  readonly attributes: ReadonlyMap<number, readonly Attribute[]>
}

/** What an entry says of a small file, without its content. */
export type SmallFile = Pick<
  Entry,
  'size' | 'mode' | 'uid' | 'gid' | 'mtimeS' | 'mtimeNs' | 'attributes' | 'sha256' | 'target'
>

export interface BatchFile {
  readonly folder: Handle
  readonly name: Bytes
  readonly entry: SmallFile
  readonly pieces: readonly Piece[]
}

/** A batch that is being put together. What it was given may be forgotten at once, but for segments and attributes. */
export interface BatchInMaking {
  readonly files: number
  add(file: BatchFile): void
  /** What was added since the last time. */
  take(): FileBatch
}

const [zeros, inline, segment] = [0, 1, 2] as const
const none: readonly Attribute[] = []
/** Of most batches: 128 names and hashes, and what 128 entries say. */
const usualBytes = 16 * 1024

export function batchInMaking(): BatchInMaking {
  let files = 0
  let folders = places<Handle>()
  let segments = places<Bytes>()
  let attributes = new Map<number, readonly Attribute[]>()
  let numbers: number[] = []
  let bytes = new Uint8Array(usualBytes)
  let filled = 0

  function append(more: Bytes): void {
    if (filled + more.length > bytes.length) {
      const larger = new Uint8Array(2 * (filled + more.length))
      larger.set(bytes)
      bytes = larger
    }
    bytes.set(more, filled)
    filled += more.length
  }

  function addPiece(piece: Piece): void {
    if ('zeros' in piece) numbers.push(zeros, piece.zeros)
    else if ('inline' in piece) {
      numbers.push(inline, piece.inline.length)
      append(piece.inline)
    } else numbers.push(segment, piece.length, segments.of(piece.segment), piece.start)
  }

  return {
    get files() {
      return files
    },
    add({ folder, name, entry, pieces }) {
      const { size, mode, uid, gid, mtimeS, mtimeNs, sha256 } = entry
      numbers.push(folders.of(folder), size, mode, uid, gid, mtimeS, mtimeNs)
      numbers.push(name.length, sha256?.length ?? 0, pieces.length)
      append(name)
      if (sha256 !== undefined) append(sha256)
      if (entry.attributes.length > 0) attributes.set(files, entry.attributes)
      for (const piece of pieces) addPiece(piece)
      files++
    },
    take() {
      const batch: FileBatch = {
        ...{ files, folders: folders.all, segments: segments.all, attributes },
        ...{ numbers: Float64Array.from(numbers), bytes: bytes.slice(0, filled) },
      }
      files = 0
      filled = 0
      numbers = []
      folders = places()
      segments = places()
      attributes = new Map()
      return batch
    },
  }
}

/** The files of a batch; names and bytes are views of it. */
export function* unpackFiles(batch: FileBatch): Generator<BatchFile> {
  let [atNumber, atByte] = [0, 0]
  const number = () => batch.numbers[atNumber++] as number
  const bytes = (length: number) => {
    atByte += length
    return batch.bytes.subarray(atByte - length, atByte)
  }
  for (let index = 0; index < batch.files; index++) {
    const folder = batch.folders[number()] as Handle
    const fields = { size: number(), mode: number(), uid: number(), gid: number() }
    const times = { mtimeS: number(), mtimeNs: number() }
    const [nameBytes, hashBytes, pieceCount] = [number(), number(), number()]
    const name = bytes(nameBytes)
    const sha256 = hashBytes === 0 ? undefined : bytes(hashBytes)
    const attributes = batch.attributes.get(index) ?? none
    const pieces = Array.from({ length: pieceCount }, () => piece(number(), number()))
    yield { folder, name, pieces, entry: { ...fields, ...times, sha256, attributes, target: undefined } }
  }

  function piece(kind: number, length: number): Piece {
    if (kind === zeros) return { zeros: length }
    if (kind === inline) return { inline: bytes(length) }
    return { segment: batch.segments[number()] as Bytes, start: number(), length }
  }
}

/** Each of several things once, and where it stands. */
function places<Thing>(): { readonly all: Thing[]; of(thing: Thing): number } {
  const all: Thing[] = []
  const known = new Map<Thing, number>()
  return {
    all,
    of(thing) {
      const place = known.get(thing) ?? all.push(thing) - 1
      known.set(thing, place)
      return place
    },
  }
}
