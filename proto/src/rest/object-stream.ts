/**
 * Objects over REST: a question of 32-byte ids, an answer of [index u32be][length u32be][bytes] for each. An answer comes
 * in the order in which the objects lie on the disk; its index says which of the ids it is for.
 */
import { type Bytes, concat } from '../bytes.ts'
import { Failure } from '../failure.ts'
import { idToBytes, type ObjectId, objectId } from '../object/id.ts'
import { idsMax } from './devices.ts'

export const notHeld = 0xffff_ffff
const idBytes = 32
const headBytes = 8
/** The largest stored object, with room: one that says more is none. */
const objectBytesMax = 16 * 1024 * 1024

export interface AnsweredObject {
  readonly index: number
  /** Undefined: not held. */
  readonly stored: Bytes | undefined
}

export function encodeIds(ids: readonly ObjectId[]): Bytes {
  return concat(...ids.map(idToBytes))
}

/** Throws `bad_request`. */
export function decodeIds(bytes: Bytes): ObjectId[] {
  const count = bytes.length / idBytes
  if (!Number.isInteger(count) || count < 1 || count > idsMax) {
    throw new Failure('bad_request', `the body must be 1 to ${idsMax} ids of ${idBytes} bytes`)
  }
  return Array.from({ length: count }, (_, index) =>
    objectId(bytes.subarray(index * idBytes, (index + 1) * idBytes)),
  )
}

export function objectHead(index: number, length: number | undefined): Bytes {
  const head = new Uint8Array(headBytes)
  const view = new DataView(head.buffer)
  view.setUint32(0, index)
  view.setUint32(4, length ?? notHeld)
  return head
}

/** Throws `bad_answer` for one that is cut short or says what cannot be. Hashes are the caller's to check. */
export async function* decodeObjects(chunks: AsyncIterable<Bytes>): AsyncGenerator<AnsweredObject, void> {
  let waiting: Bytes[] = []
  let held = 0
  const take = (length: number): Bytes => {
    const whole = waiting.length === 1 && waiting[0] ? waiting[0] : concat(...waiting)
    waiting = [whole.subarray(length)]
    held = whole.length - length
    return whole.subarray(0, length)
  }
  let head: { readonly index: number; readonly length: number } | undefined
  for await (const chunk of chunks) {
    waiting.push(chunk)
    held += chunk.length
    for (;;) {
      if (head === undefined) {
        if (held < headBytes) break
        head = readHead(take(headBytes))
      }
      if (head.length === notHeld) yield { index: head.index, stored: undefined }
      else if (held < head.length) break
      else yield { index: head.index, stored: take(head.length) }
      head = undefined
    }
  }
  if (held > 0 || head !== undefined) throw bad('it was cut short')
}

function readHead(bytes: Bytes): { readonly index: number; readonly length: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, headBytes)
  const index = view.getUint32(0)
  const length = view.getUint32(4)
  if (index >= idsMax) throw bad(`it names object ${index}`)
  if (length !== notHeld && length > objectBytesMax) throw bad(`it names ${length} bytes`)
  return { index, length }
}

function bad(why: string): Failure {
  return new Failure('bad_answer', `the collector's answer with objects cannot be read: ${why}`, {
    remedy: 'retry',
  })
}
