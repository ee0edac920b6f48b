/** Files that could not be read, by reason, each with its remedy. */
import type { DeviceDetail } from '@backstay/proto/rest/devices'
import { CircleCheck } from 'lucide-react'
import { Panel } from '../../parts/page.tsx'
import { Since } from '../../parts/time.tsx'
import { counted } from '../../words/bytes.ts'
import { unreadRemedies, unreadWords } from '../../words/reasons.ts'

export function NotRead({ device }: { readonly device: DeviceDetail }) {
  const { unread, unreadByReason } = device
  return (
    <Panel title={unread === 0 ? 'Files not read' : `Files not read (${unread})`}>
      {unreadByReason.length === 0 ? (
        <p className="row soft">
          <CircleCheck size={16} className="tone good" aria-hidden />
          {device.lastCompleteAtMs === undefined ? 'Nothing is known yet.' : 'Every file was read.'}
        </p>
      ) : (
        <ul className="reasons">
          {unreadByReason.map(({ code, count, sinceMs }) => (
            <li key={code} className="reason warn">
              <p>
                {counted(count, 'file')}: {unreadWords[code] ?? code}, since <Since atMs={sinceMs} />
              </p>
              <p className="soft">{unreadRemedies[code] ?? 'Look at them on the device.'}</p>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}
