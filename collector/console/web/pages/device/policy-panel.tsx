/** What the device shall obey, and which layer says so. */
import type { DeviceDetail, deviceRoutes } from '@backstay/proto/rest/devices'
import type { AnswerOf } from '@backstay/proto/rest/route'
import type { EffectiveSettingView } from '@backstay/proto/rest/settings'
import { Lock } from 'lucide-react'
import { Link } from 'wouter'
import { useAsk } from '../../api/queries.ts'
import { Panel } from '../../parts/page.tsx'
import { Coming, Empty } from '../../parts/saying.tsx'
import { Ago } from '../../parts/time.tsx'
import { settingTitle } from '../../words/settings.ts'

export function PolicyPanel({ device }: { readonly device: DeviceDetail }) {
  const { data } = useAsk<AnswerOf<typeof deviceRoutes.policy>>(`/devices/${device.device}/policy`)
  return (
    <Panel
      title="Policy"
      bare
      actions={data !== undefined && <Obeys obeys={data.obeys} saidAtMs={data.saidAtMs} />}
    >
      {data === undefined ? (
        <Coming lines={5} />
      ) : data.settings.length === 0 ? (
        <Empty title="No policy reaches this device">
          <p>It backs up the folders of its users, continuously, and keeps every snapshot.</p>
          <Link href="/policies" className="button plain">
            Write a policy
          </Link>
        </Empty>
      ) : (
        <table className="table">
          <thead>
            <tr>
              <th>Setting</th>
              <th>Value</th>
              <th>From</th>
            </tr>
          </thead>
          <tbody>
            {data.settings.map(setting => (
              <Line key={setting.key} setting={setting} />
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  )
}

function Line({ setting }: { readonly setting: EffectiveSettingView }) {
  const { source, heldBack } = setting
  const where = source.layer === 'fleet' ? 'Fleet' : source.name || source.layer
  return (
    <tr>
      <td>{settingTitle(setting.key)}</td>
      <td className="break">{setting.text}</td>
      <td className="soft">
        <span className="row">
          <Link href={`/policies?layer=${encodeURIComponent(source.id || 'fleet')}`}>{where}</Link>
          {setting.locked && <Lock size={12} aria-label="locked" />}
        </span>
        {heldBack.length > 0 && (
          <span className="faint">
            holds back {heldBack.map(({ name, layer }) => name || layer).join(', ')}
          </span>
        )}
      </td>
    </tr>
  )
}

function Obeys(props: { readonly obeys: boolean | undefined; readonly saidAtMs: number | undefined }) {
  if (props.obeys === undefined) return <span className="faint">not told yet</span>
  return (
    <span className={props.obeys ? 'tone good' : 'tone warn'}>
      {props.obeys ? 'obeyed' : 'newer orders are on their way'}
      {props.saidAtMs !== undefined && (
        <>
          , said <Ago atMs={props.saidAtMs} />
        </>
      )}
    </span>
  )
}
