/**
 * Whether a security descriptor lets nobody but the system and administrators change what it is of. What is not understood counts
 * as somebody else's right. [MS-DTYP] §2.4.4, §2.4.5
 */
import { type Bytes, hex, viewOf } from '@backstay/proto/bytes'
import type { Guarded } from './system.ts'
import { isDescriptor } from './windows-descriptor.ts'
import { access } from './windows-numbers.ts'

/** S-1-5-18, S-1-5-32-544, and TrustedInstaller, whose are the root of a drive and what Windows brings. */
const trusted: ReadonlySet<string> = new Set([
  '010100000000000512000000',
  '01020000000000052000000020020000',
  '010600000000000550000000b589fb381984c2cb5c6c236d5700776ec0026487',
])
/** OWNER RIGHTS, S-1-3-4: of the owner, who is judged. */
const ownersRights = '010100000000000304000000'

const deleteChild = 0x40
const writeNames = 0x10
/** GENERIC_ALL and GENERIC_WRITE. */
const generic = 0x5000_0000
const taking = access.delete | access.writeDacl | access.writeOwner | generic
const changing = access.write | access.append | access.writeAttributes | writeNames | taking
const forbidden: Readonly<Record<Guarded, number>> = {
  program: changing,
  folder: changing | deleteChild,
  above: deleteChild | taking,
}

const at = { control: 2, owner: 4, dacl: 16 } as const
const daclPresent = 4
/** What goes for what will be made below, and not for the folder itself. */
const inheritOnly = 8
/** ACCESS_ALLOWED; others that allow something are not understood. */
const allowed = 0
/** ACCESS_DENIED, SYSTEM_AUDIT, SYSTEM_ALARM, their kin with objects and callbacks, and labels: these give nobody anything. */
const givesNothing: ReadonlySet<number> = new Set([1, 2, 3, 6, 7, 8, 10, 12, 13, 14, 15, 16, 17, 18, 19])

export function isGuarded(descriptor: Bytes, as: Guarded): boolean {
  if (!isDescriptor(descriptor)) return false
  const view = viewOf(descriptor)
  const owner = view.getUint32(at.owner, true)
  const dacl = view.getUint32(at.dacl, true)
  // Without a list everybody may do everything.
  if (owner === 0 || dacl === 0 || (view.getUint16(at.control, true) & daclPresent) === 0) return false
  if (!trusted.has(sidAt(descriptor, owner))) return false
  return entriesOf(descriptor, dacl).every(entry => {
    if (entry === undefined) return false
    const { kind, flags, rights, whose } = entry
    if ((flags & inheritOnly) !== 0 || givesNothing.has(kind)) return true
    return (
      kind === allowed && ((rights & forbidden[as]) === 0 || trusted.has(whose) || whose === ownersRights)
    )
  })
}

interface Entry {
  readonly kind: number
  readonly flags: number
  readonly rights: number
  /** A SID in hex. */
  readonly whose: string
}

/** Undefined for one that is cut off. */
function entriesOf(descriptor: Bytes, dacl: number): (Entry | undefined)[] {
  const view = viewOf(descriptor)
  const end = dacl + view.getUint16(dacl + 2, true)
  const entries: (Entry | undefined)[] = []
  let start = dacl + 8
  for (let count = view.getUint16(dacl + 4, true); count > 0; count--) {
    const length = start + 16 <= end ? view.getUint16(start + 2, true) : 0
    if (length < 16 || start + length > end) return [...entries, undefined]
    entries.push({
      kind: view.getUint8(start),
      flags: view.getUint8(start + 1),
      rights: view.getUint32(start + 4, true),
      whose: sidAt(descriptor.subarray(0, start + length), start + 8),
    })
    start += length
  }
  return entries
}

function sidAt(bytes: Bytes, start: number): string {
  return hex(bytes.subarray(start, start + 8 + 4 * (bytes[start + 1] ?? 0)))
}
