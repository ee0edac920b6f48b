/**
 * What a change does to the files of a fleet, as whoever holds the desk's key can tell: device by device, from their newest
 * snapshots. Of many devices some are opened, and it is said how many.
 */
import type { OpenedArchive } from '@backstay/proto/content/archive/opened'
import { isFailure } from '@backstay/proto/failure'
import type { DeviceId } from '@backstay/proto/object/id'
import { type Change, type ChangedDevice, changesFiles } from './change.ts'
import { type Amount, type DeviceFiles, deviceFiles, type FolderAmount } from './device-files.ts'
import { systemOf } from './seen-machine.ts'

export interface FilesEffect {
  /** Devices whose roots, presets or excludes change, and those of them that were opened. */
  readonly concerned: number
  readonly opened: number
  readonly leaving: DevicesAmount
  /** The largest that leave, of all that were opened. */
  readonly folders: readonly (FolderAmount & { readonly device: string })[]
  /** What older snapshots know of what comes back. */
  readonly coming: DevicesAmount
  /** What cannot be said, and why; sentences without a full stop. */
  readonly unknown: readonly string[]
}

export interface DevicesAmount extends Amount {
  readonly devices: number
}

/** Opening one takes up to some seconds; ten say what a thousand alike would. */
const openedMax = 10
/** A million entries, some 130 MB of sealed pages. */
const pagesMax = 16_000
const foldersMax = 5

/** `open`: throws Failures where a key does not open a device. */
export async function filesEffect(
  change: Change,
  open: (device: DeviceId) => Promise<OpenedArchive>,
): Promise<FilesEffect> {
  const concerned = concernedBy(change)
  const budget = { left: pagesMax }
  const opened: { readonly name: string; readonly files: DeviceFiles }[] = []
  const unknown: string[] = []
  for (const { viewed, before, after } of concerned.slice(0, openedMax)) {
    const { name, platform } = viewed.certificate
    try {
      const archive = await open(viewed.place.device)
      const system = systemOf(platform)
      opened.push({ name, files: await deviceFiles(archive, system, before.values, after.values, budget) })
    } catch (error) {
      if (!isFailure(error)) throw error
      // No other device opens either.
      if (error.code === 'no_keyring') {
        unknown.push(
          `which files and how many bytes that are: names and sizes are sealed, and only the key of an admin with the role restore opens them (${error.message})`,
        )
        break
      }
      unknown.push(`files of ${name}: ${error.message}`)
    }
  }
  const tried = Math.min(concerned.length, openedMax)
  if (concerned.length > tried) {
    unknown.push(
      `files of ${concerned.length - tried} more devices: ${tried} were opened, of each kind of change some`,
    )
  }
  for (const { name, files } of opened) unknown.push(...files.unknown.map(one => `${name}: ${one}`))
  if (opened.some(one => one.files.mayTakeNew)) {
    unknown.push('how much newly comes in: the collector never had it, only the devices find out')
  }
  return {
    ...{ concerned: concerned.length, opened: opened.length },
    leaving: sumOf(opened.map(one => one.files.leaving)),
    folders: opened
      .flatMap(({ name, files }) => files.folders.map(one => ({ device: name, ...one })))
      .sort((a, b) => b.bytes - a.bytes || b.files - a.files)
      .slice(0, foldersMax),
    coming: sumOf(opened.map(one => one.files.coming)),
    unknown,
  }
}

/** One of each class in turn, so that each kind of change is seen before many of one kind are. */
function concernedBy({ classes }: Change): ChangedDevice[] {
  const rows = classes.map(({ devices }) =>
    devices.filter(({ before, after }) => changesFiles(before.values, after.values)),
  )
  const longest = Math.max(0, ...rows.map(row => row.length))
  return Array.from({ length: longest }, (_, at) => rows.flatMap(row => row[at] ?? [])).flat()
}

function sumOf(amounts: readonly Amount[]): DevicesAmount {
  const some = amounts.filter(one => one.files > 0)
  const sum = (key: keyof Amount) => some.reduce((total, one) => total + one[key], 0)
  return { files: sum('files'), bytes: sum('bytes'), devices: some.length }
}
