/** What an agent on a simulated laptop meets of its machine: no threads, one home, much room, vitals that cost nothing. */

import { noLocalRules } from '@backstay/agent/service/rules'
import type { ServiceOptions } from '@backstay/agent/service/service'
import type { System } from '@backstay/agent/system/system'
import { noRestoreThreads, noThreads } from '@backstay/agent/threads/no-threads'
import { Failure } from '@backstay/proto/failure'
import type { Primitives } from '@backstay/proto/primitives'
import type { Vitals } from '@backstay/proto/trust/heartbeat'
import { home } from './user-files.ts'

/** One a minute would be most of what a simulation does. A collector takes a device for mute after an hour. */
export const heartbeatsEveryMs = 15 * 60_000

const vitals: Vitals = {
  ...{ system: 'simulated', model: '', disks: [], memoryBytes: 0, memoryFreeBytes: 0 },
  ...{ batteryPercent: undefined, charging: false, uptimeMs: 0, agentMemoryBytes: 0, agentCpuMs: 0 },
}

export function simulatedMachine(
  system: System,
  p: Primitives,
): Omit<ServiceOptions, 'log' | 'asks' | 'watcher'> {
  return {
    local: { ...noLocalRules, batteryPercentMin: 0 },
    hooks: '/none',
    restored: '/none',
    background: {
      notices: () => {
        throw new Failure('no_notices', 'the simulation scripts its watcher')
      },
      ...{ hasTreeNotices: false, giveWay: () => undefined, trimMemory: () => undefined },
    },
    threads: noThreads(system, p),
    restoreThreads: noRestoreThreads(system, p),
    settleMemory: () => undefined,
    places: () => ({
      ...{ homes: [home], elsewhere: '/none', isOwnHome: () => true, realPath: path => path },
      freeBytes: () => 2 ** 40,
    }),
    vitals: { take: async () => vitals, user: async () => '' },
    heartbeats: {
      access: { fullDisk: async () => undefined, list: async () => true },
      everyMs: heartbeatsEveryMs,
    },
  }
}
