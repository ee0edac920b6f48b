/**
 * Which devices have a session now. One each: the newer ends the older, which is most often a dead one that has not noticed
 * yet. Two machines with one identity are both served: then the older stays. Commands that only read stand beside the agent and
 * beside one another: neither ends a restore that runs.
 */
import type { Clock } from '@backstay/proto/clock'
import type { Failure } from '@backstay/proto/failure'
import type { DeviceId } from '@backstay/proto/object/id'

export interface Presence {
  enter(device: DeviceId, control: AbortController, how: Entering): void
  leave(device: DeviceId, control: AbortController): void
  end(device: DeviceId, why: Failure): void
  /** Undefined: it has none. */
  onlineSinceMs(device: DeviceId): number | undefined
  devices(): Iterable<DeviceId>
}

export interface Entering {
  /** A command that only reads. It ends no agent's session, and no agent ends its. */
  readonly reads: boolean
  /** So many older sessions of the same kind may stay; those before them are ended with `why`. */
  readonly mostBeside: number
  readonly why: Failure
}

interface Open {
  readonly control: AbortController
  readonly reads: boolean
  readonly sinceMs: number
}

export function presence(clock: Pick<Clock, 'now'>): Presence {
  const sessions = new Map<DeviceId, readonly Open[]>()
  return {
    enter(device, control, { reads, mostBeside, why }) {
      const before = sessions.get(device) ?? []
      const alike = before.filter(one => one.reads === reads)
      const ended = alike.slice(0, Math.max(0, alike.length - mostBeside))
      const stay = before.filter(one => !ended.includes(one))
      sessions.set(device, [...stay, { control, reads, sinceMs: clock.now() }])
      for (const one of ended) one.control.abort(why)
    },
    leave(device, control) {
      const left = (sessions.get(device) ?? []).filter(one => one.control !== control)
      if (left.length === 0) sessions.delete(device)
      else sessions.set(device, left)
    },
    end(device, why) {
      for (const { control } of sessions.get(device) ?? []) control.abort(why)
    },
    onlineSinceMs: device => sessions.get(device)?.at(-1)?.sinceMs,
    devices: () => sessions.keys(),
  }
}
