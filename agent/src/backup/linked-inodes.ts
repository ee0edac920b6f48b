/**
 * What a backup remembers of files with several names until it comes to the other names: the group that all get, and the hash of
 * the content. 64 bytes a slot, and nothing for V8 to look after: a server full of linked snapshots has millions.
 */
import { type Bytes, viewOf } from '@backstay/proto/bytes'
import type { StatBuffer } from '../system/system.ts'

type Inode = Pick<StatBuffer, 'deviceMajor' | 'deviceMinor' | 'inode'>

export interface LinkedInodes {
  group(inode: Inode): Bytes | undefined
  /** Undefined also for what has no content. */
  sha256(inode: Inode): Bytes | undefined
  /** `group`: 16 bytes. In place of what was known. */
  set(inode: Inode, group: Bytes, sha256: Bytes | undefined): void
}

const groupBytes = 16
const rowBytes = 48

export function linkedInodes(): LinkedInodes {
  let slots = 2 ** 8
  let used = 0
  /** Device + 1, 0: the slot is free; and inode. */
  let names = new Float64Array(2 * slots)
  /** Group and hash. */
  let rows = new Uint8Array(rowBytes * slots)

  return {
    group: inode => part(inode, 0, groupBytes),
    sha256(inode) {
      const sha256 = part(inode, groupBytes, rowBytes)
      return sha256?.some(byte => byte !== 0) ? sha256 : undefined
    },
    set(inode, group, sha256) {
      if (used > slots * 0.8) grow()
      const slot = slotOf(deviceOf(inode), inode.inode)
      if (names[2 * slot] === 0) used++
      names[2 * slot] = deviceOf(inode)
      names[2 * slot + 1] = inode.inode
      rows.fill(0, slot * rowBytes, (slot + 1) * rowBytes)
      rows.set(group, slot * rowBytes)
      if (sha256 !== undefined) rows.set(sha256, slot * rowBytes + groupBytes)
    },
  }

  function part(inode: Inode, from: number, to: number): Bytes | undefined {
    const slot = slotOf(deviceOf(inode), inode.inode)
    return names[2 * slot] === 0 ? undefined : rows.slice(slot * rowBytes + from, slot * rowBytes + to)
  }

  /** The slot of this inode, or the free one where it belongs. */
  function slotOf(device: number, inode: number): number {
    for (let slot = hashOf(device, inode) & (slots - 1); ; slot = (slot + 1) & (slots - 1)) {
      if (names[2 * slot] === 0) return slot
      if (names[2 * slot] === device && names[2 * slot + 1] === inode) return slot
    }
  }

  function grow(): void {
    const [oldNames, oldRows] = [names, rows]
    slots *= 2
    names = new Float64Array(2 * slots)
    rows = new Uint8Array(rowBytes * slots)
    for (let old = 0; old < slots / 2; old++) {
      const [device, inode] = [oldNames[2 * old] as number, oldNames[2 * old + 1] as number]
      if (device === 0) continue
      const slot = slotOf(device, inode)
      names[2 * slot] = device
      names[2 * slot + 1] = inode
      rows.set(oldRows.subarray(old * rowBytes, (old + 1) * rowBytes), slot * rowBytes)
    }
  }
}

const deviceOf = ({ deviceMajor, deviceMinor }: Inode) => deviceMajor * 2 ** 20 + deviceMinor + 1

const number = viewOf(new Uint8Array(8))

/** All bits of both count: of a large inode number those above 2^32 too. The constants spread what differs by one. */
function hashOf(device: number, inode: number): number {
  number.setFloat64(0, inode)
  const mixed = Math.imul(number.getUint32(0) ^ Math.imul(number.getUint32(4), 0x85ebca6b), 0x9e3779b1)
  const hash = Math.imul(mixed ^ (mixed >>> 15) ^ device, 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
