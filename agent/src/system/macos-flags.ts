/**
 * st_flags as two attributes, because two people may set them: the owner (`chflags uchg,hidden …`) and the super-user (`schg …`).
 * The rest is the system's own, and neither kept nor set: how the content lies on the disk (compressed, dataless) and what needs
 * a right of Apple's (restricted, data vault).
 */
import { type Bytes, viewOf } from '@backstay/proto/bytes'

/** Of sys/stat.h: UF_NODUMP, UF_IMMUTABLE, UF_APPEND, UF_OPAQUE, UF_HIDDEN. */
export const ownersFlags = 0x800f
/** SF_ARCHIVED, SF_IMMUTABLE, SF_APPEND, SF_NOUNLINK. */
export const superFlags = 0x17_0000
/** SF_DATALESS: the content lies in a cloud, and reading would fetch it. */
export const dataless = 0x4000_0000
/** What has one of these cannot be changed, renamed or removed: UF_ and SF_, IMMUTABLE and APPEND. */
export const locking = 0x6_0006

/** u32, big-endian; undefined when none of them is set. */
export function flagsValue(flags: number, whose: number): Bytes | undefined {
  if ((flags & whose) === 0) return undefined
  const value = new Uint8Array(4)
  viewOf(value).setUint32(0, flags & whose)
  return value
}

/** The flags that something has, with those of `whose` as a value says; undefined for what is no value. */
export function flagsWith(flags: number, whose: number, value: Bytes): number | undefined {
  if (value.length !== 4) return undefined
  return ((flags & ~whose) | (viewOf(value).getUint32(0) & whose)) >>> 0
}
