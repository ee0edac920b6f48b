/** __getdirentries64(2), what readdir of libSystem calls: names as bytes, with kind and inode, a buffer at a time. */
import type { MacosCalls } from './macos-calls.ts'
import { macosNumbers } from './macos-numbers.ts'
import { folderBatches } from './posix-folder.ts'
import { kindOfType } from './posix-kinds.ts'
import { foldInode } from './scratch.ts'
import type { FolderEntry, Handle } from './system.ts'

/** Of sys/dirent.h: d_ino u64, d_seekoff u64, d_reclen u16, d_namlen u16, d_type u8, then the name. */
const at = { inode: 0, record: 16, nameLength: 18, type: 20, name: 21 } as const
const dot = 0x2e

export function macosListFolder(
  calls: Pick<MacosCalls, 'getdirentries' | 'lseek' | 'errno'>,
): (folder: Handle) => Iterable<FolderEntry> {
  const position = new Uint8Array(8)
  const batches = folderBatches(calls, macosNumbers, (folder, buffer) =>
    calls.getdirentries(folder, buffer, buffer.length, position),
  )

  return function* listFolder(folder) {
    for (const batch of batches(folder)) yield* entriesIn(batch)
  }
}

function* entriesIn(batch: Uint8Array): Iterable<FolderEntry> {
  const view = new DataView(batch.buffer)
  for (let start = 0; start < batch.length; start += view.getUint16(start + at.record, true)) {
    const first = start + at.name
    const name = batch.subarray(first, first + view.getUint16(start + at.nameLength, true))
    const inode = foldInode(view.getUint32(start, true), view.getUint32(start + 4, true))
    // An inode of 0 is a name that was removed.
    if (isDots(name) || inode === 0) continue
    yield { name, inode, kind: kindOfType[(batch[start + at.type] as number) & 15] }
  }
}

function isDots(name: Uint8Array): boolean {
  return name[0] === dot && (name.length === 1 || (name.length === 2 && name[1] === dot))
}
