/** Names of users and groups, wherever the system has them from: files, a directory service. */

import type { Bytes } from '@backstay/proto/bytes'
import { viewOf } from '@backstay/proto/bytes'
import type { PosixCalls } from './posix-calls.ts'
import type { Owners } from './system.ts'

/** A group's members stand in the same buffer; a group too large for it stays without a name. */
const textBytes = 1024 * 1024
const structBytes = 64
type NameCalls = Pick<PosixCalls, 'getpwuid_r' | 'getgrgid_r' | 'address'>

const nameless: Bytes = new Uint8Array()

export function posixOwners(calls: NameCalls): Owners {
  const users = new Map<number, Bytes>()
  const groups = new Map<number, Bytes>()
  return {
    userName: uid => remembered(users, uid, () => nameFrom(calls, calls.getpwuid_r, uid)),
    groupName: gid => remembered(groups, gid, () => nameFrom(calls, calls.getgrgid_r, gid)),
    effectiveUser: () => process.geteuid?.() ?? 0,
    numbersOwners: true,
  }
}

function remembered(names: Map<number, Bytes>, id: number, look: () => Bytes): Bytes {
  const known = names.get(id)
  if (known !== undefined) return known
  const name = look()
  names.set(id, name)
  return name
}

/** Both structs begin with a pointer to the name, which lies in the buffer that we gave. */
function nameFrom(calls: NameCalls, call: NameCalls['getpwuid_r'], id: number): Bytes {
  const record = new Uint8Array(structBytes)
  const text = new Uint8Array(textBytes)
  const result = new Uint8Array(8)
  if (call(id, record, text, text.length, result) !== 0) return nameless
  if (viewOf(result).getBigUint64(0, true) === 0n) return nameless
  const start = Number(viewOf(record).getBigUint64(0, true) - calls.address(text))
  return start < 0 || start >= text.length ? nameless : text.slice(start, text.indexOf(0, start))
}
