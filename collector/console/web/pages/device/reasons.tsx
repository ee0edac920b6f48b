/** Why the device is in its state: each reason with its remedy. */
import type { DeviceReason } from '@backstay/proto/rest/devices'
import { useNow } from '../../words/now.ts'
import { reasonText, remedyText } from '../../words/reasons.ts'
import './device.css'

const tones: Readonly<Record<string, string>> = {
  at_risk: 'warn',
  unprotected: 'bad',
  never_backed_up: 'bad',
  paused: 'rest',
  retired: 'gone',
}

export function Reasons({ reasons }: { readonly reasons: readonly DeviceReason[] }) {
  const nowMs = useNow()
  if (reasons.length === 0) return null
  return (
    <ul className="reasons">
      {reasons.map(reason => {
        const remedy = remedyText(reason)
        const text = reasonText(reason, nowMs)
        return (
          <li key={`${reason.code} ${reason.what}`} className={`reason ${tones[reason.grade] ?? ''}`}>
            <p>
              {text.charAt(0).toUpperCase()}
              {text.slice(1)}.
            </p>
            {remedy !== undefined && <p className="soft">{remedy}</p>}
          </li>
        )
      })}
    </ul>
  )
}
