/** The names of a folder: FILE_ID_BOTH_DIR_INFORMATION, a buffer at a time. */
import { foldInode } from './scratch.ts'
import type { FolderEntry, Handle } from './system.ts'
import { checked } from './system-error.ts'
import type { WindowsCalls } from './windows-calls.ts'
import { fileInformation } from './windows-numbers.ts'
import type { Objects } from './windows-objects.ts'
import { kindOf } from './windows-stat.ts'
import { errorOf, status } from './windows-status.ts'
import { wtf8 } from './wtf8.ts'

/** Some 400 names; every one fits, having at most 255 units. */
const bufferBytes = 64 * 1024

/** Offsets in an entry, from ntifs.h. Of a reparse point `extended` is its tag. */
const field = { next: 0, attributes: 56, nameBytes: 60, extended: 64, fileId: 96, name: 104 } as const
const dot = 0x2e

export function windowsListFolder(
  calls: WindowsCalls,
  objects: Objects,
): (folder: Handle) => Iterable<FolderEntry> {
  const buffer = new Uint8Array(bufferBytes)

  function* batches(folder: Handle): Generator<DataView> {
    for (let restart = 1; ; restart = 0) {
      const listed = calls.NtQueryDirectoryFile(
        folder,
        0,
        null,
        null,
        objects.ioStatus,
        buffer,
        buffer.length,
        fileInformation.idBothFolder,
        0,
        null,
        restart,
      )
      if (listed === status.noMoreFiles || listed === status.noSuchFile) return
      checked(errorOf(listed), 'list folder')
      // A copy: the caller may list another folder before it takes the next name of this one.
      yield new DataView(buffer.slice(0, objects.information).buffer)
    }
  }

  return function* listFolder(folder) {
    for (const batch of batches(folder)) yield* entriesIn(batch)
  }
}

export function* entriesIn(batch: DataView): Generator<FolderEntry> {
  for (let at = 0, next = -1; next !== 0; at += next) {
    next = batch.getUint32(at + field.next, true)
    const units = new Uint16Array(batch.getUint32(at + field.nameBytes, true) / 2)
    for (let index = 0; index < units.length; index++)
      units[index] = batch.getUint16(at + field.name + index * 2, true)
    if (units.length <= 2 && units.every(unit => unit === dot)) continue
    const low = batch.getUint32(at + field.fileId, true)
    yield {
      name: wtf8(units),
      kind: kindOf(batch.getUint32(at + field.attributes, true), batch.getUint32(at + field.extended, true)),
      inode: foldInode(low, batch.getUint32(at + field.fileId + 4, true)),
    }
  }
}
