import type { FileHandle } from 'node:fs/promises'
import type { Bytes } from '@backstay/proto/bytes'

/** The kernel takes at most 1,024 parts in one call (IOV_MAX). */
const partsMax = 1024

/** Writes all parts at `position`; returns their bytes. A short write, as a full disk gives, is carried on until it fails. */
export async function writeAll(
  handle: Pick<FileHandle, 'writev'>,
  parts: readonly Bytes[],
  position: number,
): Promise<number> {
  let at = position
  for (let first = 0; first < parts.length; first += partsMax) {
    let rest = parts.slice(first, first + partsMax).filter(part => part.length > 0)
    while (rest.length > 0) {
      const { bytesWritten } = await handle.writev(rest, at)
      if (bytesWritten === 0) throw Object.assign(new Error('nothing was written'), { code: 'ENOSPC' })
      at += bytesWritten
      rest = behind(rest, bytesWritten)
    }
  }
  return at - position
}

function behind(parts: readonly Bytes[], bytes: number): Bytes[] {
  let left = bytes
  const rest: Bytes[] = []
  for (const part of parts) {
    if (left < part.length) rest.push(part.subarray(left))
    left = Math.max(0, left - part.length)
  }
  return rest
}
