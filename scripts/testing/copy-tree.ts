/** Restores a tree from itself: describes each entry as a backup does and writes it through a restore target. */
import { createHash } from 'node:crypto'
import type { ContentRun, Target } from '@backstay/agent/restore/target'
import { fromRoot, type Handle, type Stat, type System } from '@backstay/agent/system/system'
import { errorName } from '@backstay/agent/system/system-error'
import { type Bytes, concat, utf8 } from '@backstay/proto/bytes'
import type { Attribute, Entry } from '@backstay/proto/content/entry'
import { type Visit, walkTree } from './walk-tree.ts'

/** Larger files are streamed. */
export const smallBytesMax = 256 * 1024
const runBytes = 64 * 1024
const none = new Uint8Array()
const self = utf8('.')

export async function copyTree(system: System, from: string, target: Target): Promise<void> {
  const top = system.openFolder(fromRoot, utf8(from))
  try {
    const describe = entryOf(system)
    target.writeSmall([], describe({ components: [], folder: top, name: self, stat: system.stat(top) }))
    for (const visit of walkTree(system, top)) await copyEntry(system, target, visit, describe(visit))
  } finally {
    system.close(top)
  }
}

async function copyEntry(system: System, target: Target, visit: Visit, entry: Entry): Promise<void> {
  if (entry.kind !== 'file') {
    target.writeSmall(visit.components, entry)
    return
  }
  const file = system.tryOpenFile(visit.folder, visit.name)
  if (file < 0) {
    const unread = { kind: entry.kind, reason: 'denied', detail: errorName(-file) } as const
    target.writeSmall(visit.components, { ...entry, kind: 'unread', unread })
    return
  }
  try {
    if (entry.size > smallBytesMax)
      await target.write(visit.components, entry, runsOf(system, file, entry.size))
    else target.writeSmall(visit.components, entry, readWhole(system, file, entry.size))
  } finally {
    system.close(file)
  }
}

function readWhole(system: System, file: Handle, size: number): Bytes {
  const bytes = new Uint8Array(size)
  for (let filled = 0; filled < size; ) {
    const length = system.read(file, bytes.subarray(filled))
    if (length === 0) return bytes.subarray(0, filled)
    filled += length
  }
  return bytes
}

/** Data and holes as the file system tells them. */
export async function* runsOf(system: System, file: Handle, size: number): AsyncGenerator<ContentRun> {
  for (let at = 0; at < size; ) {
    const data = Math.min(system.seekData(file, at) ?? at, size)
    if (data > at) yield { zeros: data - at }
    const end = Math.min(system.seekHole(file, data) ?? size, size, data + runBytes)
    if (end > data) {
      const bytes = new Uint8Array(end - data)
      const length = system.read(file, bytes, data)
      yield { data: bytes.subarray(0, length) }
    }
    at = end
  }
}

/** Remembers inodes, so that all names of one get one link group. */
export function entryOf(system: System): (visit: Visit) => Entry {
  const groups = new Map<string, Bytes>()

  function linkGroup({ components, stat }: Visit): Bytes | undefined {
    if (stat.links < 2 || stat.kind === 'folder') return undefined
    const inode = `${stat.deviceMajor}:${stat.deviceMinor}:${stat.inode}`
    const known = groups.get(inode)
    if (known !== undefined) return known
    const path = concat(...components.flatMap(name => [name, utf8('/')]))
    const group = new Uint8Array(createHash('sha256').update(path).digest()).subarray(0, 16)
    groups.set(inode, group)
    return group
  }

  return visit => {
    const { folder, name, stat } = visit
    return plainEntry(stat, {
      linkGroup: linkGroup(visit),
      target: stat.kind === 'symlink' ? system.readLink(folder, name) : undefined,
      attributes: system.attributesAt(folder, name),
    })
  }
}

interface Extra {
  readonly linkGroup: Bytes | undefined
  readonly target: Bytes | undefined
  readonly attributes: readonly Attribute[]
}

function plainEntry(stat: Stat, extra: Extra): Entry {
  return {
    kind: stat.kind,
    size: stat.kind === 'file' ? stat.size : 0,
    mode: stat.mode,
    uid: stat.uid,
    gid: stat.gid,
    user: none,
    group: none,
    mtimeS: stat.mtimeS,
    mtimeNs: stat.mtimeNs,
    device: stat.kind.endsWith('device') ? { major: stat.nodeMajor, minor: stat.nodeMinor } : undefined,
    sha256: undefined,
    content: undefined,
    unread: undefined,
    staleSinceS: undefined,
    sparse: stat.blocks * 512 < stat.size,
    ...extra,
  }
}
