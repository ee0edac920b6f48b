/** Modes, owners, extended attributes and ACLs. */
import type { Handle } from '@backstay/agent/system/system'
import { type Bytes, fromHex, utf8 } from '@backstay/proto/bytes'
import type { Grove } from './grove.ts'

const fileModes = [
  0o000, 0o001, 0o200, 0o400, 0o444, 0o600, 0o644, 0o777, 0o1644, 0o2755, 0o4755, 0o6711, 0o7777,
]
const folderModes = [0o700, 0o755, 0o777, 0o1777, 0o2775, 0o3770]
const closedFolderModes = [0o000, 0o111, 0o444, 0o555]
const owners = [1, 1000, 65_534, 100_000, 4_294_967_294]

export function awkwardModes(grove: Grove, at: Handle): void {
  const { system, asRoot } = grove
  for (const mode of fileModes) {
    const name = utf8(`file-${mode.toString(8)}`)
    grove.attempt(mode > 0o777 ? 'set-id or sticky file' : 'file mode', () => {
      grove.file(at, name, name)
      system.setModeAt(at, name, mode)
    })
  }
  for (const mode of [...folderModes, ...closedFolderModes]) {
    const name = utf8(`folder-${mode.toString(8)}`)
    grove.attempt(mode > 0o777 ? 'set-id or sticky folder' : 'folder mode', () => {
      // Nobody but root could walk or remove what lies in a closed folder.
      const isOpen = asRoot || folderModes.includes(mode)
      grove.folder(at, name, isOpen ? folder => grove.file(folder, utf8('inside'), name) : undefined)
      system.setModeAt(at, name, mode)
    })
  }
  grove.attempt('FIFO mode', () => {
    system.makeSpecial(at, utf8('fifo'), 'fifo', 0o600)
    grove.grew(1)
    system.setModeAt(at, utf8('fifo'), 0o622)
  })
}

export function awkwardOwners(grove: Grove, at: Handle): void {
  const { system } = grove
  for (const [index, id] of owners.entries()) {
    const group = owners[(index + 1) % owners.length] as number
    const own = (kind: string, make: (name: Bytes) => void) =>
      grove.attempt(`${kind} of another owner`, () => {
        const name = utf8(`${kind}-${id}`)
        make(name)
        system.setOwnerAt(at, name, id, group)
      })
    own('file', name => grove.file(at, name, name))
    own('folder', name => grove.folder(at, name, folder => grove.file(folder, utf8('inside'))))
    own('symlink', name => {
      system.makeSymlink(at, name, utf8('nowhere'))
      grove.grew(1)
    })
    grove.attempt('set-id file of another owner', () => {
      const name = utf8(`set-id-${id}`)
      grove.file(at, name, name)
      // Giving a file away clears set-user-id, so the owner comes first.
      system.setOwnerAt(at, name, id, group)
      system.setModeAt(at, name, 0o6755)
    })
  }
}

/** VFS_CAP_REVISION_2 with cap_net_bind_service, effective: struct vfs_cap_data of include/uapi/linux/capability.h. */
const capability = fromHex('0100000200040000000000000000000000000000') as Bytes

export function awkwardAttributes(grove: Grove, at: Handle): void {
  const { system, random, asRoot } = grove
  const values: readonly (readonly [string, Bytes])[] = [
    ['user.text', utf8('value')],
    ['user.empty', new Uint8Array()],
    ['user.binary', Uint8Array.from({ length: 256 }, (_, index) => index)],
    ['user.n\u00e4me', utf8('name that is not ASCII')],
  ]
  grove.file(at, utf8('file'), utf8('file'))
  grove.folder(at, utf8('folder'))
  for (const target of ['file', 'folder']) {
    for (const [name, value] of values) {
      grove.attempt(`user attribute of a ${target}`, () => {
        system.setAttributeAt(at, utf8(target), utf8(name), value)
      })
    }
  }
  for (const size of [1000, 3500, 20_000, 60_000]) {
    grove.attempt(`user attribute of ${size} bytes`, () => {
      const name = utf8(`large-${size}`)
      grove.file(at, name)
      system.setAttributeAt(at, name, utf8('user.large'), random.bytes(size))
    })
  }
  grove.attempt('fifty attributes of one file', () => {
    grove.file(at, utf8('many'))
    for (let i = 0; i < 50; i++)
      system.setAttributeAt(at, utf8('many'), utf8(`user.attribute-${i}`), utf8(`${i}`))
  })
  if (asRoot) rootAttributes(grove, at)
}

function rootAttributes(grove: Grove, at: Handle): void {
  const { system } = grove
  system.makeSymlink(at, utf8('symlink'), utf8('file'))
  system.makeSpecial(at, utf8('fifo'), 'fifo', 0o600)
  grove.grew(2)
  for (const target of ['file', 'folder', 'symlink', 'fifo']) {
    for (const name of ['trusted.backstay', 'security.backstay']) {
      grove.attempt(`${name.split('.')[0]} attribute of a ${target}`, () => {
        system.setAttributeAt(at, utf8(target), utf8(name), utf8(`${name} of ${target}`))
      })
    }
  }
  grove.attempt('file capability', () => {
    grove.file(at, utf8('capable'), utf8('#!/bin/true\n'), 0o755)
    system.setAttributeAt(at, utf8('capable'), utf8('security.capability'), capability)
  })
}

const tags = { owner: 1, user: 2, group: 4, namedGroup: 8, mask: 16, other: 32 } as const
const undefinedId = 0xffff_ffff

/** The value of system.posix_acl_*: version 2, then tag u16, permissions u16, id u32 (include/uapi/linux/posix_acl_xattr.h). */
export function aclValue(entries: readonly (readonly [keyof typeof tags, number, number?])[]): Bytes {
  const bytes = new Uint8Array(4 + 8 * entries.length)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, 2, true)
  for (const [index, [tag, permissions, id = undefinedId]] of entries.entries()) {
    view.setUint16(4 + 8 * index, tags[tag], true)
    view.setUint16(6 + 8 * index, permissions, true)
    view.setUint32(8 + 8 * index, id, true)
  }
  return bytes
}

export function awkwardAcls(grove: Grove, at: Handle): void {
  const { system } = grove
  const access = utf8('system.posix_acl_access')
  const small = aclValue([
    ['owner', 7],
    ['user', 4, 1000],
    ['group', 5],
    ['mask', 5],
    ['other', 0],
  ])
  const large = aclValue([
    ['owner', 7],
    ...Array.from({ length: 30 }, (_, index) => ['user', index % 8, 2000 + index] as const),
    ['group', 5],
    ['namedGroup', 6, 3000],
    ['mask', 7],
    ['other', 1],
  ])
  for (const [name, acl] of [
    ['small', small],
    ['large', large],
  ] as const) {
    grove.attempt('access ACL of a file', () => {
      grove.file(at, utf8(name), utf8(name))
      system.setAttributeAt(at, utf8(name), access, acl)
    })
    grove.attempt('access and default ACL of a folder', () => {
      grove.folder(at, utf8(`folder-${name}`), folder => {
        grove.file(folder, utf8('before'))
        system.setAttribute(folder, access, acl)
        system.setAttribute(folder, utf8('system.posix_acl_default'), acl)
        // These inherit.
        grove.file(folder, utf8('after'))
        grove.folder(folder, utf8('below'))
      })
    })
  }
}
