/** What an order would do, composed and reckoned by the thread that would sign it, from what is signed already. */
import type { OrderEffect } from '../../policy/order-drafts.ts'
import { Coming, Note, Trouble } from '../parts/saying.tsx'
import { counted } from '../words/bytes.ts'
import { settingTitle } from '../words/settings.ts'
import './order-effect.css'

export interface OrderEffectProps {
  readonly effect: OrderEffect | undefined
  readonly error: unknown
}

const [classesShown, namesShown] = [5, 8]

export function OrderEffectLines({ effect, error }: OrderEffectProps) {
  if (error !== null && error !== undefined) return <Trouble error={error} safe="Nothing was signed." />
  if (effect === undefined) return <Coming lines={2} />
  const { classes, untouched, resisted, retention } = effect
  const going = retention.snapshots.reduce((sum, one) => sum + one.count, 0)
  const devices = classes.reduce((sum, one) => sum + one.devices.length, 0)
  return (
    <div className="sign-effect" role="status">
      <p>
        <b>{devices === 0 ? 'No device of today changes.' : `${counted(devices, 'device')} will change.`}</b>
        {devices > 0 &&
          untouched > 0 &&
          ` ${counted(untouched, 'device stays as it is', 'devices stay as they are')}.`}
      </p>
      {classes.slice(0, classesShown).map(({ devices: names, changes }) => (
        <div key={names.join()}>
          <p className="soft">
            {names.slice(0, namesShown).join(', ')}
            {names.length > namesShown && ` and ${names.length - namesShown} more`}
          </p>
          <ul>
            {changes.map(({ setting, before, after }) => (
              <li key={setting}>
                {settingTitle(setting)}:{' '}
                {before === undefined ? 'not set' : <span className="gone-value">{before}</span>} →{' '}
                {after ?? 'not set'}
              </li>
            ))}
          </ul>
        </div>
      ))}
      {classes.length > classesShown && (
        <p className="faint">and {classes.length - classesShown} more kinds of changes</p>
      )}
      {Object.entries(resisted).map(([key, count]) => (
        <p key={key} className="soft">
          {settingTitle(key)} is locked by another layer: it stays as it is on {counted(count, 'device')}.
        </p>
      ))}
      {retention.keepsLess && (
        <Note tone="warn">
          Snapshots are kept for a shorter time than today:{' '}
          {going === 0
            ? 'none would go today, later ones go sooner'
            : `${counted(going, 'snapshot')} of ${counted(retention.snapshots.length, 'device')} would go`}
          . That takes effect a week after it was signed.
        </Note>
      )}
      {retention.unknown.map(one => (
        <p key={one} className="soft">
          Not known: {one}.
        </p>
      ))}
    </div>
  )
}
