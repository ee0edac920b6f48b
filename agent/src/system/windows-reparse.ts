/** Reparse points as they lie on the disk: what stands for another place. [MS-FSCC] §2.1.2 */
import { type Bytes, concat, startsWith, utf8, viewOf } from '@backstay/proto/bytes'
import { reparseTag } from './windows-numbers.ts'
import { setUnits, wtf8 } from './wtf8.ts'

/** Tag u32, length u16 of what follows, u16 reserved; then offset and length of substitute and print name, u16 each. */
const headBytes = 8
const names = { substitute: 8, print: 12 } as const
/** Symlinks have 4 bytes of flags before the names, mount points have none. */
const namesStart = { symlink: 20, mountPoint: 16 } as const
const relative = 1

/** Where a symlink or junction leads, as people see it; undefined of other reparse points and of damage. */
export function linkTarget(data: Bytes): Bytes | undefined {
  if (data.length < namesStart.mountPoint) return undefined
  const view = viewOf(data)
  const tag = view.getUint32(0, true)
  if (tag !== reparseTag.symlink && tag !== reparseTag.mountPoint) return undefined
  const start = tag === reparseTag.symlink ? namesStart.symlink : namesStart.mountPoint
  const printed = nameAt(data, start, names.print)
  const substitute = nameAt(data, start, names.substitute)
  return printed !== undefined && printed.length > 0 ? printed : withoutRoot(substitute)
}

function nameAt(data: Bytes, start: number, field: number): Bytes | undefined {
  const view = viewOf(data)
  const [from, length] = [start + view.getUint16(field, true), view.getUint16(field + 2, true)]
  if (length % 2 !== 0 || from + length > data.length) return undefined
  return wtf8(Uint16Array.from({ length: length / 2 }, (_, index) => view.getUint16(from + index * 2, true)))
}

const root = utf8('\\??\\')

function withoutRoot(name: Bytes | undefined): Bytes | undefined {
  return name !== undefined && startsWith(name, root) ? name.subarray(root.length) : name
}

/** The reparse data of a symlink to `target`, in which slashes become backslashes; undefined when no name of Windows is so. */
export function symlinkData(target: Bytes): Bytes | undefined {
  const turned = target.map(byte => (byte === 0x2f ? 0x5c : byte))
  const isAbsolute = /^[A-Za-z]:\\|^\\\\/.test(new TextDecoder().decode(turned.subarray(0, 3)))
  const substitute = unitsOf(isAbsolute ? concat(root, turned) : turned)
  const printed = unitsOf(turned)
  if (substitute === undefined || printed === undefined) return undefined
  const bytes = new Uint8Array(namesStart.symlink + substitute.length + printed.length)
  const view = viewOf(bytes)
  view.setUint32(0, reparseTag.symlink, true)
  view.setUint16(4, bytes.length - headBytes, true)
  view.setUint16(names.substitute, 0, true)
  view.setUint16(names.substitute + 2, substitute.length, true)
  view.setUint16(names.print, substitute.length, true)
  view.setUint16(names.print + 2, printed.length, true)
  view.setUint32(16, isAbsolute ? 0 : relative, true)
  bytes.set(substitute, namesStart.symlink)
  bytes.set(printed, namesStart.symlink + substitute.length)
  return bytes
}

function unitsOf(name: Bytes): Bytes | undefined {
  const units = new Uint16Array(name.length)
  const count = setUnits(units, 0, name)
  return count < 0 ? undefined : new Uint8Array(units.buffer, 0, count * 2)
}
