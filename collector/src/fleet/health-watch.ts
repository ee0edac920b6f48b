/**
 * Keeps the view of the fleet current, and says once when a device became worse or better. Silence is noticed here: a
 * device that is gone cannot say so.
 */
import type { Clock } from '@backstay/proto/clock'
import { danger } from '@backstay/proto/health/health'
import type { Log } from '../log.ts'
import type { DeviceChange, FleetView } from './fleet-view.ts'

export interface HealthWatchOptions {
  readonly clock: Clock
  readonly view: FleetView
  readonly log: Log
}

const lookMs = 60_000
/** How old what is shown of a device may be at most after something happened to it. */
const catchUpMs = 1_000

export function healthWatch({ clock, view, log }: HealthWatchOptions) {
  let isFirst = true

  function notice({ before, now }: DeviceChange): void {
    if (before === undefined || before.health.state === now.health.state) return
    const { state, sinceMs, reasons } = now.health
    const { device, name } = now.row
    const why = reasons.filter(({ grade }) => grade === state).map(({ code }) => code)
    const since = new Date(sinceMs).toISOString()
    const facts = { device, name, before: before.health.state, state, since, why }
    if (danger(state) > danger(before.health.state)) log.warn(facts, 'a device is less well protected')
    else if (danger(state) < danger(before.health.state)) log.info(facts, 'a device is better protected')
    else log.debug(facts, 'a device changed its state')
  }

  function sayStart(): void {
    if (!isFirst || view.devices.size === 0) return
    const counts = Map.groupBy(view.devices.values(), one => one.health.state)
    log.info(
      Object.fromEntries([...counts].map(([state, all]) => [state, all.length])),
      'devices at the start',
    )
    isFirst = false
  }

  /** Until somebody must be looked at again; what happens within a second is gathered. */
  async function nextLook(nextMs: number, signal: AbortSignal): Promise<void> {
    const done = new AbortController()
    const either = AbortSignal.any([signal, done.signal])
    const waiting = [
      clock.sleep(Math.max(catchUpMs, nextMs - clock.monotonic()), either),
      view.touched(either),
    ]
    await Promise.race(waiting).finally(() => done.abort())
    await Promise.allSettled(waiting)
    signal.throwIfAborted()
    await clock.sleep(catchUpMs, signal)
  }

  return {
    name: 'health',
    /** Until it is aborted; what fails is tried again at the next look. */
    async run(signal: AbortSignal): Promise<void> {
      using _following = view.follow(notice)
      for (let nextMs = 0; ; await nextLook(nextMs, signal)) {
        try {
          if (clock.monotonic() < nextMs) await view.catchUp()
          else {
            await view.look()
            nextMs = clock.monotonic() + lookMs
          }
          sayStart()
        } catch (error) {
          log.warn({ error }, 'health of devices not looked at')
        }
      }
    },
  }
}
