/** Where a path really leads, symlinks followed; itself when it leads nowhere. */
import { realpathSync } from 'node:fs'
import type { Bytes } from '@backstay/proto/bytes'

/** On Windows also with every name as it is written on the disk, so that one folder has one path. */
export function realPath(path: Bytes): Bytes {
  const find = process.platform === 'win32' ? realpathSync.native : realpathSync
  try {
    return new Uint8Array(find(Buffer.from(path), { encoding: 'buffer' }))
  } catch {
    return path
  }
}
