/** Opens segments in a thread of its own. */
import { parentPort } from 'node:worker_threads'
import type { Bytes } from '@backstay/proto/bytes'
import type { Reference } from '@backstay/proto/content/entry'
import { openObject } from '@backstay/proto/content/seal'
import { Failure } from '@backstay/proto/failure'
import { nodePrimitives } from '@backstay/proto/node'
import { release } from '@backstay/proto/release'

export interface Request {
  readonly ticket: number
  readonly open: Bytes
  readonly reference: Reference
}

export type Reply =
  | { readonly ticket: number; readonly plain: Bytes }
  | { readonly ticket: number; readonly failure: { readonly code: string; readonly message: string } }

const port = parentPort

port?.on('message', async (request: Request) => {
  const { ticket } = request
  try {
    await open(ticket, request.open, request.reference)
  } catch (error) {
    const failure = error instanceof Failure ? error : new Failure('sealing_failed', String(error))
    port?.postMessage({ ticket, failure: { code: failure.code, message: failure.message } } satisfies Reply)
  }
})

async function open(ticket: number, stored: Bytes, reference: Reference): Promise<void> {
  const { bytes } = await openObject(nodePrimitives, reference, 'segment', stored)
  const plain = bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice()
  // This thread's copies: gone now, and not when 64 MiB of them have gathered.
  release(stored)
  if (plain !== bytes) release(bytes)
  port?.postMessage({ ticket, plain } satisfies Reply, [plain.buffer as ArrayBuffer])
}
