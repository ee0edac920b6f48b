/** What Windows knows of one file: FILE_ALL_INFORMATION, the tag of its reparse point and the number of its volume. */
import type { Bytes } from '@backstay/proto/bytes'
import type { NodeKind } from '@backstay/proto/content/entry'
import { foldInode } from './scratch.ts'
import type { Handle, StatBuffer } from './system.ts'
import { type Stats, thrownStat } from './thrown-stat.ts'
import type { WindowsCalls } from './windows-calls.ts'
import {
  access,
  attribute,
  fileInformation,
  reparseTag,
  surrogateTag,
  volumeInformation,
} from './windows-numbers.ts'
import type { Objects } from './windows-objects.ts'
import { errorOf, status } from './windows-status.ts'
import { instantOf } from './windows-time.ts'

/** Offsets in FILE_ALL_INFORMATION, from ntifs.h; the name at its end is cut off. */
const field = {
  created: 0,
  written: 16,
  changed: 24,
  attributes: 32,
  allocated: 40,
  size: 48,
  links: 56,
  fileId: 64,
} as const
const allBytes = 104
/** In FILE_FS_VOLUME_INFORMATION. */
const serialNumber = 8
const owns = { folder: 0o700, file: 0o600, readOnly: 0o400, symlink: 0o777 } as const

/** Rights that it takes to look at something. */
export const looking = { access: access.readAttributes, options: 0 } as const

export function windowsStat(calls: WindowsCalls, objects: Objects): Stats {
  const all = new Uint8Array(allBytes + 512)
  const tag = new Uint8Array(8)
  const volume = new Uint8Array(24 + 64)
  const view = new DataView(all.buffer)
  const tagView = new DataView(tag.buffer)
  const volumeView = new DataView(volume.buffer)

  function tryStat(handle: Handle, into: StatBuffer): number {
    const { ioStatus } = objects
    const known = calls.NtQueryInformationFile(handle, ioStatus, all, all.length, fileInformation.all)
    if (known < 0 && known !== status.bufferOverflow) return errorOf(known)
    fillStat(into, view, tagOf(handle))
    into.deviceMajor = 0
    const named = calls.NtQueryVolumeInformationFile(
      handle,
      ioStatus,
      volume,
      volume.length,
      volumeInformation.volume,
    )
    const isKnown = named >= 0 || named === status.bufferOverflow
    into.deviceMinor = isKnown ? volumeView.getUint32(serialNumber, true) : 0
    return 0
  }

  function tagOf(handle: Handle): number {
    if ((view.getUint32(field.attributes, true) & attribute.reparsePoint) === 0) return 0
    const known = calls.NtQueryInformationFile(
      handle,
      objects.ioStatus,
      tag,
      tag.length,
      fileInformation.attributeTag,
    )
    return known < 0 ? 0 : tagView.getUint32(4, true)
  }

  return thrownStat({
    tryStat,
    tryStatAt(at, name: Bytes, into) {
      const handle = objects.open(at, name, looking)
      if (handle < 0) return handle
      try {
        return tryStat(handle, into)
      } finally {
        objects.close(handle)
      }
    },
  })
}

/** All but the volume. */
export function fillStat(into: StatBuffer, view: DataView, tag: number): void {
  const attributes = view.getUint32(field.attributes, true)
  const modified = instantOf(view.getBigInt64(field.written, true))
  const changed = instantOf(view.getBigInt64(field.changed, true))
  into.kind = kindOf(attributes, tag)
  into.mode = modeOf(into.kind, attributes)
  into.uid = 0
  into.gid = 0
  into.size = into.kind === 'file' ? Number(view.getBigUint64(field.size, true)) : 0
  into.blocks = Math.ceil(Number(view.getBigUint64(field.allocated, true)) / 512)
  into.links = into.kind === 'folder' ? 1 : view.getUint32(field.links, true)
  into.inode = foldInode(view.getUint32(field.fileId, true), view.getUint32(field.fileId + 4, true))
  into.nodeMajor = 0
  into.nodeMinor = 0
  into.mtimeS = modified.seconds
  into.mtimeNs = modified.nanoseconds
  into.ctimeS = changed.seconds
  into.ctimeNs = changed.nanoseconds
  into.mount = 0
}

/** What stands for another place is not followed: a symlink, a junction, the place where a volume is mounted. */
export function kindOf(attributes: number, tag: number): NodeKind {
  if ((attributes & attribute.reparsePoint) !== 0) {
    if (tag === reparseTag.unixSocket) return 'socket'
    if ((tag & surrogateTag) !== 0) return 'symlink'
  }
  return (attributes & attribute.folder) === 0 ? 'file' : 'folder'
}

/** Who may do what stands in the descriptor; a mode says only whether a file may be written. */
function modeOf(kind: NodeKind, attributes: number): number {
  if (kind === 'symlink') return owns.symlink
  if (kind === 'folder') return owns.folder
  return (attributes & attribute.readOnly) === 0 ? owns.file : owns.readOnly
}
