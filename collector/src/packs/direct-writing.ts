/**
 * Writing around the system's page cache. What a pack of segments takes up there is of no use to anybody soon: it drives out
 * what other programs read, and giving out its pages took a quarter of the collector's processor time
 * (docs/performance.md, "Image"). Where the file system cannot do it, everything goes through the cache.
 */
import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { alignedStage, stageBytes, wholeBlocks } from '@backstay/proto/aligned'
import type { Bytes } from '@backstay/proto/bytes'
import { systemCode } from './store-failure.ts'
import { writeAll } from './write-all.ts'

/** What a file system says, or a disk of larger blocks, that cannot. */
const cannot = ['EINVAL', 'EOPNOTSUPP', 'ENOTSUP']

/** Those that nobody fills just now; as many as were ever filled at once. */
const stages: Bytes[] = []

type Writable = Pick<FileHandle, 'writev'>

export interface DirectWriting {
  /** As `writeAll` does. One call at a time. */
  write(cached: Writable, parts: readonly Bytes[], position: number): Promise<number>
  close(): Promise<void>
}

/** Undefined where files cannot be opened for it. */
export async function directWriting(path: string): Promise<DirectWriting | undefined> {
  if (constants.O_DIRECT === undefined) return undefined
  try {
    return writingTo(await open(path, constants.O_WRONLY | constants.O_DIRECT))
  } catch {
    // Whatever is wrong with the file itself, the other way to write says.
    return undefined
  }
}

/** For tests: `direct` is a file opened with O_DIRECT. */
export function writingTo(direct: Pick<FileHandle, 'write' | 'close'>): DirectWriting {
  let works = true

  /** Writes whole blocks; returns how many bytes it came to write. */
  async function writeBlocks(parts: readonly Bytes[], position: number, bytes: number): Promise<number> {
    const stage = stages.pop() ?? alignedStage()
    try {
      let done = 0
      while (works && done < bytes) {
        const length = Math.min(stageBytes, bytes - done)
        gather(slices(parts, done, done + length), stage)
        const written = await direct.write(stage, 0, length, position + done).catch(error => {
          if (!cannot.includes(systemCode(error) ?? '')) throw error
          return { bytesWritten: 0 }
        })
        done += written.bytesWritten
        // A disk of larger sectors, or a full one: the other way goes on, or fails and says why.
        works = written.bytesWritten === length
      }
      return done
    } finally {
      stages.push(stage)
    }
  }

  return {
    async write(cached, parts, position) {
      const bytes = parts.reduce((sum, part) => sum + part.length, 0)
      const { before, blocks } = wholeBlocks(position, bytes)
      if (!works || blocks === 0) return writeAll(cached, parts, position)
      await writeAll(cached, slices(parts, 0, before), position)
      const done =
        before + (await writeBlocks(slices(parts, before, before + blocks), position + before, blocks))
      await writeAll(cached, slices(parts, done, bytes), position + done)
      return bytes
    },
    close: () => direct.close(),
  }
}

/** Bytes `from` to `to` of the parts, one after another. */
function slices(parts: readonly Bytes[], from: number, to: number): Bytes[] {
  const found: Bytes[] = []
  let at = 0
  for (const part of parts) {
    const begin = Math.max(0, from - at)
    const end = Math.min(part.length, to - at)
    if (begin < end) found.push(part.subarray(begin, end))
    at += part.length
  }
  return found
}

function gather(parts: readonly Bytes[], into: Bytes): void {
  let at = 0
  for (const part of parts) {
    into.set(part, at)
    at += part.length
  }
}
