/** One device: how it is, what it has, what was done with it. */
import type { DeviceDetail } from '@backstay/proto/rest/devices'
import { useEffect } from 'react'
import { Link, useLocation, useParams } from 'wouter'
import { useAsk } from '../../api/queries.ts'
import { Page, Panel } from '../../parts/page.tsx'
import { Coming, Trouble } from '../../parts/saying.tsx'
import { StateSentence } from '../../parts/state.tsx'
import { Ago } from '../../parts/time.tsx'
import { may, usePerson } from '../../shell/session.ts'
import { isTyping } from '../../shell/shortcuts.ts'
import { useNow } from '../../words/now.ts'
import { reasonText } from '../../words/reasons.ts'
import { AuditPanel } from './audit-panel.tsx'
import { DeviceActions } from './device-actions.tsx'
import './device.css'
import { JobsPanel } from './jobs-panel.tsx'
import { LooksLike } from './looks-like.tsx'
import { NotRead } from './not-read.tsx'
import { ParcelsPanel } from './parcels-panel.tsx'
import { PolicyPanel } from './policy-panel.tsx'
import { Reasons } from './reasons.tsx'
import { TimelinePanel } from './timeline-panel.tsx'
import { VitalsPanel } from './vitals-panel.tsx'
import { WatchPanel } from './watch-panel.tsx'

export function DevicePage() {
  const { device = '' } = useParams<{ readonly device: string }>()
  const { data, error, refetch } = useAsk<DeviceDetail>(`/devices/${encodeURIComponent(device)}`)
  const person = usePerson()
  useBackOnEscape()
  if (error !== null) {
    return (
      <Page title="Device">
        <Trouble error={error} safe="Its snapshots are not touched by this." onAgain={() => void refetch()} />
      </Page>
    )
  }
  if (data === undefined || data.device !== device) {
    return (
      <Page title="Device">
        <Coming lines={12} />
      </Page>
    )
  }
  return (
    <Page title={data.name} about={<Head device={data} />} actions={<DeviceActions device={data} />}>
      <LooksLike device={data} />
      <div className="columns">
        <div className="span-12">
          <TimelinePanel device={data} />
        </div>
        {data.reasons.length > 0 && (
          <Panel title="Why" className="span-6">
            <Reasons reasons={data.reasons} />
          </Panel>
        )}
        <div className={data.reasons.length > 0 ? 'span-6' : 'span-12'}>
          <NotRead device={data} />
        </div>
        <div className="span-7">
          <PolicyPanel device={data} />
        </div>
        <div className="span-5 stack wide">
          <WatchPanel device={data} />
          <VitalsPanel device={data} />
        </div>
        <div className={may(person, 'auditor') ? 'span-6' : 'span-12'}>
          <JobsPanel device={data.device} />
        </div>
        {may(person, 'auditor') && (
          <div className="span-6">
            <AuditPanel device={data.device} />
          </div>
        )}
        <ParcelsPanel device={data.device} />
      </div>
    </Page>
  )
}

function Head({ device }: { readonly device: DeviceDetail }) {
  const nowMs = useNow()
  const [first] = device.reasons.filter(({ grade }) => grade === device.state)
  return (
    <span className="stack">
      <StateSentence
        state={device.state}
        sinceMs={device.sinceMs}
        why={first === undefined ? undefined : reasonText(first, nowMs)}
      />
      <span className="device-strip">
        <span className="row">
          <span className={device.online ? 'lamp live' : 'lamp'} aria-hidden />
          {device.online ? (
            'Online'
          ) : (
            <span>
              Last seen <Ago atMs={device.lastSeenAtMs} never="never" />
            </span>
          )}
        </span>
        {device.user !== undefined && <span>{device.user}</span>}
        <span>{device.vitals?.system || device.platform}</span>
        <span>Agent {device.agentVersion || 'unknown'}</span>
        <span>
          {device.groups.length === 0 ? (
            'Fleet'
          ) : (
            <Link href={`/devices?group=${device.groups.at(-1)?.id ?? ''}`}>
              {device.groups.map(({ name }) => name).join(' › ')}
            </Link>
          )}
        </span>
        <span>
          Enrolled <Ago atMs={device.enrolledAtMs} />
          {device.grant !== undefined && device.grant.label !== '' && <> with “{device.grant.label}”</>}
        </span>
      </span>
    </span>
  )
}

function useBackOnEscape(): void {
  const [, go] = useLocation()
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || event.defaultPrevented || isTyping(event)) return
      // Back to the list as it was left, when it was left; else to the list.
      if (history.length > 1) history.back()
      else go('/devices')
    }
    document.addEventListener('keydown', pressed)
    return () => document.removeEventListener('keydown', pressed)
  }, [go])
}
