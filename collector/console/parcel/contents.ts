/** What a parcel holds, as its packer wrote it down for those who restore: the collector carries it and cannot read it. */
import { type Bytes, fromUtf8, utf8 } from '@backstay/proto/bytes'
import type { Path } from '@backstay/proto/content/map/key'
import { Failure } from '@backstay/proto/failure'

export interface ParcelContents {
  /** As they were asked for, for people. */
  readonly paths: readonly string[]
  /** What its receiver restores; bytes, since names need not be UTF-8. */
  readonly top: Path
}

export function encodeContents({ paths, top }: ParcelContents): Bytes {
  return utf8(JSON.stringify({ paths, top: top.map(name => name.toBase64()) }))
}

/** Throws `bad_parcel`. */
export function decodeContents(bytes: Bytes): ParcelContents {
  try {
    const { paths, top } = JSON.parse(fromUtf8(bytes)) as { readonly paths?: unknown; readonly top?: unknown }
    if (isTexts(paths) && isTexts(top)) return { paths, top: top.map(name => Uint8Array.fromBase64(name)) }
  } catch (cause) {
    throw bad(cause)
  }
  throw bad()
}

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.length > 0 && value.every(one => typeof one === 'string')

function bad(cause?: unknown): Failure {
  return new Failure('bad_parcel', 'what this parcel says of its contents is not understood', { cause })
}
