/** A thread that makes system calls for others and may be held up by one for good (threads/bounded-threads.ts). */
import { type MessagePort, workerData } from 'node:worker_threads'
import type { Bytes } from '@backstay/proto/bytes'
import { batchOver } from '../reading/batch.ts'
import { readBatch } from '../reading/read-batch.ts'
import type { Asked, ListedPart, StatAnswer } from '../system/bounded-calls.ts'
import { errno } from '../system/error-numbers.ts'
import { loadSystem } from '../system/load.ts'
import { pathCalls } from '../system/path-calls.ts'
import { emptyStat, type FolderEntry, type Handle } from '../system/system.ts'
import { isSystemError, SystemError } from '../system/system-error.ts'

export interface BoundedRequest extends Asked {
  /** 0: nobody waits for an answer. */
  readonly ticket: number
}

export interface BoundedReply {
  readonly ticket: number
  readonly answer?: unknown
  readonly refused?: { readonly errno: number; readonly call: string }
  /** A mistake of ours. */
  readonly broken?: string
}

/** What the thread is given. */
export interface BoundedThreadData {
  /** Requests come, and replies go; undefined ends the thread. */
  readonly port: MessagePort
  /** One number: 1 as soon as a reply lies there. */
  readonly rung: Int32Array
}

const { port, rung } = workerData as BoundedThreadData
const system = await loadSystem()
type Call = (...words: readonly unknown[]) => unknown
const calls = { ...system, ...pathCalls } as unknown as Readonly<Record<string, Call>>

/** A large folder on a slow share takes long: each part of it in time is enough. */
const partEntries = 512
const listings = new Map<Handle, Iterator<FolderEntry>>()

port.on('message', (request: BoundedRequest | undefined) => {
  if (request === undefined) return port.close()
  const { ticket, name, words } = request
  const reply = { ticket, ...answerOf(name, words) }
  if (ticket === 0) return
  port.postMessage(reply satisfies BoundedReply)
  Atomics.store(rung, 0, 1)
  Atomics.notify(rung, 0)
})

function answerOf(name: string, words: readonly unknown[]): Omit<BoundedReply, 'ticket'> {
  try {
    return { answer: answered(name, words) }
  } catch (error) {
    if (isSystemError(error)) return { refused: { errno: error.errno, call: error.call } }
    const { errno, syscall } = error as NodeJS.ErrnoException
    if (errno !== undefined) return { refused: { errno: -errno, call: syscall ?? name } }
    return { broken: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}

function answered(name: string, words: readonly unknown[]): unknown {
  const [first, second] = words
  if (name === 'readBatch') return readBatch(system, batchOver(first as SharedArrayBuffer, second as number))
  if (name === 'tryStat' || name === 'tryStatAt') return statOf(name, words)
  if (name === 'read') return bytesOf(first as Handle, second as number, words[2] as number | undefined)
  if (name === 'listFolder') return partOf(first as Handle, second as boolean)
  if (name === 'close') listings.delete(first as Handle)
  return (calls[name] as Call)(...words)
}

function statOf(name: string, words: readonly unknown[]): StatAnswer {
  const stat = emptyStat()
  const failed = (calls[name] as Call)(...words, stat) as number
  return { failed, stat }
}

function bytesOf(file: Handle, length: number, position: number | undefined): Bytes {
  const bytes = new Uint8Array(length)
  return bytes.slice(0, system.read(file, bytes, position))
}

function partOf(folder: Handle, isFirst: boolean): ListedPart {
  if (isFirst) listings.set(folder, system.listFolder(folder)[Symbol.iterator]())
  const listing = listings.get(folder)
  // Another thread began it and is held up.
  if (listing === undefined) throw new SystemError(errno.EIO, 'list')
  const part: FolderEntry[] = []
  while (part.length < partEntries) {
    const { done, value } = listing.next()
    if (done === true) {
      if (part.length === 0) listings.delete(folder)
      break
    }
    part.push({ ...value, name: value.name.slice() })
  }
  return part
}
