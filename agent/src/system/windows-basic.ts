/** FILE_BASIC_INFORMATION: times and attribute bits of a file, read and set. 0 in a field leaves it as it is. */
import type { Handle } from './system.ts'
import type { WindowsCalls } from './windows-calls.ts'
import { access, attribute, fileInformation } from './windows-numbers.ts'
import { isDenied, type Objects } from './windows-objects.ts'
import { errorOf } from './windows-status.ts'

export interface Basic {
  readonly created: bigint
  readonly attributes: number
}

export interface BasicInformation {
  /** Or the negative error number. */
  read(handle: Handle): Basic | number
  /** 0 or the negative error number; also with a handle that was opened for reading. */
  set(handle: Handle, change: { created?: bigint; written?: bigint; attributes?: number }): number
}

const bytes = 40
const field = { created: 0, written: 16, attributes: 32 } as const

export function basicInformation(calls: WindowsCalls, objects: Objects): BasicInformation {
  const buffer = new Uint8Array(bytes)
  const view = new DataView(buffer.buffer)

  function put(handle: Handle): number {
    const { ioStatus } = objects
    return errorOf(calls.NtSetInformationFile(handle, ioStatus, buffer, buffer.length, fileInformation.basic))
  }

  return {
    read(handle) {
      const { ioStatus } = objects
      const known = calls.NtQueryInformationFile(
        handle,
        ioStatus,
        buffer,
        buffer.length,
        fileInformation.basic,
      )
      if (known < 0) return errorOf(known)
      return {
        created: view.getBigInt64(field.created, true),
        attributes: view.getUint32(field.attributes, true),
      }
    },
    set(handle, { created = 0n, written = 0n, attributes }) {
      buffer.fill(0)
      view.setBigInt64(field.created, created, true)
      view.setBigInt64(field.written, written, true)
      if (attributes !== undefined)
        view.setUint32(field.attributes, attributes === 0 ? attribute.normal : attributes, true)
      const done = put(handle)
      return isDenied(done) ? objects.with(handle, access.writeAttributes, put) : done
    },
  }
}
