/**
 * Writing large files without a place in the system's page cache. Nobody reads what was just restored; giving out pages for
 * it took a fifth of the processor time of an image's restore, and drives out what others read.
 */
import { constants } from 'node:fs'
import { constants as osConstants } from 'node:os'
import { alignedStage, stageBytes, wholeBlocks } from '@backstay/proto/aligned'
import type { Bytes } from '@backstay/proto/bytes'
import { copyBytes } from '@backstay/proto/copy-bytes'
import type { LinuxCalls } from './linux-calls.ts'
import { control } from './linux-numbers.ts'
import { posixNaming } from './posix-calls.ts'
import type { Handle, Writing } from './system.ts'
import { checked } from './system-error.ts'

/** Of a file system, or a disk of larger blocks, that cannot. */
const { EINVAL, EOPNOTSUPP } = osConstants.errno

export function linuxWriteAround(calls: LinuxCalls, write: Writing['write']): Writing['writeAround'] {
  const { done: outcome } = posixNaming(calls)
  let stage: Bytes | undefined

  /** Returns how many bytes it wrote: fewer where the disk has larger blocks, or is full. Throws SystemError. */
  function writeBlocks(file: Handle, bytes: Bytes, position: number): number {
    stage ??= alignedStage()
    for (let done = 0; done < bytes.length; ) {
      const piece = bytes.subarray(done, done + stageBytes)
      copyBytes(piece, stage)
      const result = outcome(calls.pwrite(file, stage, piece.length, position + done))
      const written = result === -EINVAL || result === -EOPNOTSUPP ? 0 : checked(result, 'write')
      done += written
      if (written < piece.length) return done
    }
    return bytes.length
  }

  return (file, bytes, position) => {
    const { before, blocks } = wholeBlocks(position, bytes.length)
    if (blocks === 0) return write(file, bytes, position)
    if (before > 0) write(file, bytes.subarray(0, before), position)
    let done = before
    const flags = calls.fcntl(file, control.getFlags, 0)
    if (flags >= 0 && calls.fcntl(file, control.setFlags, flags | constants.O_DIRECT) === 0) {
      try {
        done += writeBlocks(file, bytes.subarray(before, before + blocks), position + before)
      } finally {
        calls.fcntl(file, control.setFlags, flags)
      }
    }
    // What is left goes through the cache; what goes neither way, it says why.
    if (done < bytes.length) write(file, bytes.subarray(done), position + done)
  }
}
