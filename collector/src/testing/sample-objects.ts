/** Objects as a device makes them, with random bodies: the collector could not open real ones either. */
import type { Bytes } from '@backstay/proto/bytes'
import { concat } from '@backstay/proto/bytes'
import { nodePrimitives } from '@backstay/proto/node'
import { encodeHeader, encodeRecord, type ObjectType, tagBytes } from '@backstay/proto/object/header'
import { type DeviceId, idToBytes, type ObjectId, objectId, type Sealed } from '@backstay/proto/object/id'
import { type Commit, childrenOfCommit, signCommit } from '@backstay/proto/trust/commit'
import { signEscrow } from '@backstay/proto/trust/escrow-record'
import { type TestDevice, type TestFleet, testNowMs } from '@backstay/proto/trust/testing/fleet'
import type { SeededRandom } from '../packs/seeded-random.ts'

export interface SampleObject {
  readonly id: ObjectId
  readonly stored: Sealed
  readonly children: readonly ObjectId[]
}

export async function sampleObject(
  random: SeededRandom,
  type: Exclude<ObjectType, 'record'>,
  children: readonly ObjectId[] = [],
  bodyBytes = 100,
): Promise<SampleObject> {
  const sorted = [...new Set(children)].sort()
  const header = encodeHeader({
    type,
    alg: 1,
    domain: 0,
    epoch: 1,
    bodyBytes,
    children: sorted.map(idToBytes),
  })
  return withId(concat(header, random.bytes(bodyBytes + tagBytes)), sorted)
}

export interface SampleTree {
  /** Children before parents. */
  readonly objects: readonly SampleObject[]
  readonly root: ObjectId
}

/** Segments under leaf pages under one root. */
export async function sampleTree(
  random: SeededRandom,
  options: { readonly leaves?: number; readonly segments?: number; readonly bodyBytes?: number } = {},
): Promise<SampleTree> {
  const { leaves = 2, segments = 2, bodyBytes = 100 } = options
  const objects: SampleObject[] = []
  const pages: ObjectId[] = []
  for (let leaf = 0; leaf < leaves; leaf++) {
    const below: ObjectId[] = []
    for (let segment = 0; segment < segments; segment++) {
      const made = await sampleObject(random, 'segment', [], bodyBytes)
      objects.push(made)
      below.push(made.id)
    }
    const page = await sampleObject(random, 'page', below)
    objects.push(page)
    pages.push(page.id)
  }
  const root = await sampleObject(random, 'page', pages)
  return { objects: [...objects, root], root: root.id }
}

export interface CommitOptions {
  readonly sequence?: number
  readonly previous?: ObjectId
  readonly epoch?: number
  readonly branch?: Bytes
  readonly device?: DeviceId
  readonly complete?: boolean
  readonly endedAtMs?: number
  /** Of the index of names. */
  readonly names?: ObjectId
}

/** A commit record signed by the device. */
export async function sampleCommit(
  fleet: TestFleet,
  device: TestDevice,
  root: ObjectId,
  options: CommitOptions = {},
): Promise<SampleObject> {
  const commit: Commit = {
    fleet: fleet.trust.fleet,
    device: options.device ?? device.id,
    epoch: options.epoch ?? 1,
    sequence: options.sequence ?? 1,
    previous: options.previous,
    root,
    startedAtMs: testNowMs,
    endedAtMs: options.endedAtMs ?? testNowMs,
    complete: options.complete ?? true,
    entries: 3,
    bytes: 300,
    unread: 0,
    sealed: new Uint8Array(40).fill(3),
    seenTrust: 1,
    seenPolicy: 1,
    branch: options.branch,
    ...(options.names && { names: options.names }),
  }
  const envelope = await signCommit(nodePrimitives, commit, device.key)
  const children = childrenOfCommit(commit)
  return withId(encodeRecord(envelope, children), children.map(objectId))
}

/** An escrow envelope; its age files are no age files, which the collector cannot know. */
export function sampleEscrow(fleet: TestFleet, device: TestDevice, epoch = 1): Promise<Bytes> {
  const file = new Uint8Array(200).fill(epoch)
  return signEscrow(
    nodePrimitives,
    {
      fleet: fleet.trust.fleet,
      device: device.id,
      epoch,
      check: new Uint8Array(32).fill(1),
      kitFile: file,
      deskFile: file,
      trustVersion: 1,
      issuedAtMs: testNowMs,
    },
    device.key,
  )
}

async function withId(bytes: Bytes, children: readonly ObjectId[]): Promise<SampleObject> {
  return { id: objectId(await nodePrimitives.sha256(bytes)), stored: bytes as Sealed, children }
}
