/** The groups of a made fleet, and what their devices are called. */
import type { LayerSetting } from '@backstay/proto/policy/settings'

export interface Department {
  readonly name: string
  readonly short: string
  /** Of all devices. */
  readonly share: number
  readonly settings: readonly LayerSetting[]
}

export const departments: readonly Department[] = [
  {
    name: 'Engineering',
    short: 'eng',
    share: 0.34,
    settings: [
      { kind: 'excludes', value: ['node_modules/', 'build/', 'target/'], locked: false },
      { kind: 'objective', value: { atRiskHours: 24, unprotectedHours: 72 }, locked: true },
    ],
  },
  {
    name: 'Design',
    short: 'dsg',
    share: 0.12,
    settings: [{ kind: 'metered', value: false, locked: false }],
  },
  { name: 'Sales', short: 'sal', share: 0.24, settings: [{ kind: 'battery', value: 20, locked: false }] },
  { name: 'Operations', short: 'ops', share: 0.2, settings: [] },
  {
    name: 'Servers',
    short: 'srv',
    share: 0.1,
    settings: [{ kind: 'pause', value: 0, locked: true }],
  },
]

/** By the number of a device, in the shares above. */
export function departmentOf(number: number, devices = 100): number {
  const place = (number % devices) / devices
  let sum = 0
  const found = departments.findIndex(({ share }) => {
    sum += share
    return place < sum
  })
  return found < 0 ? 0 : found
}
