import type { Bytes } from '../bytes.ts'
import type { Body, BodyOf, Kind } from './frame.ts'

/** How one kind of body stands on the wire. */
export interface Codec<B extends Body> {
  /** Field number in wire.proto. */
  readonly field: number
  /** Of the whole frame. */
  readonly frameBytesMax: number
  /** Fields in the body. */
  readonly fieldsMax: number
  /** The body is not empty of fields that matter and within the limits, else throws. */
  read(bytes: Bytes): B
  /** The body's bytes, in parts, so that an object is not copied before it must be. */
  write(body: B): readonly Bytes[]
}

export type Codecs<K extends Kind> = { readonly [Each in K]: Codec<BodyOf<Each>> }

/** A generated class, as far as we need it. */
interface Generated<T> {
  encode(message: T): { finish(): Uint8Array }
}

/** In Node a protobuf writer gives a Buffer; nobody outside shall depend on that. */
export function finish<T>(type: Generated<T>, message: T): readonly Bytes[] {
  const bytes = type.encode(message).finish()
  return [new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)]
}
