/**
 * Volumes as they were at one moment, so that files which programs hold open are read whole. Taken before everything is
 * looked at, not for each saved file: it takes seconds. Where one cannot be had, the volume itself is read, and it is said.
 */
import { type Bytes, hex } from '@backstay/proto/bytes'
import type { Alarm } from '../alarm.ts'
import { fromRoot, type System } from './system.ts'

export interface VolumeSnapshots {
  /** `volume` as the first component of a path, such as `C:`. Throws `snapshot_failed`. */
  take(volume: string, signal?: AbortSignal): Promise<VolumeSnapshot>
  /** Of any process. False when it stands and could not be removed; what is no name of a snapshot counts as gone. */
  remove(name: string): Promise<boolean>
}

export interface VolumeSnapshot extends AsyncDisposable {
  /** An absolute path that `System` opens in place of the volume's. */
  readonly path: Bytes
  /** One line, by which another process can remove it; undefined: nothing is left behind. */
  readonly name?: string
}

export interface Frozen extends AsyncDisposable {
  readonly system: System
  readonly alarms: readonly Alarm[]
}

/** The same system, in which the volumes are as they are now and stay so until it is disposed of. */
export async function freeze(
  system: System,
  snapshots: VolumeSnapshots,
  volumes: readonly Bytes[],
  signal?: AbortSignal,
): Promise<Frozen> {
  const alarms: Alarm[] = []
  const taken = new Map<string, VolumeSnapshot>()
  for (const volume of volumes) {
    const shown = new TextDecoder().decode(volume)
    try {
      taken.set(hex(volume), await snapshots.take(shown, signal))
    } catch (error) {
      signal?.throwIfAborted()
      const why = error instanceof Error ? error.message : String(error)
      const message = `no snapshot of ${shown} could be taken, so that files in use are left out: ${why}`
      alarms.push({ code: 'vss_failed', message })
    }
  }
  return {
    system: redirected(system, name => taken.get(hex(name))?.path ?? name),
    alarms,
    async [Symbol.asyncDispose]() {
      for (const one of taken.values()) await one[Symbol.asyncDispose]()
    },
  }
}

/** All that is opened by a path begins elsewhere; what lies below is opened by handles, and so leads there too. */
function redirected(system: System, pathOf: (name: Bytes) => Bytes): System {
  const at = (handle: number, name: Bytes) => (handle === fromRoot ? pathOf(name) : name)
  return {
    ...system,
    openFolder: (handle, name) => system.openFolder(handle, at(handle, name)),
    tryOpenFolder: (handle, name) => system.tryOpenFolder(handle, at(handle, name)),
    statAt: (handle, name) => system.statAt(handle, at(handle, name)),
    tryStatAt: (handle, name, into) => system.tryStatAt(handle, at(handle, name), into),
    attributesAt: (handle, name) => system.attributesAt(handle, at(handle, name)),
  }
}
