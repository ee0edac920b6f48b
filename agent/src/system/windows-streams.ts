/** Alternate data streams: contents of a file, or folder, beside its own. [MS-FSCC] §2.4.49 */
import { type Bytes, startsWith, utf8, viewOf } from '@backstay/proto/bytes'
import { errno } from './error-numbers.ts'
import type { Handle } from './system.ts'
import { checked } from './system-error.ts'
import type { WindowsCalls } from './windows-calls.ts'
import { access, disposition, fileInformation } from './windows-numbers.ts'
import type { Objects } from './windows-objects.ts'
import { errorOf, status } from './windows-status.ts'
import { setUnits, wtf8 } from './wtf8.ts'

export interface StreamFound {
  /** Without colons and type. */
  readonly name: Bytes
  readonly size: number
}

export interface Streams {
  /** None where the file system has none. */
  list(handle: Handle): readonly StreamFound[]
  /** At most `bytesMax`. */
  read(handle: Handle, name: Bytes, bytesMax: number): Bytes
  /** Replaces what is there. */
  write(handle: Handle, name: Bytes, bytes: Bytes): void
  remove(handle: Handle, name: Bytes): void
}

/** Some 1,000 names of a usual length; who has more is refused with ERANGE. */
const listBytesMax = 256 * 1024
const entry = { next: 0, nameBytes: 4, size: 8, name: 24 } as const
const colon = 0x3a
const dataType = utf8(':$DATA')

export function windowsStreams(calls: WindowsCalls, objects: Objects): Streams {
  let list = new Uint8Array(4096)

  function opened(file: Handle, name: Bytes, rights: number, how: number): Handle {
    const units = new Uint16Array(name.length + 1 + dataType.length)
    units[0] = colon
    const count = name.includes(colon) || name.includes(0) ? -1 : setUnits(units, 1, name)
    if (count < 1) checked(-errno.EINVAL, 'stream')
    const ended = count + 1 + setUnits(units, count + 1, dataType)
    const wish = { access: rights, options: 0, disposition: how }
    return checked(objects.openStream(file, units.subarray(0, ended), wish), 'stream')
  }

  return {
    list(handle) {
      for (;;) {
        const { ioStatus } = objects
        const known = calls.NtQueryInformationFile(
          handle,
          ioStatus,
          list,
          list.length,
          fileInformation.streams,
        )
        if (known === status.bufferOverflow && list.length < listBytesMax) {
          list = new Uint8Array(listBytesMax)
          continue
        }
        if (known === status.bufferOverflow) checked(errorOf(known), 'list streams')
        return known < 0 ? [] : streamsIn(list.subarray(0, objects.information))
      }
    },
    read(handle, name, bytesMax) {
      const stream = opened(handle, name, access.read, disposition.open)
      try {
        const into = new Uint8Array(bytesMax)
        let length = 0
        while (length < bytesMax) {
          const { ioStatus } = objects
          const rest = into.subarray(length)
          const read = calls.NtReadFile(stream, 0, null, null, ioStatus, rest, rest.length, null, null)
          if (read === status.endOfFile) break
          checked(errorOf(read), 'read stream')
          if (objects.information === 0) break
          length += objects.information
        }
        return into.subarray(0, length)
      } finally {
        objects.close(stream)
      }
    },
    write(handle, name, bytes) {
      const stream = opened(handle, name, access.write, disposition.openOrCreate)
      try {
        const { ioStatus } = objects
        const end = new Uint8Array(8)
        viewOf(end).setBigUint64(0, BigInt(bytes.length), true)
        const cut = calls.NtSetInformationFile(stream, ioStatus, end, end.length, fileInformation.endOfFile)
        checked(errorOf(cut), 'write stream')
        if (bytes.length === 0) return
        const written = calls.NtWriteFile(stream, 0, null, null, ioStatus, bytes, bytes.length, null, null)
        checked(errorOf(written), 'write stream')
      } finally {
        objects.close(stream)
      }
    },
    remove(handle, name) {
      const stream = opened(handle, name, access.delete, disposition.open)
      try {
        const gone = calls.NtSetInformationFile(
          stream,
          objects.ioStatus,
          Uint8Array.of(1),
          1,
          fileInformation.disposition,
        )
        checked(errorOf(gone), 'remove stream')
      } finally {
        objects.close(stream)
      }
    },
  }
}

/** All but the content itself, which is the stream without a name. */
export function streamsIn(list: Bytes): StreamFound[] {
  const found: StreamFound[] = []
  const view = viewOf(list)
  for (let at = 0, next = -1; next !== 0 && at + entry.name <= list.length; at += next) {
    next = view.getUint32(at + entry.next, true)
    const count = view.getUint32(at + entry.nameBytes, true) / 2
    const start = at + entry.name
    const whole = wtf8(
      Uint16Array.from({ length: count }, (_, index) => view.getUint16(start + index * 2, true)),
    )
    const end = whole.length - dataType.length
    const isData = end > 1 && startsWith(whole.subarray(end), dataType)
    if (isData)
      found.push({ name: whole.subarray(1, end), size: Number(view.getBigUint64(at + entry.size, true)) })
  }
  return found
}
