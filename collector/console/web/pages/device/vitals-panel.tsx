/** How the machine is. */
import type { DeviceDetail } from '@backstay/proto/rest/devices'
import { Facts } from '../../parts/facts.tsx'
import { Panel } from '../../parts/page.tsx'
import { bytesText } from '../../words/bytes.ts'
import { keyProtectionWords } from '../../words/reasons.ts'
import { spanText } from '../../words/times.ts'

export function VitalsPanel({
  device: { vitals, clockSkewMs, keyProtection },
}: {
  readonly device: DeviceDetail
}) {
  if (vitals === undefined) {
    return (
      <Panel title="Machine">
        <p className="soft">Nothing is known yet; the next heartbeat tells.</p>
      </Panel>
    )
  }
  const disks = vitals.disks.map(
    ({ bytes, freeBytes }) => `${bytesText(freeBytes)} free of ${bytesText(bytes)}`,
  )
  return (
    <Panel title="Machine">
      <Facts
        lines={[
          ['System', vitals.system || '–'],
          ...(vitals.model === '' ? [] : [['Model', vitals.model] as const]),
          ['Disks', disks.join('; ') || '–'],
          ['Memory', `${bytesText(vitals.memoryFreeBytes)} free of ${bytesText(vitals.memoryBytes)}`],
          ...(vitals.batteryPercent === undefined
            ? []
            : [
                [
                  'Battery',
                  `${Math.round(vitals.batteryPercent)} %${vitals.charging ? ', charging' : ''}`,
                ] as const,
              ]),
          ...(keyProtection === undefined
            ? []
            : [['Keys', keyProtectionWords[keyProtection] ?? keyProtection.replaceAll('_', ' ')] as const]),
          ['Up for', spanText(vitals.uptimeMs)],
          ['Agent uses', bytesText(vitals.agentMemoryBytes)],
          ...(clockSkewMs === undefined || Math.abs(clockSkewMs) < 60_000
            ? []
            : [
                [
                  'Clock',
                  `${spanText(Math.abs(clockSkewMs))} ${clockSkewMs < 0 ? 'behind' : 'ahead'}`,
                ] as const,
              ]),
        ]}
      />
    </Panel>
  )
}
