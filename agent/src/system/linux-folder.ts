/** getdents64(2): the names of a folder as bytes, with kind and inode, a buffer at a time. */
import type { LinuxCalls } from './linux-calls.ts'
import { callNumber, linuxNumbers } from './linux-numbers.ts'
import { folderBatches } from './posix-folder.ts'
import { kindOfType } from './posix-kinds.ts'
import { foldInode } from './scratch.ts'
import type { FolderEntry, Handle } from './system.ts'

/** d_ino u64, d_off i64, d_reclen u16, d_type u8, then the name and its NUL. */
const nameOffset = 19
const dot = 0x2e

export function linuxListFolder(calls: LinuxCalls): (folder: Handle) => Iterable<FolderEntry> {
  const batches = folderBatches(calls, linuxNumbers, (folder, buffer) =>
    calls.getdents64(callNumber.getdents64, folder, buffer, buffer.length),
  )

  return function* listFolder(folder) {
    for (const batch of batches(folder)) {
      const view = new DataView(batch.buffer)
      for (let start = 0; start < batch.length; start += view.getUint16(start + 16, true)) {
        const first = start + nameOffset
        if (isDots(batch, first)) continue
        yield {
          name: batch.subarray(first, batch.indexOf(0, first)),
          kind: kindOfType[(batch[start + 18] as number) & 15],
          inode: foldInode(view.getUint32(start, true), view.getUint32(start + 4, true)),
        }
      }
    }
  }
}

/** `.` or `..`, up to the NUL. */
function isDots(bytes: Uint8Array, at: number): boolean {
  if (bytes[at] !== dot) return false
  return bytes[at + 1] === 0 || (bytes[at + 1] === dot && bytes[at + 2] === 0)
}
