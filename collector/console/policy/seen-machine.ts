/** Whose homes a device has, as far as its newest snapshot shows: only the device itself knows its people. */
import { utf8 } from '@backstay/proto/bytes'
import { listFolder } from '@backstay/proto/content/archive/folder'
import type { OpenedArchive } from '@backstay/proto/content/archive/opened'
import type { Snapshot } from '@backstay/proto/content/archive/snapshots'
import { componentsOf } from '@backstay/proto/content/map/absolute-path'
import type { PolicyValues } from '@backstay/proto/policy/effective'
import type { Machine } from '@backstay/proto/policy/expanded-roots'
import {
  type OperatingSystem,
  placeholderOf,
  presets,
  variables,
  visible,
} from '@backstay/proto/policy/places'

const homesIn: Readonly<Record<OperatingSystem, string>> = {
  linux: '/home',
  macos: '/Users',
  windows: 'C:/Users',
}

/** `platform`: as a certificate says it, `linux 6.1.0`. */
export function systemOf(platform: string): OperatingSystem {
  if (platform.startsWith('win32')) return 'windows'
  return platform.startsWith('darwin') ? 'macos' : 'linux'
}

/** `values`: the policy that the snapshot was made by. A home too many does no harm: nothing of it is in the snapshot. */
export async function seenMachine(
  archive: OpenedArchive,
  snapshot: Snapshot,
  system: OperatingSystem,
  values: PolicyValues,
): Promise<Machine> {
  const folder = homesIn[system]
  const { children } = await listFolder(archive, snapshot, componentsOf(utf8(folder)))
  const usual = children
    .filter(child => child.entry.kind === 'folder')
    .map(child => `${folder}/${visible(child.name)}`)
  const homes = new Set([...usual, ...(system === 'linux' ? ['/root'] : [])])
  // A home elsewhere: a root of the snapshot that ends as a word of the policy does.
  const roots = snapshot.body.roots.map(root => visible(root).replaceAll('\\', '/'))
  for (const rest of restsOf(values, system)) {
    for (const root of roots) if (root.endsWith(rest)) homes.add(root.slice(0, root.length - rest.length))
  }
  homes.delete('')
  return { system, homes: [...homes] }
}

/** What follows the home in each root that begins with one. */
function restsOf({ backupSets }: PolicyValues, system: OperatingSystem): string[] {
  const words = backupSets.flatMap(set => [
    ...set.roots,
    ...set.presets.flatMap(name => (presets[name]?.[system].roots ?? []).map(utf8)),
  ])
  return words.flatMap(word => {
    const place = placeholderOf(word)
    const begin = place && variables[system][place.name]
    return place !== undefined && begin?.startsWith('~') ? `${begin.slice(1)}${place.rest}` : []
  })
}
