/**
 * `<20 random hex digits><12 hex digits: milliseconds since 1970>.<kind>`. Random first, so that the folders fill evenly;
 * the time gives packs an order and tells a rebuild, which has no other witness, when the pack's commits came in.
 */
import { type Bytes, hex } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import type { PackKind } from '@backstay/proto/object/pack'

export const packNameRandomBytes = 10
const pattern = /^[0-9a-f]{32}\.(segments|pages)$/

/** `random` has 10 bytes. */
export function newPackName(kind: PackKind, nowMs: number, random: Bytes): string {
  const time = Math.max(0, Math.floor(nowMs)).toString(16).padStart(12, '0').slice(-12)
  return `${hex(random.subarray(0, packNameRandomBytes))}${time}.${kind}`
}

export function isPackName(name: string): boolean {
  return pattern.test(name)
}

/** Throws `bad_pack_name`: a name becomes a path, so none other gets through. */
export function requirePackName(name: string): void {
  if (!isPackName(name)) throw new Failure('bad_pack_name', `"${name}" is not the name of a pack`)
}

export function packKindNamed(name: string): PackKind {
  return name.endsWith('.pages') ? 'pages' : 'segments'
}

/** Milliseconds since 1970 by the collector's clock when the pack was begun. */
export function packCreatedMs(name: string): number {
  return Number.parseInt(name.slice(20, 32), 16)
}

/** Oldest first: children usually lie before their parents. */
export function comparePackNames(a: string, b: string): number {
  return packCreatedMs(a) - packCreatedMs(b) || (a < b ? -1 : a > b ? 1 : 0)
}
