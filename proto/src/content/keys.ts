/** All keys of one epoch, derived from two secrets that never leave the device but sealed in its escrow. docs/format.md §4. */
import type { Bytes } from '../bytes.ts'
import type { Primitives } from '../primitives.ts'

export interface EpochKeys {
  readonly epoch: number
  /** Objects are sealed under keys derived from this one. */
  readonly objectKey: Bytes
  /** Decides where large files are cut. */
  readonly chunkerKey: Bytes
  /** Decides where map pages end; from the border secret, so that a new epoch re-cuts nothing. */
  readonly borderKey: Bytes
  /** Seals commit bodies. */
  readonly commitKey: Bytes
  /** Makes the key check value. */
  readonly checkKey: Bytes
  /** Hides the paths that link groups are named for. */
  readonly linkKey: Bytes
}

/** Device secret and border secret, 32 random bytes each. */
export const secretBytes = 32
const keyBytes = 32

export async function epochKeys(
  p: Primitives,
  deviceSecret: Bytes,
  borderSecret: Bytes,
  epoch: number,
): Promise<EpochKeys> {
  const fromDevice = (label: string) => p.hkdfSha256(deviceSecret, label, keyBytes)
  return {
    epoch,
    objectKey: await fromDevice('backstay/object'),
    chunkerKey: await fromDevice('backstay/chunker'),
    borderKey: await p.hkdfSha256(borderSecret, 'backstay/border', keyBytes),
    commitKey: await fromDevice('backstay/commit'),
    checkKey: await fromDevice('backstay/check'),
    linkKey: await fromDevice('backstay/link-group'),
  }
}
