/** What only one platform keeps of a file, as its seam gives it: the conformance suite sets and reads it. */
import { type Bytes, concat, fromHex, utf8 } from '@backstay/proto/bytes'
import type { Attribute } from '@backstay/proto/content/entry'

const attribute = (name: string, value: Bytes | undefined): Attribute => {
  if (value === undefined) throw new Error('assertion failed: it is hex')
  return { name: utf8(name), value }
}

/** Version 2, then (tag u16, permissions u16, id u32): owner rw-, user 1000 r--, group r--, mask r--, other ---. */
export const linuxOwn: readonly Attribute[] = [
  attribute(
    'system.posix_acl_access',
    fromHex('0200000001000600ffffffff02000400e803000004000400ffffffff10000400ffffffff20000000ffffffff'),
  ),
  attribute('user.own', fromHex('00ff00')),
]

/** As acl_copy_ext lays out `everyone deny delete` and an inherited `allow read` for one UUID. */
export const macosList: Bytes = concat(
  ...[
    `012cc16d${'00'.repeat(32)}00000002${'00000000'}`,
    'abcdefabcdefabcdefabcdef0000000c 00000002 00000010',
    'ffffeeeeddddccccbbbbaaaa000001f5 00000011 00000002',
  ].map(hex => attribute('', fromHex(hex.replaceAll(' ', ''))).value),
)
/** Hidden and not to be dumped; archived. None of them locks. */
export const macosOwn: readonly Attribute[] = [
  attribute('system.macos_acl', macosList),
  attribute('system.macos_flags', fromHex('00008001')),
  attribute('system.macos_super_flags', fromHex('00010000')),
]

/** Hidden and of the system. */
export const windowsOwn: readonly Attribute[] = [attribute('system.ntfs_attrib_be', fromHex('00000026'))]
