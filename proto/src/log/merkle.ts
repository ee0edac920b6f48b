/**
 * The append-only log as a Merkle tree (RFC 6962 §2, RFC 9162 §2.1): one short hash stands for every entry in its place, and
 * short proofs show that an entry is in it, or that one state of the log grew out of another.
 *
 * A tree is kept as the hashes of its whole subtrees: level 0 are the leaves, the subtree `place` of level `level` covers the
 * leaves from `place · 2^level`, as many as `2^level`. To append needs one of them for each bit of the size.
 */
import { type Bytes, concat } from '../bytes.ts'
import type { Primitives } from '../primitives.ts'

export type Hashing = Pick<Primitives, 'sha256'>

export const hashBytes = 32

/** A log that counts further could not be counted exactly. */
export const logSizeMax = Number.MAX_SAFE_INTEGER

export interface TreeNode {
  readonly level: number
  readonly place: number
  readonly hash: Bytes
}

/** All that appending and the root need. */
export interface Frontier {
  readonly size: number
  /** Of the whole subtrees that the tree consists of, the largest first. */
  readonly hashes: readonly Bytes[]
}

export const emptyFrontier: Frontier = { size: 0, hashes: [] }

export function leafHash(p: Hashing, entry: Bytes): Promise<Bytes> {
  return p.sha256(concat(Uint8Array.of(0), entry))
}

export function nodeHash(p: Hashing, left: Bytes, right: Bytes): Promise<Bytes> {
  return p.sha256(concat(Uint8Array.of(1), left, right))
}

/** `added`: the subtrees that became whole, the leaf first. */
export async function append(
  p: Hashing,
  { size, hashes }: Frontier,
  leaf: Bytes,
): Promise<{ readonly frontier: Frontier; readonly added: readonly TreeNode[] }> {
  const waiting = [...hashes]
  const added: TreeNode[] = []
  let place = size
  let hash = leaf
  for (let level = 0; ; level++) {
    added.push({ level, place, hash })
    const left = place % 2 === 1 ? waiting.pop() : undefined
    if (left === undefined) break
    hash = await nodeHash(p, left, hash)
    place = (place - 1) / 2
  }
  return { frontier: { size: size + 1, hashes: [...waiting, hash] }, added }
}

export async function rootOf(p: Hashing, { hashes }: Frontier): Promise<Bytes> {
  let root: Bytes | undefined
  for (const hash of hashes.toReversed()) root = root === undefined ? hash : await nodeHash(p, hash, root)
  return root ?? (await p.sha256(new Uint8Array()))
}

/** Where the hashes of a frontier are found, in its order. */
export function frontierPlaces(size: number): readonly Omit<TreeNode, 'hash'>[] {
  const places: Omit<TreeNode, 'hash'>[] = []
  let first = 0
  for (let rest = size; rest > 0; ) {
    const leaves = leftLeaves(rest + 1)
    places.push({ level: Math.log2(leaves), place: first / leaves })
    first += leaves
    rest -= leaves
  }
  return places
}

/** The largest power of two below `size`, which is at least 2: the leaves left of the root. */
export function leftLeaves(size: number): number {
  let leaves = 1
  while (leaves * 2 < size) leaves *= 2
  return leaves
}
