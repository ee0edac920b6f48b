/**
 * A thread of a restore: opens segments, writes files. Decryption, unpacking, hashing and waiting for the file system are
 * most of a restore's work, and none of it holds up what comes from the collector.
 */
import { parentPort } from 'node:worker_threads'
import type { Bytes } from '@backstay/proto/bytes'
import type { Reference } from '@backstay/proto/content/entry'
import { openObject } from '@backstay/proto/content/seal'
import { copyBytes } from '@backstay/proto/copy-bytes'
import { Failure } from '@backstay/proto/failure'
import { nodePrimitives } from '@backstay/proto/node'
import { release } from '@backstay/proto/release'
import type { FileBatch } from '../restore/file-batch.ts'
import { type BatchResult, type BatchRules, writeBatch } from '../restore/write-batch.ts'
import { loadSystem } from '../system/load.ts'
import { loadBuffers } from '../system/load-buffers.ts'
import type { Handle } from '../system/system.ts'
import { isSystemError } from '../system/system-error.ts'
import { onRequest } from './requests.ts'

export interface OpenRequest {
  readonly ticket: number
  readonly reference: Reference
  /** In shared memory, as is `room` for what is in it. */
  readonly stored: Bytes
  readonly room: Bytes
}

export interface RunRequest {
  readonly ticket: number
  readonly file: Handle
  readonly bytes: Bytes
  readonly position: number
}

export type Request =
  | OpenRequest
  | RunRequest
  | { readonly ticket: number; readonly batch: FileBatch; readonly rules: BatchRules }

export type Reply =
  /** The segment's length; where the room was not enough for it, the segment itself. */
  | { readonly ticket: number; readonly length: number; readonly plain?: Bytes }
  | { readonly ticket: number; readonly damage: { readonly code: string; readonly message: string } }
  | { readonly ticket: number; readonly batch: BatchResult }
  /** 0, or the error number with which the system refused. */
  | { readonly ticket: number; readonly errno: number }

const port = parentPort
const system = await loadSystem()
const buffers = await loadBuffers()

onRequest((request: Request) => {
  const { ticket } = request
  if ('stored' in request) return open(request)
  if ('file' in request) return write(request)
  const batch = writeBatch(system, request.batch, request.rules)
  port?.postMessage({ ticket, batch } satisfies Reply)
}, buffers)

async function open({ ticket, reference, stored, room }: OpenRequest): Promise<void> {
  buffers.keep(room.length)
  try {
    const { bytes } = await openObject(nodePrimitives, reference, 'segment', stored)
    const { length } = bytes
    if (length > room.length) {
      port?.postMessage({ ticket, length, plain: bytes.slice() } satisfies Reply)
      return
    }
    copyBytes(bytes, room)
    // Gone now, and not when 64 MiB of them have gathered.
    release(bytes)
    port?.postMessage({ ticket, length } satisfies Reply)
  } catch (error) {
    if (!(error instanceof Failure) || error.remedy !== 'repair') throw error
    const { code, message } = error
    port?.postMessage({ ticket, damage: { code, message } } satisfies Reply)
  }
}

function write({ ticket, file, bytes, position }: RunRequest): void {
  let errno = 0
  try {
    system.writeAround(file, bytes, position)
  } catch (error) {
    if (!isSystemError(error)) throw error
    errno = error.errno
  }
  port?.postMessage({ ticket, errno } satisfies Reply)
}
