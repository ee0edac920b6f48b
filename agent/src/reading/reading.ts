/** Threads that read small files ahead of the backup. What they cannot read, the backup reads itself. */
import { availableParallelism } from 'node:os'
import { threadPool } from '../threads/pool.ts'
import type { Batch } from './batch.ts'
import type { AttributesOfBatch } from './read-batch.ts'
import type { Reply, Request } from './worker.ts'

export interface FileReader extends AsyncDisposable {
  /** Reads all files of the batch, which is the thread's until then. */
  read(batch: Batch): Promise<AttributesOfBatch>
}

/** While one waits for the disk another can read or hash; more cost memory and gain nothing (docs/performance.md). */
const threadsDefault = Math.min(4, availableParallelism() + 1)

export function threadReader(threads = threadsDefault): FileReader {
  const pool = threadPool<Request, Reply>({
    script: new URL('./worker.ts', import.meta.url),
    threads,
    youngMiB: 1,
    oldMiB: 32,
  })
  return {
    async read({ memory, files }) {
      const { attributes } = await pool.ask(ticket => ({ ticket, memory, files }))
      return attributes
    },
    [Symbol.asyncDispose]: pool.end,
  }
}
