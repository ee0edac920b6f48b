/** What kind of file system a folder lies on: the numbers of statfs(2), from include/uapi/linux/magic.h. */
import { statfsSync } from 'node:fs'
import type { FileSystemKind, Handle } from './system.ts'

/** proc, sysfs, devpts, cgroup, cgroup2, debugfs, tracefs, securityfs, bpf, pstore, efivarfs. */
const kernel = new Set([
  0x9fa0, 0x62656572, 0x1cd1, 0x27e0eb, 0x63677270, 0x64626720, 0x74726163, 0x73636673, 0xcafe4a11,
  0x6165676c, 0xde5e81e4,
])

/** NFS, SMB, SMB2, CIFS, FUSE, 9p, AFS (two), Ceph, Coda, VirtualBox. */
const network = new Set([
  0x6969, 0x517b, 0xfe534d42, 0xff534d42, 0x65735546, 0x01021997, 0x5346414f, 0x6b414653, 0x00c36400,
  0x73757245, 0x786f4256,
])

/** Of Linux. */
export function fileSystemKind(folder: Handle): FileSystemKind {
  try {
    return kindOfType(statfsSync(`/proc/self/fd/${folder}`).type >>> 0)
  } catch {
    return 'network'
  }
}

/** `f_type` of statfs(2), unsigned. */
export function kindOfType(type: number): FileSystemKind {
  if (kernel.has(type)) return 'kernel'
  return network.has(type) ? 'network' : 'local'
}
