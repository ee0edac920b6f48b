/** What came from outside passes here once: field by field, each with a limit, never as a Buffer or a Long. */
import { type Bytes, equalBytes } from '../bytes.ts'
import { Failure } from '../failure.ts'

interface Codec<T> {
  decode(reader: Uint8Array): T
  encode(message: T): { finish(): Uint8Array }
}

export interface Fields {
  /** The failure `bad_<kind>` to throw. */
  bad(why: string, cause?: unknown): Failure
  bytes(name: string, value: Uint8Array | null | undefined, limits: { min?: number; max: number }): Bytes
  fixed(name: string, value: Uint8Array | null | undefined, length: number): Bytes
  /** One line for people: no control characters, which could rewrite a terminal, and no reversed writing. */
  text(name: string, value: string | null | undefined, bytesMax: number): string
  /** A whole number from 0 to 2^53 − 1. */
  integer(name: string, value: number | null | undefined, max?: number): number
  /** Milliseconds since 1970 that a Date can hold. */
  time(name: string, value: number | null | undefined): number
  list<T, U>(
    name: string,
    values: readonly T[] | null | undefined,
    limits: { min?: number; max: number },
    read: (value: T) => U,
  ): readonly U[]
  /** Decodes and, when `strict`, refuses bytes that would be written otherwise: unknown fields above all. */
  decode<T>(codec: Codec<T>, payload: Bytes, rule: 'strict' | 'lenient'): T
}

// Control characters; marks that reverse the direction of writing.
const unprintable = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u

/** ECMA-262: a Date reaches 100 million days from 1970. */
const timeMax = 8.64e15

export function isPrintable(text: string): boolean {
  return !unprintable.test(text)
}

/** For text that must not keep anyone from his data: what could not be printed becomes a replacement character. */
export function printable(text: string): string {
  return text.replaceAll(new RegExp(unprintable, 'gu'), '\ufffd')
}

/** `kind` is part of the failure code, `thing` of its message: fieldsOf('grant', 'an enrolment grant'). */
export function fieldsOf(kind: string, thing: string, hint?: string): Fields {
  const bad = (why: string, cause?: unknown) =>
    new Failure(`bad_${kind}`, `not ${thing}: ${why}`, {
      cause,
      ...(hint === undefined ? {} : { hint }),
    })
  const fields: Fields = {
    bad,
    bytes(name, value, { min = 0, max }) {
      const length = value?.length ?? 0
      if (length < min || length > max) throw bad(`its ${name} has ${length} bytes`)
      return value ? Uint8Array.from(value) : new Uint8Array()
    },
    fixed(name, value, length) {
      return fields.bytes(name, value, { min: length, max: length })
    },
    text(name, value, bytesMax) {
      const text = value ?? ''
      // A UTF-16 unit is at most three bytes of UTF-8, so this bound is never too strict.
      if (text.length * 3 > bytesMax && new TextEncoder().encode(text).length > bytesMax) {
        throw bad(`its ${name} is longer than ${bytesMax} bytes`)
      }
      if (!isPrintable(text)) throw bad(`its ${name} has unprintable characters`)
      return text
    },
    integer(name, value, max = Number.MAX_SAFE_INTEGER) {
      // protobufjs gives 64-bit numbers as Long objects whatever its types say.
      const number = Number(value ?? 0)
      if (!Number.isSafeInteger(number) || number < 0 || number > max)
        throw bad(`its ${name} is out of range`)
      return number
    },
    time(name, value) {
      return fields.integer(name, value, timeMax)
    },
    list(name, values, { min = 0, max }, read) {
      const length = values?.length ?? 0
      if (length < min || length > max) throw bad(`it has ${length} ${name}`)
      return (values ?? []).map(read)
    },
    decode(codec, payload, rule) {
      try {
        const message = codec.decode(Uint8Array.from(payload))
        if (rule === 'strict' && !equalBytes(plain(codec.encode(message).finish()), payload)) {
          throw bad('it has fields that this version does not know')
        }
        return message
      } catch (cause) {
        throw cause instanceof Failure ? cause : bad('it cannot be read', cause)
      }
    },
  }
  return fields
}

/** Bytes from a protobuf writer, which in Node is a Buffer. */
export function plain(bytes: Uint8Array): Bytes {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
