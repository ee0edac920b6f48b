/**
 * What writing around the system's page cache asks for (open(2), O_DIRECT): whole blocks, in memory that begins at a border
 * of a page. The pieces before and behind them go through the cache:
 *
 *     position ┤ before │ blocks ………………………… │ behind ├ end      borders: multiples of 4,096
 *
 * so that no block is ever written both ways.
 */
import type { Bytes } from './bytes.ts'

/** A page of memory, and a multiple of the sectors of nearly any disk. */
const blockBytes = 4096

/** So much is written in one call. */
export const stageBytes = 1024 * 1024

/** Less is not worth a wait for the disk of its own. */
const blocksBytesMin = 256 * 1024

/** Lengths of the three pieces, in bytes. `blocks` is 0 where going around the cache is not worth it. */
export function wholeBlocks(
  position: number,
  length: number,
): { readonly before: number; readonly blocks: number } {
  const before = (blockBytes - (position % blockBytes)) % blockBytes
  const left = length - before
  const blocks = left - (left % blockBytes)
  return blocks < blocksBytesMin ? { before: 0, blocks: 0 } : { before, blocks }
}

/** `stageBytes` of memory that begins where it must: of all memory in JavaScript only WebAssembly's is promised to. */
export function alignedStage(): Bytes {
  const pages = stageBytes / 65_536
  return new Uint8Array(new WebAssembly.Memory({ initial: pages, maximum: pages }).buffer)
}
