/** Opening and closing on Windows: never through a junction, never what would be fetched from a cloud. */
import type { Bytes } from '@backstay/proto/bytes'
import { errno } from './error-numbers.ts'
import type { Handle, Opening } from './system.ts'
import { checked } from './system-error.ts'
import type { WindowsCalls } from './windows-calls.ts'
import { access, attribute, elsewhere, fileInformation, option, surrogateTag } from './windows-numbers.ts'
import type { Objects, Wish } from './windows-objects.ts'
import type { Held } from './windows-privileges.ts'
import { errorOf } from './windows-status.ts'

const readingRights = access.read | access.readAttributes | access.readDescriptor

export function windowsOpening(calls: WindowsCalls, objects: Objects, held: Held): Opening {
  const rights = held.security ? readingRights | access.auditDescriptor : readingRights
  const folderWish = { access: rights | access.traverse, options: option.folder }
  const fileWish = { access: rights, options: option.noRecall }
  const tag = new Uint8Array(8)
  const tagView = new DataView(tag.buffer)

  /** 0 when it may be opened, 1 when it is a reparse point to be read through, or a negative error number. */
  function judged(handle: Handle): number {
    const known = calls.NtQueryInformationFile(
      handle,
      objects.ioStatus,
      tag,
      tag.length,
      fileInformation.attributeTag,
    )
    if (known < 0) return errorOf(known)
    const attributes = tagView.getUint32(0, true)
    return mayOpen(attributes, tagView.getUint32(4, true))
  }

  function opened(at: Handle, name: Bytes, wish: Wish): Handle {
    const handle = objects.open(at, name, wish)
    if (handle < 0) return handle
    const verdict = judged(handle)
    if (verdict === 0 || (verdict > 0 && wish === folderWish)) return handle
    // A deduplicated or compressed file: its own handle shows how it lies on the disk, another one its bytes.
    const through = verdict < 0 ? verdict : objects.openThrough(handle, wish)
    objects.close(handle)
    return through
  }

  const system: Opening = {
    openFolder: (at, name) => checked(system.tryOpenFolder(at, name), 'open folder'),
    tryOpenFolder: (at, name) => opened(at, name, folderWish),
    openFile: (at, name) => checked(system.tryOpenFile(at, name), 'open'),
    tryOpenFile: (at, name) => opened(at, name, fileWish),
    // -1 and other small negative numbers stand for the process itself.
    close: handle => void checked(handle < 0 ? -errno.EBADF : errorOf(calls.NtClose(handle)), 'close'),
  }
  return system
}

export function mayOpen(attributes: number, tag: number): number {
  if ((attributes & elsewhere) !== 0) return -errno.EREMOTE
  if ((attributes & attribute.reparsePoint) === 0) return 0
  return (tag & surrogateTag) === 0 ? 1 : -errno.ELOOP
}
