import { objectBytesMax } from '@backstay/proto/object/header'
import { packBytesMax } from '@backstay/proto/object/pack'
import { windowBytes, windowFrames } from '@backstay/proto/wire/limits'
import type { GroupCommitLimits } from '../packs/group-commit.ts'

export interface IngestLimits extends GroupCommitLimits {
  /** Put, but not durable yet; of one device, and of all. */
  readonly deviceBytesMax: number
  readonly totalBytesMax: number
  /** Objects that are durable but not in the catalog yet, because it fails. */
  readonly backlogMax: number
  readonly commitBurst: number
  readonly commitRefillMs: number
}

const mebibyte = 1024 * 1024

/** Less could not take the log of the catalog at its limit. */
export const reserveBytesMin = 64 * mebibyte

export const ingestLimits: IngestLimits = {
  packBytesMax,
  packAgeMaxMs: 86_400_000,
  // 32 MiB in one write keeps a disk busy and delays nobody for long.
  groupBytesMax: 32 * mebibyte,
  groupFramesMax: 4096,
  // Nobody waits that long for one object, except for the last of a backup, once; under load it halves the work.
  gatherMs: 30,
  // Half of what a session may have under way, so that it never stands still for us.
  gatherBytesMax: windowBytes / 2,
  gatherFramesMax: windowFrames / 2,
  reserveBytes: 256 * mebibyte,
  // Four of the largest objects, or as many segments as a window over a fast line needs (16, measured).
  deviceBytesMax: Math.max(16 * mebibyte, 4 * objectBytesMax),
  // A quarter of the 1 GiB that a collector with a thousand devices may use.
  totalBytesMax: 256 * mebibyte,
  // About 100 bytes each in packs' memory and 500 in ours: 100 MiB.
  backlogMax: 200_000,
  // A commit every 30 seconds for good, and an hour of them at once after a time offline.
  commitBurst: 120,
  commitRefillMs: 30_000,
}
