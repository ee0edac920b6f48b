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
  /** Whether field 1 may come in a part of its own. */
  readonly objectApart?: true
  /** Throws when a field is missing or beyond its limit. `object`: field 1, when it came in a part of its own. */
  read(bytes: Bytes, object: Bytes | undefined): B
  /** The body's bytes; an object stands last and in a part of its own. */
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
