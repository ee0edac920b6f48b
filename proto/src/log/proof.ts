/** Proofs over the tree of merkle.ts: made from its subtrees, judged by anyone who holds a root. */
import { type Bytes, equalBytes } from '../bytes.ts'
import { type Hashing, hashBytes, leftLeaves, logSizeMax, nodeHash } from './merkle.ts'

/** Hash of a whole subtree. */
export type HashAt = (level: number, place: number) => Promise<Bytes>

/** One for each level, and one more. */
export const proofHashesMax = 54

/** That leaf `index` of the tree of `size` leaves is in it: RFC 9162 §2.1.3. Throws RangeError when it cannot be. */
export async function inclusionProof(
  p: Hashing,
  hashAt: HashAt,
  index: number,
  size: number,
): Promise<Bytes[]> {
  requireRange(0 <= index && index < size)
  return path(index, 0, size)

  async function path(leaf: number, first: number, leaves: number): Promise<Bytes[]> {
    if (leaves === 1) return []
    const left = leftLeaves(leaves)
    return leaf < left
      ? [...(await path(leaf, first, left)), await hashOf(p, hashAt, first + left, leaves - left)]
      : [...(await path(leaf - left, first + left, leaves - left)), await hashOf(p, hashAt, first, left)]
  }
}

/** That the tree of `to` leaves begins with the tree of `from`: RFC 9162 §2.1.4. Throws RangeError when it cannot. */
export async function consistencyProof(
  p: Hashing,
  hashAt: HashAt,
  from: number,
  to: number,
): Promise<Bytes[]> {
  requireRange(0 <= from && from <= to)
  return from === 0 ? [] : path(from, 0, to, true)

  /** `known`: whoever judges holds the root of the first `old` of these leaves. */
  async function path(old: number, first: number, leaves: number, known: boolean): Promise<Bytes[]> {
    if (old === leaves) return known ? [] : [await hashOf(p, hashAt, first, leaves)]
    const left = leftLeaves(leaves)
    return old <= left
      ? [...(await path(old, first, left, known)), await hashOf(p, hashAt, first + left, leaves - left)]
      : [
          ...(await path(old - left, first + left, leaves - left, false)),
          await hashOf(p, hashAt, first, left),
        ]
  }
}

export interface Inclusion {
  readonly leaf: Bytes
  readonly index: number
  readonly size: number
  readonly root: Bytes
  readonly proof: readonly Bytes[]
}

export async function includes(p: Hashing, { leaf, index, size, root, proof }: Inclusion): Promise<boolean> {
  if (!isSize(size) || !Number.isSafeInteger(index) || index < 0 || index >= size) return false
  if (!isProof(proof)) return false
  const found = await above(index, size, proof)
  return found !== undefined && equalBytes(found, root)

  /** Undefined: the proof is too long or too short. */
  async function above(at: number, leaves: number, hashes: readonly Bytes[]): Promise<Bytes | undefined> {
    if (leaves === 1) return hashes.length === 0 ? leaf : undefined
    const beside = hashes.at(-1)
    if (beside === undefined) return undefined
    const left = leftLeaves(leaves)
    const rest = hashes.slice(0, -1)
    const own = await (at < left ? above(at, left, rest) : above(at - left, leaves - left, rest))
    if (own === undefined) return undefined
    return at < left ? nodeHash(p, own, beside) : nodeHash(p, beside, own)
  }
}

/** A state of the log. */
export interface TreeHead {
  readonly size: number
  readonly root: Bytes
}

/** Whether `later` is what became of `earlier` by appending alone. */
export async function grewFrom(
  p: Hashing,
  earlier: TreeHead,
  later: TreeHead,
  proof: readonly Bytes[],
): Promise<boolean> {
  if (!isSize(earlier.size) || !isSize(later.size) || earlier.size > later.size || !isProof(proof))
    return false
  if (earlier.size === 0) return proof.length === 0
  const found = await above(earlier.size, later.size, true, proof)
  return found !== undefined && equalBytes(found.old, earlier.root) && equalBytes(found.now, later.root)

  async function above(
    old: number,
    leaves: number,
    known: boolean,
    hashes: readonly Bytes[],
  ): Promise<{ readonly old: Bytes; readonly now: Bytes } | undefined> {
    const last = hashes.at(-1)
    if (old === leaves) {
      const whole = known ? earlier.root : last
      const isSpent = hashes.length === (known ? 0 : 1)
      return whole === undefined || !isSpent ? undefined : { old: whole, now: whole }
    }
    if (last === undefined) return undefined
    const left = leftLeaves(leaves)
    const rest = hashes.slice(0, -1)
    if (old <= left) {
      const found = await above(old, left, known, rest)
      return found && { old: found.old, now: await nodeHash(p, found.now, last) }
    }
    const found = await above(old - left, leaves - left, false, rest)
    return found && { old: await nodeHash(p, last, found.old), now: await nodeHash(p, last, found.now) }
  }
}

/** Of any run of leaves that begins where a subtree of its size could. */
async function hashOf(p: Hashing, hashAt: HashAt, first: number, leaves: number): Promise<Bytes> {
  const level = Math.log2(leaves)
  if (Number.isInteger(level)) return hashAt(level, first / leaves)
  const left = leftLeaves(leaves)
  return nodeHash(
    p,
    await hashOf(p, hashAt, first, left),
    await hashOf(p, hashAt, first + left, leaves - left),
  )
}

function isSize(size: number): boolean {
  return Number.isSafeInteger(size) && size >= 0 && size <= logSizeMax
}

function isProof(proof: readonly Bytes[]): boolean {
  return proof.length <= proofHashesMax && proof.every(hash => hash.length === hashBytes)
}

function requireRange(holds: boolean): void {
  if (!holds) throw new RangeError('there is no such proof')
}
