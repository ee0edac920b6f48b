/** Symlinks, hard links and special files. */
import type { Handle, SpecialKind } from '@backstay/agent/system/system'
import { type Bytes, utf8 } from '@backstay/proto/bytes'
import type { Grove } from './grove.ts'

const symlinks: Readonly<Record<string, Bytes>> = {
  dangling: utf8('no/such/thing'),
  loop: utf8('loop'),
  'loop-a': utf8('loop-b'),
  'loop-b': utf8('loop-a'),
  absolute: utf8('/etc/passwd'),
  'above-everything': utf8('../../../../../../../../../../etc'),
  'to-folder': utf8('folder'),
  'to-itself': utf8('.'),
  slashes: utf8('folder//../folder/'),
  'not-utf8': new Uint8Array([0x2f, 0xff, 0xfe, 0x80]),
  'with-line-break': utf8('a\nb'),
  long: utf8('x'.repeat(4000)),
}

export function awkwardSymlinks(grove: Grove, at: Handle): void {
  grove.folder(at, utf8('folder'), folder => grove.file(folder, utf8('inside'), utf8('inside')))
  for (const [name, target] of Object.entries(symlinks)) {
    grove.attempt('awkward symlink', () => {
      grove.system.makeSymlink(at, utf8(name), target)
      grove.grew(1)
    })
  }
}

export function hardLinks(grove: Grove, at: Handle): void {
  const { system, random } = grove
  const link = (fromAt: Handle, from: string, toAt: Handle, to: string) =>
    grove.attempt('hard link', () => {
      system.makeLink(fromAt, utf8(from), toAt, utf8(to))
      grove.grew(1)
    })
  grove.folder(at, utf8('b'), folder => {
    grove.file(folder, utf8('file'), random.bytes(5000), 0o640)
    for (const name of ['file-2', 'a-first']) link(folder, 'file', folder, name)
    grove.folder(at, utf8('a'), other => link(folder, 'file', other, 'file'))
    link(folder, 'file', at, 'z')
    grove.file(folder, utf8('empty'))
    link(folder, 'empty', at, 'empty')
    system.makeSymlink(folder, utf8('symlink'), utf8('file'))
    system.makeSpecial(folder, utf8('fifo'), 'fifo', 0o600)
    grove.grew(2)
    for (const name of ['symlink', 'fifo']) link(folder, name, at, `${name}-linked`)
    grove.folder(folder, utf8('large'), large => {
      for (let i = 0; i < 100; i++) link(folder, 'file', large, `link-${i}`)
      grove.file(large, utf8('first'), random.bytes(2 * 1024 * 1024))
      link(large, 'first', large, 'second')
    })
  })
}

export function specialFiles(grove: Grove, at: Handle): void {
  const special = (kind: SpecialKind, name: string, major = 0, minor = 0) =>
    grove.attempt(kind, () => {
      grove.system.makeSpecial(at, utf8(name), kind, 0o640, { major, minor })
      grove.grew(1)
    })
  special('fifo', 'fifo')
  special('socket', 'socket')
  if (!grove.asRoot) return
  special('character_device', 'null', 1, 3)
  special('character_device', 'large', 0xfff, 0xfffff)
  special('block_device', 'loop', 7, 0)
  special('block_device', 'odd', 259, 70_000)
}
