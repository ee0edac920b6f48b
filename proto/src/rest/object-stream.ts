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

/**
 * Each object comes in memory of its own. Throws `bad_answer` for an answer that is cut short or says what cannot be. Hashes are
 * the caller's to check.
 */
export async function* decodeObjects(chunks: AsyncIterable<Bytes>): AsyncGenerator<AnsweredObject, void> {
  const source = chunks[Symbol.asyncIterator]()
  let arrived: Bytes = new Uint8Array()
  try {
    while (await hasMore()) {
      const { index, length } = readHead(await take(headBytes))
      yield { index, stored: length === notHeld ? undefined : await take(length) }
    }
  } finally {
    await source.return?.()
  }

  async function take(length: number): Promise<Bytes> {
    const whole = new Uint8Array(length)
    for (let filled = 0; filled < length; ) {
      if (!(await hasMore())) throw bad('it was cut short')
      const part = arrived.subarray(0, length - filled)
      whole.set(part, filled)
      filled += part.length
      arrived = arrived.subarray(part.length)
    }
    return whole
  }

  async function hasMore(): Promise<boolean> {
    while (arrived.length === 0) {
      const { done, value } = await source.next()
      if (done) return false
      arrived = value
    }
    return true
  }
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
