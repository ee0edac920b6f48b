/** Whether a commit may become its device's newest snapshot. */

import { type Bytes, concat, equalBytes } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import { decodeWhole } from '@backstay/proto/object/header'
import type { ObjectId, Sealed } from '@backstay/proto/object/id'
import type { Primitives } from '@backstay/proto/primitives'
import { type Commit, childrenOfCommit, verifyCommit } from '@backstay/proto/trust/commit'

export interface Head {
  readonly id: ObjectId
  readonly sequence: number
}

/**
 * Reads a commit record and checks the device's signature. The header's children are what the commit names, its root
 * and its names, or the collector would keep another tree than the device meant. Throws `bad_object`, `bad_commit`, `wrong_type`.
 */
export async function readCommit(p: Primitives, stored: Sealed, deviceKey: Bytes): Promise<Commit> {
  const { header, body } = decodeWhole(stored)
  if (header.type !== 'record') throw new Failure('wrong_type', `a ${header.type} is put, not published`)
  const commit = await verified(p, body, deviceKey)
  const children = childrenOfCommit(commit)
  if (!equalBytes(concat(...header.children), concat(...children))) {
    throw new Failure('bad_commit', 'the children of the record are not those that its commit names')
  }
  return commit
}

/**
 * A commit follows the head, or begins a marked branch beyond it: a device that lost its state, or found this collector
 * rolled back, goes on protecting under a mark that everyone sees.
 */
export function requireNext(commit: Commit, head: Head | undefined): void {
  const follows =
    head === undefined
      ? commit.sequence === 1
      : commit.sequence === head.sequence + 1 && commit.previous === head.id
  if (follows) return
  if (commit.branch !== undefined && commit.sequence > (head?.sequence ?? 0)) return
  throw new Failure(
    'stale_head',
    `commit ${commit.sequence} does not follow the newest here, ${head?.sequence ?? 'none'}`,
    { hint: 'the agent continues on a marked branch; two machines with one identity look the same' },
  )
}

/** A parcel is packed once: whoever got hold of its key later could give its receiver something else. */
export function requireOnly({ sequence }: Commit): void {
  if (sequence > 1) throw new Failure('bad_commit', `a parcel has one commit, and this is number ${sequence}`)
}

/** To the device every doubt about its own signed word is one code. */
async function verified(p: Primitives, body: Bytes, deviceKey: Bytes): Promise<Commit> {
  try {
    return await verifyCommit(p, body, deviceKey)
  } catch (cause) {
    if (!(cause instanceof Failure)) throw cause
    throw new Failure('bad_commit', `not a commit of this device: ${cause.message}`, { cause })
  }
}
