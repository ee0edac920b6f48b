/** The device's signed word that a map is its state: sealed, signed and made a record. */
import { type CommitBody, sealCommitBody } from '@backstay/proto/content/commit-body'
import type { Reference } from '@backstay/proto/content/entry'
import type { EpochKeys } from '@backstay/proto/content/keys'
import type { Built } from '@backstay/proto/content/map/build'
import { encodeRecord } from '@backstay/proto/object/header'
import type { DeviceId, FleetId, ObjectId, Sealed } from '@backstay/proto/object/id'
import type { Primitives, SigningKey } from '@backstay/proto/primitives'
import { childrenOfCommit, signCommit } from '@backstay/proto/trust/commit'

export interface CommitOptions {
  readonly primitives: Primitives
  readonly fleet: FleetId
  readonly device: DeviceId
  readonly keys: EpochKeys
  readonly signingKey: SigningKey
  /** The commit before. */
  readonly head: { readonly sequence: number; readonly id: ObjectId | undefined }
  readonly branch: Uint8Array | undefined
  readonly startedAtMs: number
  readonly endedAtMs: number
  readonly complete: boolean
  readonly seenTrust: number
  readonly seenPolicy: number
  /** The index of names. */
  readonly names: Reference | undefined
  readonly describe: Omit<CommitBody, 'rootKey' | 'rootType' | 'namesKey'>
}

/** The stored bytes of the commit record. */
export async function makeCommit(options: CommitOptions, built: Built): Promise<Sealed> {
  const { primitives: p, fleet, device, keys, head, names } = options
  const sequence = head.sequence + 1
  const body: CommitBody = {
    ...options.describe,
    rootKey: built.root.key,
    rootType: 'page',
    namesKey: names?.key,
  }
  const children = { root: built.root.id, names: names?.id }
  const envelope = await signCommit(
    p,
    {
      ...{ fleet, device, sequence, epoch: keys.epoch, previous: head.id, ...children },
      ...{ startedAtMs: options.startedAtMs, endedAtMs: options.endedAtMs, complete: options.complete },
      ...{ entries: built.entries, bytes: built.bytes, unread: built.unread },
      ...{ seenTrust: options.seenTrust, seenPolicy: options.seenPolicy, branch: options.branch },
      sealed: await sealCommitBody(p, keys, { fleet, device, sequence }, body),
    },
    options.signingKey,
  )
  return encodeRecord(envelope, childrenOfCommit(children)) as Sealed
}
