/** Attributes that mean something to one system only. Elsewhere they are left out, which is said once for a whole target. */
import { type Bytes, startsWith, utf8 } from '@backstay/proto/bytes'
import type { Attribute } from '@backstay/proto/content/entry'
import type { Handle, System } from '../system/system.ts'
import { refusal } from './target-trouble.ts'

interface Foreign {
  readonly prefix: Bytes
  /** Set with four bytes of zeros it changes nothing: no bit that anybody sets. */
  readonly probe: Bytes
  readonly detail: string
}

/** Where they are at home: on the system itself, and those of Windows on NTFS elsewhere. */
const homes = {
  windows: {
    prefix: utf8('system.ntfs_'),
    probe: utf8('system.ntfs_attrib_be'),
    detail: 'this file system keeps no attributes and permissions of Windows',
  },
  macos: {
    prefix: utf8('system.macos_'),
    probe: utf8('system.macos_flags'),
    detail: 'this file system keeps no access control lists and flags of macOS',
  },
} as const satisfies Readonly<Record<string, Foreign>>

export type Home = keyof typeof homes
const all = Object.keys(homes) as readonly Home[]

export function homeOf({ name }: Attribute): Home | undefined {
  return all.find(home => startsWith(name, homes[home].prefix))
}

export const foreignDetail = (home: Home): string => homes[home].detail

/** What is kept in a folder of ours. */
export function homesIn(system: Pick<System, 'setAttribute'>, folder: Handle): readonly Home[] {
  return all.filter(home => {
    try {
      system.setAttribute(folder, homes[home].probe, new Uint8Array(4))
      return true
    } catch (error) {
      refusal(error)
      return false
    }
  })
}

/** Flags and denials of macOS can keep even us from renaming and changing a file: they come last. */
export const isLock = (attribute: Attribute): boolean => homeOf(attribute) === 'macos'
