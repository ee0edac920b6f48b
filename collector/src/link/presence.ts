/**
 * Which devices have a session now. One each: the newer ends the older, which is most often a dead one that has not noticed
 * yet. Two machines with one identity are both served: then the older stays.
 */
import type { Clock } from '@backstay/proto/clock'
import type { Failure } from '@backstay/proto/failure'
import type { DeviceId } from '@backstay/proto/object/id'

export interface Presence {
  /** `mostBeside`: so many older sessions may stay; those before them are ended with `why`. */
  enter(device: DeviceId, control: AbortController, mostBeside: number, why: Failure): void
  leave(device: DeviceId, control: AbortController): void
  end(device: DeviceId, why: Failure): void
  /** Undefined: it has none. */
  onlineSinceMs(device: DeviceId): number | undefined
  devices(): Iterable<DeviceId>
}

interface Open {
  readonly control: AbortController
  readonly sinceMs: number
}

export function presence(clock: Pick<Clock, 'now'>): Presence {
  const sessions = new Map<DeviceId, readonly Open[]>()
  return {
    enter(device, control, mostBeside, why) {
      const before = sessions.get(device) ?? []
      const stay = mostBeside === 0 ? [] : before.slice(-mostBeside)
      sessions.set(device, [...stay, { control, sinceMs: clock.now() }])
      for (const one of before) if (!stay.includes(one)) one.control.abort(why)
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
