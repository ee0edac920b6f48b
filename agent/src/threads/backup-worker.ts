/**
 * A thread of a backup: reads small files, seals segments. Waiting for the disk, compression, encryption and hashing are
 * most of a backup's work, and none of it holds up the walk.
 */
import { parentPort, workerData } from 'node:worker_threads'
import type { Bytes } from '@backstay/proto/bytes'
import type { Reference } from '@backstay/proto/content/entry'
import { type SealingKeys, sealObject } from '@backstay/proto/content/seal'
import { nodePrimitives } from '@backstay/proto/node'
import { batchOver } from '../reading/batch.ts'
import { type AttributesOfBatch, readBatch } from '../reading/read-batch.ts'
import { loadSystem } from '../system/load.ts'

export type Request =
  /** `seal` lies in shared memory. */
  | { readonly ticket: number; readonly seal: Bytes }
  | { readonly ticket: number; readonly memory: SharedArrayBuffer; readonly files: number }

export type Reply =
  | { readonly ticket: number; readonly reference: Reference; readonly stored: Bytes }
  | { readonly ticket: number; readonly attributes: AttributesOfBatch }

const port = parentPort
const keys = workerData as SealingKeys
const system = await loadSystem()

port?.on('message', async (request: Request) => {
  const { ticket } = request
  if ('seal' in request) return seal(ticket, request.seal)
  const attributes = readBatch(system, batchOver(request.memory, request.files))
  port.postMessage({ ticket, attributes } satisfies Reply)
})

async function seal(ticket: number, bytes: Bytes): Promise<void> {
  const plain = { type: 'segment', children: [], bytes } as const
  const { reference, stored } = await sealObject(nodePrimitives, keys, plain)
  port?.postMessage({ ticket, reference, stored } satisfies Reply, [stored.buffer as ArrayBuffer])
}
