/**
 * The rule that makes every snapshot provably complete: an object is admitted to a domain only when all its children
 * are admitted there. By induction, whoever holds the root holds all of it; so publishing looks at one row.
 */
import { Failure } from '@backstay/proto/failure'
import { childIds, decodeWhole, type Header } from '@backstay/proto/object/header'
import { type ObjectId, objectId, type Sealed } from '@backstay/proto/object/id'
import type { Primitives } from '@backstay/proto/primitives'
import type { Domain } from '../catalog/vaults.ts'
import type { Placement } from '../packs/group-commit.ts'
import type { Known, Pending } from './pending.ts'

export interface Candidate {
  readonly id: ObjectId
  readonly header: Header
  readonly stored: Sealed
}

/** Throws `bad_object`, or `wrong_type` for records, which have ways of their own. */
export async function readObject(p: Pick<Primitives, 'sha256'>, stored: Sealed): Promise<Candidate> {
  const { header } = decodeWhole(stored)
  if (header.type === 'record') throw new Failure('wrong_type', 'a record is published, not put')
  // Segments are written before pages; with children they could come before them.
  if (header.type === 'segment' && header.children.length > 0) {
    throw new Failure('bad_object', 'not an object: a segment has no children', { remedy: 'repair' })
  }
  return { id: objectId(await p.sha256(stored)), header, stored }
}

/**
 * Those children that are on their way to the disk. Throws `unknown_child`, whether the id was never seen, belongs to
 * another device or is damaged: nobody learns what others store.
 */
export async function requireChildren(
  pending: Pending,
  domain: Domain,
  header: Header,
): Promise<Placement[]> {
  const ids = childIds(header)
  const known = await pending.find(domain, ids)
  const coming: Placement[] = []
  for (const [index, child] of known.entries()) {
    if (!isAdmitted(child)) throw unknownChild(ids[index])
    if (child?.state === 'coming') coming.push(child.placement)
  }
  return coming
}

export function isAdmitted(known: Known | undefined): boolean {
  return known !== undefined && (known.state === 'coming' || known.row.whole)
}

function unknownChild(id: ObjectId | undefined): Failure {
  return new Failure('unknown_child', `child "${id}" was not put before its parent`, { remedy: 'repair' })
}
