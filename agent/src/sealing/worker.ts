/** Seals and opens segments in a thread of its own: compression, encryption and hashing are most of a backup's work. */
import { parentPort, workerData } from 'node:worker_threads'
import type { Bytes } from '@backstay/proto/bytes'
import type { Reference } from '@backstay/proto/content/entry'
import { openObject, type SealingKeys, sealObject } from '@backstay/proto/content/seal'
import { Failure } from '@backstay/proto/failure'
import { nodePrimitives } from '@backstay/proto/node'
import { release } from '@backstay/proto/release'

export type Request =
  /** `seal` lies in shared memory. */
  | { readonly ticket: number; readonly seal: Bytes }
  | { readonly ticket: number; readonly open: Bytes; readonly reference: Reference }

export type Reply =
  | { readonly ticket: number; readonly reference: Reference; readonly stored: Bytes }
  | { readonly ticket: number; readonly plain: Bytes }
  | { readonly ticket: number; readonly failure: { readonly code: string; readonly message: string } }

const port = parentPort
/** Undefined in a thread that only opens: references carry their keys. */
const keys = workerData as SealingKeys | undefined

port?.on('message', async (request: Request) => {
  const { ticket } = request
  try {
    if ('seal' in request) await seal(ticket, request.seal)
    else await open(ticket, request.open, request.reference)
  } catch (error) {
    const failure = error instanceof Failure ? error : new Failure('sealing_failed', String(error))
    port?.postMessage({ ticket, failure: { code: failure.code, message: failure.message } } satisfies Reply)
  }
})

async function seal(ticket: number, bytes: Bytes): Promise<void> {
  if (keys === undefined) throw new Failure('sealing_failed', 'this thread holds no keys')
  const { reference, stored } = await sealObject(nodePrimitives, keys, {
    type: 'segment',
    children: [],
    bytes,
  })
  port?.postMessage({ ticket, reference, stored } satisfies Reply, [stored.buffer as ArrayBuffer])
}

async function open(ticket: number, stored: Bytes, reference: Reference): Promise<void> {
  const { bytes } = await openObject(nodePrimitives, reference, 'segment', stored)
  const plain = bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice()
  // This thread's copies: gone now, and not when 64 MiB of them have gathered.
  release(stored)
  if (plain !== bytes) release(bytes)
  port?.postMessage({ ticket, plain } satisfies Reply, [plain.buffer as ArrayBuffer])
}
