/** When this device backs up and when it is left alone: what the policy says, and stricter manners of the command line. */
import type { EffectivePolicy } from '@backstay/proto/policy/effective'
import type { Rate, Schedule } from '@backstay/proto/policy/schedule'
import type { Rules } from './scheduler.ts'

/** From the flags of `backstay-agent run`; undefined: not given. */
export interface LocalRules {
  readonly schedule: Schedule | undefined
  readonly batteryPercentMin: number | undefined
  readonly onMetered: boolean | undefined
  readonly bytesPerSecond: number | undefined
}

export const noLocalRules: LocalRules = {
  schedule: undefined,
  batteryPercentMin: undefined,
  onMetered: undefined,
  bytesPerSecond: undefined,
}

const hourMs = 3_600_000

/** What no layer of the policy sets, a flag may; what one does, a flag can only make stricter. */
export function rulesOf({ settings, values }: EffectivePolicy, local: LocalRules): Rules {
  const { schedule, manners, reconcileHours } = values
  const { batteryPercentMin = 0, bytesPerSecond } = local
  const rates: Rate[] = bytesPerSecond === undefined ? [] : [{ bytesPerSecond, window: undefined }]
  return {
    schedule: settings.has('schedule') ? schedule : (local.schedule ?? schedule),
    manners: {
      batteryPercentMin: settings.has('battery')
        ? Math.max(manners.batteryPercentMin, batteryPercentMin)
        : (local.batteryPercentMin ?? manners.batteryPercentMin),
      onMetered: settings.has('metered') ? manners.onMetered : (local.onMetered ?? manners.onMetered),
      rates: [...manners.rates, ...rates],
    },
    reconcileMs: reconcileHours * hourMs,
  }
}
