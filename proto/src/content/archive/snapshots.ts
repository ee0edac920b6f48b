/** The snapshots of a device, as someone who holds its keys sees them: signatures checked, bodies opened. */
import type { Bytes } from '../../bytes.ts'
import { Failure } from '../../failure.ts'
import { decodeWhole } from '../../object/header.ts'
import { type ObjectId, objectId, type Sealed } from '../../object/id.ts'
import type { Primitives } from '../../primitives.ts'
import { type Commit, verifyCommit } from '../../trust/commit.ts'
import type { SnapshotChoice } from '../../trust/restore-wish.ts'
import { type CommitBody, openCommitBody } from '../commit-body.ts'
import type { Reference } from '../entry.ts'
import type { EpochKeys } from '../keys.ts'

export interface Snapshot {
  /** Record id of the commit. */
  readonly id: ObjectId
  readonly commit: Commit
  readonly body: CommitBody
  readonly root: Reference
  /** The index of names; undefined: the device keeps none. */
  readonly names: Reference | undefined
  /** When the collector received it: its own clock, which no device can set. */
  readonly receivedAtMs: number
}

/** Commit records of a device, newest first. */
export type CommitRecords = AsyncIterable<{ readonly stored: Sealed; readonly receivedAtMs: number }>

export interface SnapshotReader {
  readonly primitives: Primitives
  readonly deviceKey: Bytes
  /** Undefined when the keys of that epoch are not at hand. */
  readonly keysOf: (epoch: number) => EpochKeys | undefined
}

/** Newest first. Throws for a commit that its device did not sign: then the collector is not to be believed at all. */
export async function* snapshotsOf(reader: SnapshotReader, records: CommitRecords): AsyncGenerator<Snapshot> {
  for await (const { stored, receivedAtMs } of records) yield await openSnapshot(reader, stored, receivedAtMs)
}

export async function openSnapshot(
  reader: SnapshotReader,
  stored: Sealed,
  receivedAtMs: number,
): Promise<Snapshot> {
  const { primitives: p } = reader
  const { body: envelope } = decodeWhole(stored)
  const commit = await verifyCommit(p, envelope, reader.deviceKey)
  const keys = reader.keysOf(commit.epoch)
  if (keys === undefined) {
    throw new Failure('no_keys', `the keys of epoch ${commit.epoch} are not at hand`, {
      hint: 'run: backstay prove',
    })
  }
  const body = await openCommitBody(p, keys, commit, commit.sealed)
  const root = { id: commit.root, key: body.rootKey }
  const names = commit.names && body.namesKey && { id: commit.names, key: body.namesKey }
  return { id: objectId(await p.sha256(stored)), commit, body, root, names, receivedAtMs }
}

/** Reads `--at`: a date and time, or `#12`. Throws `bad_time`. */
export function parseChoice(text: string | undefined): SnapshotChoice {
  if (text === undefined) return { kind: 'newest' }
  const number = /^#(\d{1,15})$/.exec(text)
  if (number) return { kind: 'number', sequence: Number(number[1]) }
  const ms = Date.parse(text)
  if (Number.isNaN(ms)) {
    throw new Failure('bad_time', `"${text}" is neither a time nor the number of a snapshot`, {
      hint: 'write --at "2026-11-21 14:30", --at 2026-11-21T14:30:00Z or --at "#12"',
    })
  }
  return { kind: 'at', ms }
}

/**
 * Complete snapshots are preferred: an incomplete one is chosen only by its number, or when there is no complete one.
 * Throws `no_snapshot`.
 */
export async function chooseSnapshot(
  choice: SnapshotChoice,
  snapshots: AsyncIterable<Snapshot>,
): Promise<Snapshot> {
  let incomplete: Snapshot | undefined
  for await (const snapshot of snapshots) {
    const { sequence, complete } = snapshot.commit
    if (choice.kind === 'number') {
      if (sequence === choice.sequence) return snapshot
      continue
    }
    if (choice.kind === 'at' && snapshot.receivedAtMs > choice.ms) continue
    if (complete) return snapshot
    incomplete ??= snapshot
  }
  if (incomplete !== undefined) return incomplete
  throw new Failure('no_snapshot', noSnapshot(choice), { hint: 'list them with: snapshots' })
}

function noSnapshot(choice: SnapshotChoice): string {
  switch (choice.kind) {
    case 'newest':
      return 'there is no snapshot yet'
    case 'at':
      return `there is no snapshot from ${new Date(choice.ms).toISOString()} or earlier`
    case 'number':
      return `there is no snapshot #${choice.sequence}`
  }
}
