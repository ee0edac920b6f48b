/** Security descriptors as Windows keeps them: self-relative, one piece of bytes. [MS-DTYP] §2.4.6 */
import { type Bytes, viewOf } from '@backstay/proto/bytes'
import { security } from './windows-numbers.ts'

/** Revision u8, u8, control u16, then where owner, group, SACL and DACL begin: u32 each, 0 for none. */
const headBytes = 20
const field = { control: 2, owner: 4, group: 8, sacl: 12, dacl: 16 } as const
const flag = {
  autoInheritRequest: 0x100,
  autoInherited: 0x400,
  protectedDacl: 0x1000,
  selfRelative: 0x8000,
} as const
const keepsDaclClosed = 0x8000_0000
const opensDacl = 0x2000_0000

/** Whether all of it lies within its bytes: a snapshot may be forged by who held the device. */
export function isDescriptor(bytes: Bytes): boolean {
  if (bytes.length < headBytes) return false
  const view = viewOf(bytes)
  const control = view.getUint16(field.control, true)
  const isWhole = view.getUint8(0) === 1 && (control & flag.selfRelative) !== 0
  const holds = (at: number, length: (start: number) => number) => {
    const start = view.getUint32(at, true)
    if (start === 0) return true
    return start >= headBytes && start + 8 <= bytes.length && start + length(start) <= bytes.length
  }
  const sidBytes = (start: number) => 8 + 4 * view.getUint8(start + 1)
  const aclBytes = (start: number) => Math.max(8, view.getUint16(start + 2, true))
  return (
    isWhole &&
    holds(field.owner, sidBytes) &&
    holds(field.group, sidBytes) &&
    holds(field.sacl, aclBytes) &&
    holds(field.dacl, aclBytes)
  )
}

/**
 * The same, asking that what was inherited stays marked so, and SECURITY_INFORMATION for it: the DACL, and owner, group
 * and SACL as far as we may set them.
 */
export function toBeSet(
  bytes: Bytes,
  may: { readonly owners: boolean; readonly audit: boolean },
): { readonly descriptor: Bytes; readonly what: number } {
  const descriptor = bytes.slice()
  const view = viewOf(descriptor)
  const control = view.getUint16(field.control, true)
  if ((control & flag.autoInherited) !== 0)
    view.setUint16(field.control, control | flag.autoInheritRequest, true)
  const has = (at: number) => view.getUint32(at, true) !== 0
  let what = has(field.dacl) ? security.dacl : 0
  if (what !== 0) what |= (control & flag.protectedDacl) === 0 ? opensDacl : keepsDaclClosed
  if (may.owners && has(field.owner)) what |= security.owner
  if (may.owners && has(field.group)) what |= security.group
  if (may.audit && has(field.sacl)) what |= security.sacl
  return { descriptor, what: what >>> 0 }
}

/** S-1-5-18 and S-1-5-32-544. */
const system = [1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0]
const administrators = [1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x20, 2, 0, 0]
/** Also of all that will be made below it: OBJECT_INHERIT and CONTAINER_INHERIT. */
const inherited = 3
const allAccess = 0x1f01ff

/** Of a folder that belongs to the machine: the system and administrators may do everything, nobody else anything. */
export function machinesOwn(): Bytes {
  const entry = (sid: readonly number[]) => [
    ...[0, inherited, 8 + sid.length, 0],
    ...[allAccess & 0xff, (allAccess >> 8) & 0xff, (allAccess >> 16) & 0xff, allAccess >>> 24],
    ...sid,
  ]
  const entries = [...entry(system), ...entry(administrators)]
  const dacl = [2, 0, 8 + entries.length, 0, 2, 0, 0, 0, ...entries]
  const ownerAt = headBytes + dacl.length
  const bytes = Uint8Array.from([...new Array<number>(headBytes).fill(0), ...dacl, ...administrators])
  const view = viewOf(bytes)
  view.setUint8(0, 1)
  // 4: a DACL is present.
  view.setUint16(field.control, flag.selfRelative | flag.protectedDacl | 4, true)
  view.setUint32(field.owner, ownerAt, true)
  view.setUint32(field.group, ownerAt, true)
  view.setUint32(field.dacl, headBytes, true)
  return bytes
}
