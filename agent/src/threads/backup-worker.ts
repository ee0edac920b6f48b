/**
 * A thread of a backup: lists folders, reads small files, seals segments. Waiting for the disk, compression, encryption
 * and hashing are most of a backup's work, and none of it holds up the walk.
 */
import { parentPort } from 'node:worker_threads'
import type { Bytes } from '@backstay/proto/bytes'
import type { Reference } from '@backstay/proto/content/entry'
import { type SealingKeys, sealObject } from '@backstay/proto/content/seal'
import { nodePrimitives } from '@backstay/proto/node'
import { type Excludes, excludesOf } from '@backstay/proto/policy/excludes'
import type { Effort } from '@backstay/proto/primitives'
import { batchOver } from '../reading/batch.ts'
import { type AttributesOfBatch, readBatch } from '../reading/read-batch.ts'
import { type Along, type PackedListing, packListings, splitNames } from '../scan/listing.ts'
import { loadSystem } from '../system/load.ts'
import { loadBuffers } from '../system/load-buffers.ts'
import type { Handle } from '../system/system.ts'
import { onRequest, ownData } from './requests.ts'

export interface ListRequest {
  readonly ticket: number
  readonly folder: Handle
  readonly names: Bytes
  readonly along: AlongText | undefined
}

export interface SealRequest {
  readonly ticket: number
  /** In shared memory. */
  readonly seal: Bytes
  readonly effort: Effort
}

export type Request =
  | SealRequest
  | { readonly ticket: number; readonly memory: SharedArrayBuffer; readonly files: number }
  | ListRequest

export interface AlongText {
  readonly patterns: readonly string[]
  readonly path: string
}

export type Reply =
  | { readonly ticket: number; readonly reference: Reference; readonly stored: Bytes }
  | { readonly ticket: number; readonly attributes: AttributesOfBatch }
  | { readonly ticket: number; readonly listings: readonly (PackedListing | undefined)[] }

const port = parentPort
const keys = ownData() as SealingKeys
const system = await loadSystem()
const buffers = await loadBuffers()

onRequest((request: Request) => {
  const { ticket } = request
  if ('seal' in request) return seal(request)
  if ('folder' in request) return list(request)
  const attributes = readBatch(system, batchOver(request.memory, request.files))
  port?.postMessage({ ticket, attributes } satisfies Reply)
}, buffers)

async function seal({ ticket, seal: bytes, effort }: SealRequest): Promise<void> {
  // Not before: a thread that only lists folders has no large ones.
  buffers.keep(bytes.length)
  const plain = { type: 'segment', children: [], bytes } as const
  const { reference, stored } = await sealObject(nodePrimitives, keys, plain, effort)
  port?.postMessage({ ticket, reference, stored } satisfies Reply, [stored.buffer as ArrayBuffer])
}

function list({ ticket, folder, names, along }: ListRequest): void {
  const listings = packListings(system, folder, splitNames(names), along && withExcludes(along))
  const moved: ArrayBuffer[] = []
  for (const listing of listings) if (listing !== undefined) gather(listing, moved)
  port?.postMessage({ ticket, listings } satisfies Reply, moved)
}

function gather({ names, stats, below }: PackedListing, into: ArrayBuffer[]): void {
  into.push(stats.buffer, names.buffer as ArrayBuffer)
  for (const listing of below.values()) gather(listing, into)
}

/** Read once for each root. */
const known = new Map<string, Excludes | undefined>()

function withExcludes({ patterns, path }: AlongText): Along {
  const text = patterns.join('\0')
  if (!known.has(text)) known.set(text, excludesOf(patterns))
  return { excludes: known.get(text), path }
}
