/** Writes the small files of a batch, each checked against its hash first, and says what did not come back as it was. */
import { hash } from 'node:crypto'
import { type Bytes, equalBytes } from '@backstay/proto/bytes'
import { copyBytes } from '@backstay/proto/copy-bytes'
import { release } from '@backstay/proto/release'
import type { Handle, System } from '../system/system.ts'
import { type BatchFile, type FileBatch, type Piece, unpackFiles } from './file-batch.ts'
import { isSameSmallFile } from './same-entry.ts'
import { makeSmallFile } from './small-file.ts'
import { type DescribeOptions, describer, privateMode } from './target-describe.ts'
import { shownName } from './target-name.ts'
import type { IssueKind } from './target-report.ts'
import { isFull } from './target-trouble.ts'

export interface BatchRules extends DescribeOptions {
  readonly conflict: 'suffix' | 'refuse'
  /** Where a restore may go on: files are made in this folder and then get their names. */
  readonly parts?: Handle
}

/** Files are named by their places in the batch. */
export interface BatchResult {
  readonly written: number
  readonly there: number
  readonly leftOut: number
  readonly bytes: number
  readonly issues: readonly { readonly file: number; readonly what: IssueKind; readonly detail: string }[]
  /** Files whose bytes do not have the hash that the snapshot says: nothing of them was written. */
  readonly wrong: readonly number[]
  /** The error of a full disk, which ended the batch before all files were written. */
  readonly full: string | undefined
}

/** Whoever writes batches: this thread, or several others. */
export interface BatchWriter {
  /** What the batch refers to, its folders and segments, is not to be touched until it is written. */
  writeFiles(batch: FileBatch, rules: BatchRules): Promise<BatchResult>
}

export function writeBatch(system: System, batch: FileBatch, rules: BatchRules): BatchResult {
  const issues: { file: number; what: IssueKind; detail: string }[] = []
  const wrong: number[] = []
  let [written, there, leftOut, bytesWritten, file] = [0, 0, 0, 0, -1]
  const { parts } = rules
  const issue = (what: IssueKind, detail: string) => void issues.push({ file, what, detail })
  const describe = describer(system, { issue }, rules)

  /** Returns the error of a full disk. */
  function writeOne(one: BatchFile): string | undefined {
    const bytes = joined(one.pieces, one.entry.size)
    const full = writeBytes(one, bytes)
    // Put together here: nobody else has a view of it.
    if (one.pieces.length > 1) release(bytes)
    return full
  }

  function writeBytes({ folder, name, entry }: BatchFile, bytes: Bytes): string | undefined {
    if (entry.sha256 === undefined || !equalBytes(hash('sha256', bytes, 'buffer'), entry.sha256)) {
      wrong.push(file)
      return undefined
    }
    const mode = describe.birthMode(entry)
    const made = makeSmallFile(system, folder, name, bytes, {
      ...{ conflict: rules.conflict, mode: mode ?? privateMode },
      ...(parts !== undefined && {
        parts: { handle: parts, isThere: (taken: Bytes) => isSameSmallFile(system, folder, taken, entry) },
      }),
      complete: handle => describe.unlocked({ handle, name: undefined, hasMode: mode !== undefined }, entry),
      lock: handle => describe.lock({ handle, name: undefined }, entry),
    })
    if (typeof made === 'string') {
      if (isFull(made)) return made
      issue(made === 'EEXIST' ? 'taken' : 'refused', made)
      leftOut++
      return undefined
    }
    if (made.isThere) {
      there++
      return undefined
    }
    if (made.name !== name) issue('renamed', shownName(made.name))
    written++
    bytesWritten += bytes.length
    return undefined
  }

  let full: string | undefined
  for (const one of unpackFiles(batch)) {
    file++
    full = writeOne(one)
    if (full !== undefined) break
  }
  return { written, there, leftOut, bytes: bytesWritten, issues, wrong, full }
}

const nothing: Bytes = new Uint8Array()

/** The bytes of a file in one place: where they are already, if there is only one piece. */
export function joined(pieces: readonly Piece[], size: number): Bytes {
  const [first] = pieces
  if (first === undefined) return nothing
  if (pieces.length === 1 && !('zeros' in first)) return bytesOf(first)
  const whole = new Uint8Array(size)
  let at = 0
  for (const piece of pieces) {
    if ('zeros' in piece) {
      at += piece.zeros
      continue
    }
    const bytes = bytesOf(piece)
    copyBytes(bytes, whole, at)
    at += bytes.length
  }
  return whole
}

function bytesOf(piece: Exclude<Piece, { readonly zeros: number }>): Bytes {
  return 'inline' in piece ? piece.inline : piece.segment.subarray(piece.start, piece.start + piece.length)
}
