/** Seals segments in a thread of its own: compresses, encrypts and hashes. Holds the object key of one epoch. */
import { parentPort, workerData } from 'node:worker_threads'
import type { Bytes } from '@backstay/proto/bytes'
import { type SealingKeys, sealObject } from '@backstay/proto/content/seal'
import { nodePrimitives } from '@backstay/proto/node'

export interface SealRequest {
  readonly ticket: number
  readonly plain: Bytes
}

export type SealReply =
  | {
      readonly ticket: number
      readonly id: string
      readonly key: Bytes
      readonly stored: Bytes
      readonly plain: Bytes
    }
  | { readonly ticket: number; readonly error: unknown }

const port = parentPort
const keys = workerData as SealingKeys

port?.on('message', async ({ ticket, plain }: SealRequest) => {
  try {
    const { reference, stored } = await sealObject(nodePrimitives, keys, {
      type: 'segment',
      children: [],
      bytes: plain,
    })
    const reply: SealReply = { ticket, id: reference.id, key: reference.key, stored, plain }
    // The sealed bytes and the emptied buffer change hands without a copy.
    port.postMessage(reply, [stored.buffer as ArrayBuffer, plain.buffer as ArrayBuffer])
  } catch (error) {
    port.postMessage({ ticket, error } satisfies SealReply)
  }
})
