/** Reads small files in a thread of its own: waiting for the disk and hashing go on beside the walk. */
import { parentPort } from 'node:worker_threads'
import { loadSystem } from '../system/load.ts'
import { batchOver } from './batch.ts'
import { type AttributesOfBatch, readBatch } from './read-batch.ts'

export interface Request {
  readonly ticket: number
  readonly memory: SharedArrayBuffer
  readonly files: number
}

export interface Reply {
  readonly ticket: number
  readonly attributes: AttributesOfBatch
}

const port = parentPort
const system = await loadSystem()

port?.on('message', ({ ticket, memory, files }: Request) => {
  const attributes = readBatch(system, batchOver(memory, files))
  port?.postMessage({ ticket, attributes } satisfies Reply)
})
