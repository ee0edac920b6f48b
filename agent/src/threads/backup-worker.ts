/**
 * A thread of a backup: lists folders, reads small files, seals segments. Waiting for the disk, compression, encryption
 * and hashing are most of a backup's work, and none of it holds up the walk.
 */
import { parentPort } from 'node:worker_threads'
import type { Bytes } from '@backstay/proto/bytes'
import type { Reference } from '@backstay/proto/content/entry'
import { type SealingKeys, sealObject } from '@backstay/proto/content/seal'
import { nodePrimitives } from '@backstay/proto/node'
import { batchOver } from '../reading/batch.ts'
import { type AttributesOfBatch, readBatch } from '../reading/read-batch.ts'
import { type PackedListing, packListing, splitNames } from '../scan/listing.ts'
import { loadSystem } from '../system/load.ts'
import type { Handle } from '../system/system.ts'
import { onRequest, ownData } from './requests.ts'

export type Request =
  /** `seal` lies in shared memory. */
  | { readonly ticket: number; readonly seal: Bytes }
  | { readonly ticket: number; readonly memory: SharedArrayBuffer; readonly files: number }
  | { readonly ticket: number; readonly folder: Handle; readonly names: Bytes }

export type Reply =
  | { readonly ticket: number; readonly reference: Reference; readonly stored: Bytes }
  | { readonly ticket: number; readonly attributes: AttributesOfBatch }
  | { readonly ticket: number; readonly listings: readonly (PackedListing | undefined)[] }

const port = parentPort
const keys = ownData() as SealingKeys
const system = await loadSystem()

onRequest((request: Request) => {
  const { ticket } = request
  if ('seal' in request) return seal(ticket, request.seal)
  if ('folder' in request) return list(ticket, request.folder, splitNames(request.names))
  const attributes = readBatch(system, batchOver(request.memory, request.files))
  port?.postMessage({ ticket, attributes } satisfies Reply)
})

async function seal(ticket: number, bytes: Bytes): Promise<void> {
  const plain = { type: 'segment', children: [], bytes } as const
  const { reference, stored } = await sealObject(nodePrimitives, keys, plain)
  port?.postMessage({ ticket, reference, stored } satisfies Reply, [stored.buffer as ArrayBuffer])
}

function list(ticket: number, folder: Handle, names: readonly Bytes[]): void {
  const listings = names.map(name => packListing(system, folder, name))
  const moved: ArrayBuffer[] = []
  for (const listing of listings)
    if (listing !== undefined) moved.push(listing.stats.buffer, listing.names.buffer as ArrayBuffer)
  port?.postMessage({ ticket, listings } satisfies Reply, moved)
}
