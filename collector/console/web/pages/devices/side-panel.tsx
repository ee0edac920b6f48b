/** The device under the cursor, in short. */
import type { DeviceDetail } from '@backstay/proto/rest/devices'
import { X } from 'lucide-react'
import { Link } from 'wouter'
import { useAsk } from '../../api/queries.ts'
import { Button } from '../../parts/controls.tsx'
import { Facts } from '../../parts/facts.tsx'
import { Coming, Trouble } from '../../parts/saying.tsx'
import { StateSentence } from '../../parts/state.tsx'
import { Ago } from '../../parts/time.tsx'
import { bytesText, counted } from '../../words/bytes.ts'
import { stateLooks } from '../../words/states.ts'
import { DeviceActions } from '../device/device-actions.tsx'
import { Reasons } from '../device/reasons.tsx'

export function SidePanel({ device, onClose }: { readonly device: string; readonly onClose: () => void }) {
  const { data, error, isPlaceholderData, refetch } = useAsk<DeviceDetail>(`/devices/${device}`)
  return (
    <aside className="side-panel" aria-label="Device" aria-busy={isPlaceholderData}>
      {error !== null ? (
        <Trouble error={error} onAgain={() => void refetch()} />
      ) : data === undefined ? (
        <Coming lines={10} />
      ) : (
        <>
          <header className="row">
            <h2 className="one-line" title={data.name} aria-live="polite">
              <Link href={`/devices/${data.device}`}>{data.name}</Link>
              <span className="unseen">, {stateLooks[data.state].word}</span>
            </h2>
            <span className="push">
              <Button look="quiet" small aria-label="Close the panel" onPress={onClose}>
                <X size={16} aria-hidden />
              </Button>
            </span>
          </header>
          <StateSentence state={data.state} sinceMs={data.sinceMs} />
          <DeviceActions device={data} small />
          <Reasons reasons={data.reasons} />
          <Facts
            lines={[
              ['Online', data.online ? 'now' : <Ago key="seen" atMs={data.lastSeenAtMs} never="never" />],
              ['Last complete', <Ago key="complete" atMs={data.lastCompleteAtMs} never="never" />],
              ['Oldest change', <Ago key="oldest" atMs={data.oldestChangeAtMs} never="none waits" />],
              ['Not read', data.unread === 0 ? 'none' : counted(data.unread, 'file')],
              ['Stored', bytesText(data.storedBytes)],
              ['User', data.user ?? '–'],
              ['Group', data.groups.map(({ name }) => name).join(' › ') || 'Fleet'],
              ['System', data.vitals?.system || data.platform],
              ['Agent', data.agentVersion || '–'],
              ['Keys proved', data.escrowProven ? 'yes' : 'not yet'],
            ]}
          />
        </>
      )}
    </aside>
  )
}
