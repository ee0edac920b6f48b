/** Opens files and folders by NtCreateFile, each name in the folder of a handle, in buffers that are used again and again. */
import type { Bytes } from '@backstay/proto/bytes'
import { errno } from './error-numbers.ts'
import { fromRoot, type Handle } from './system.ts'
import type { WindowsCalls } from './windows-calls.ts'
import { nameKind, nativeFolder, nativePath } from './windows-names.ts'
import { access, attribute, disposition, objectName, option, shareAll } from './windows-numbers.ts'
import { errorOf, status } from './windows-status.ts'
import { setUnits } from './wtf8.ts'

export interface Wish {
  readonly access: number
  readonly options: number
  /** `open` when not given. */
  readonly disposition?: number
  /** Of what is made. */
  readonly attributes?: number
}

export interface Objects {
  /** A handle, or the negative error number. */
  open(at: Handle, name: Bytes, wish: Wish): Handle
  /** Another handle of the same, with other rights. */
  openAgain(handle: Handle, wish: Wish): Handle
  /** The same through a reparse point that stands for no other place. */
  openThrough(handle: Handle, wish: Wish): Handle
  /** What a name in a file is: a stream, as `:name:$DATA`. Its name is not looked at. */
  openStream(file: Handle, stream: Uint16Array, wish: Wish): Handle
  close(handle: Handle): void
  /** Does a deed with a handle that has other rights, and closes it. */
  with<Result>(handle: Handle, rights: number, deed: (handle: Handle) => Result): Result | number
  /** Of the last call that got `ioStatus`: mostly a length. */
  readonly information: number
  readonly ioStatus: Bytes
}

/** A UNICODE_STRING has at most 65,534 bytes. */
const unitsMax = 32_767

/** Offsets in one piece of memory: OBJECT_ATTRIBUTES, its UNICODE_STRING, an IO_STATUS_BLOCK and a handle. */
const offset = { object: 0, name: 48, status: 64, handle: 80, units: 96 } as const
/** In OBJECT_ATTRIBUTES. */
const objectField = { length: 0, root: 8, name: 16, attributes: 24 } as const
const caseInsensitive = 0x40

export function windowsObjects(calls: WindowsCalls): Objects {
  const buffer = new ArrayBuffer(offset.units + unitsMax * 2 + 2)
  const all = new Uint8Array(buffer)
  const view = new DataView(buffer)
  const units = new Uint16Array(buffer, offset.units, unitsMax)
  const [object, ioStatus, handle] = [
    all.subarray(offset.object, offset.name),
    all.subarray(offset.status, offset.handle),
    all.subarray(offset.handle, offset.units),
  ]
  const address = calls.address(all)
  view.setUint32(objectField.length, 48, true)
  view.setBigUint64(objectField.name, address + BigInt(offset.name), true)
  view.setUint32(objectField.attributes, caseInsensitive, true)
  view.setBigUint64(offset.name + 8, address + BigInt(offset.units), true)

  /** Opens what `count` units name. */
  function opened(at: Handle, count: number, wish: Wish, itself: number = option.reparsePoint): Handle {
    view.setBigUint64(objectField.root, at === fromRoot ? 0n : BigInt(at), true)
    view.setUint16(offset.name, count * 2, true)
    view.setUint16(offset.name + 2, count * 2, true)
    const made = calls.NtCreateFile(
      handle,
      (wish.access | access.synchronize) >>> 0,
      object,
      ioStatus,
      null,
      wish.attributes ?? attribute.normal,
      shareAll,
      wish.disposition ?? disposition.open,
      wish.options | option.synchronous | option.forBackup | itself,
      null,
      0,
    )
    return made < 0 ? errorOf(made) : Number(view.getBigUint64(offset.handle, true))
  }

  function openAbove(folder: Handle, wish: Wish): Handle {
    const known = new Uint8Array(16 + unitsMax * 2)
    const failed = calls.NtQueryObject(folder, objectName, known, known.length, handle)
    if (failed < 0) return errorOf(failed)
    const length = new DataView(known.buffer).getUint16(0, true)
    const above = nativeFolder(new Uint16Array(known.buffer, 16, length / 2))
    if (above === undefined) return -errno.ENOENT
    units.set(above)
    return opened(fromRoot, above.length, wish)
  }

  const objects: Objects = {
    ioStatus,
    get information() {
      return view.getUint32(offset.status + 8, true)
    },
    open(at, name, wish) {
      const kind = at === fromRoot ? 'name' : nameKind(name)
      if (kind === 'itself') return opened(at, 0, wish)
      if (kind === 'above') return openAbove(at, wish)
      const known = at === fromRoot ? nativePath(name) : name
      if (kind === undefined || known === undefined) return -errno.EINVAL
      const count = setUnits(units, 0, known)
      if (count < 0) return known.length > unitsMax ? -errno.ENAMETOOLONG : -errno.EINVAL
      return opened(at, count, wish)
    },
    openAgain: (at, wish) => opened(at, 0, wish),
    openThrough: (at, wish) => opened(at, 0, wish, 0),
    openStream(file, stream, wish) {
      units.set(stream)
      return opened(file, stream.length, wish)
    },
    close: closing => void calls.NtClose(closing),
    with(at, rights, deed) {
      const again = opened(at, 0, { access: rights, options: 0 })
      if (again < 0) return again
      try {
        return deed(again)
      } finally {
        calls.NtClose(again)
      }
    },
  }
  return objects
}

export const isDenied = (result: number): boolean => result === errorOf(status.accessDenied)
