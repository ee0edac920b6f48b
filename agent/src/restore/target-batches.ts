/** Small files on their way to whoever writes them: gathered across folders, and what became of them taken in, in order. */
import type { Bytes } from '@backstay/proto/bytes'
import { type BatchFile, batchInMaking } from './file-batch.ts'
import type { HeldFolder } from './held-folder.ts'
import type { TargetFolders } from './target-folders.ts'
import type { Reporter } from './target-report.ts'
import { whenDiskFull } from './target-trouble.ts'
import type { BatchResult, BatchRules, BatchWriter } from './write-batch.ts'

export interface TargetBatches {
  readonly isEmpty: boolean
  /** A file for the folder where the writer stands. Throws what an earlier batch failed with. */
  add(path: readonly Bytes[], file: Omit<BatchFile, 'folder'>): void
  /**
   * Resolves when all that was added is written, also after a failure, which it then throws. Gives the paths of files
   * whose bytes were not what the snapshot says, since it was asked last.
   */
  settled(): Promise<readonly (readonly Bytes[])[]>
}

export interface TargetBatchesParts {
  readonly folders: Pick<TargetFolders, 'held'>
  readonly reporter: Reporter
  readonly writer: BatchWriter
  readonly rules: BatchRules
  /** For messages. */
  readonly directory: string
}

/** A thread is asked some thousand times in a large restore; the bytes wait for it in memory. */
const filesMax = 128
const bytesMax = 1024 * 1024
/** Each is open until its files are written. */
const foldersMax = 16

export function targetBatches({
  folders,
  reporter,
  writer,
  rules,
  directory,
}: TargetBatchesParts): TargetBatches {
  const making = batchInMaking()
  let paths: (readonly Bytes[])[] = []
  let bytes = 0
  let held: HeldFolder[] = []
  let wrong: (readonly Bytes[])[] = []
  let inOrder: Promise<void> = Promise.resolve()
  let pending = 0
  let failure: unknown

  function send(): void {
    if (making.files === 0) return
    const batch = { paths, held, result: writer.writeFiles(making.take(), rules) }
    // Taken in when its turn comes.
    batch.result.catch(() => undefined)
    pending++
    inOrder = inOrder.then(() => takeIn(batch))
    paths = []
    bytes = 0
    held = []
  }

  async function takeIn(batch: Batch): Promise<void> {
    try {
      const result = await batch.result
      for (const { file, what, detail } of result.issues) reporter.issue(what, detail, batch.paths[file])
      for (const file of result.wrong) wrong.push(batch.paths[file] as readonly Bytes[])
      reporter.add(result)
      if (result.full !== undefined) whenDiskFull(result.full, directory)
    } catch (error) {
      failure ??= error
    } finally {
      pending--
      for (const folder of batch.held) folder.letGo()
    }
  }

  return {
    get isEmpty() {
      return making.files + pending === 0
    },
    add(path, file) {
      if (failure !== undefined) throw failure
      const folder = folders.held()
      if (held.at(-1) !== folder) {
        if (held.length === foldersMax) send()
        folder.keep()
        held.push(folder)
      }
      making.add({ ...file, folder: folder.handle })
      paths.push(path)
      bytes += file.entry.size
      if (making.files >= filesMax || bytes >= bytesMax) send()
    },
    async settled() {
      send()
      await inOrder
      if (failure !== undefined) throw failure
      const found = wrong
      wrong = []
      return found
    },
  }
}

interface Batch {
  readonly paths: readonly (readonly Bytes[])[]
  readonly held: readonly HeldFolder[]
  readonly result: Promise<BatchResult>
}
