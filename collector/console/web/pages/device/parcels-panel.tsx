/** Parts of the device that were given to others, and of others to it. What was in them only `backstay parcels` says, to who restores. */
import type { ParcelItem } from '@backstay/proto/rest/devices'
import { Link } from 'wouter'
import { useAsk } from '../../api/queries.ts'
import { Panel } from '../../parts/page.tsx'
import { Ago } from '../../parts/time.tsx'
import { bytesText, counted } from '../../words/bytes.ts'
import { dateText } from '../../words/times.ts'

const looks = {
  unsent: { word: 'not sent', tone: 'warn' },
  waiting: { word: 'waits for its receiver', tone: 'rest' },
  arrived: { word: 'fetched', tone: 'good' },
  failed: { word: 'failed', tone: 'bad' },
  ended: { word: 'revoked', tone: 'rest' },
  over: { word: 'over', tone: 'rest' },
} as const

/** Nothing where there never was one. */
export function ParcelsPanel({ device }: { readonly device: string }) {
  const { data } = useAsk<{ readonly items: readonly ParcelItem[] }>(`/devices/${device}/parcels`)
  if (data === undefined || data.items.length === 0) return null
  return (
    <Panel title="Parcels" className="span-12" bare>
      <table className="table">
        <tbody>
          {data.items.map(one => (
            <tr key={one.parcel}>
              <td>
                {one.direction === 'given' ? 'For ' : 'From '}
                {one.otherName === undefined ? (
                  <span className="soft">a device that you do not see</span>
                ) : (
                  <Link href={`/devices/${one.other}`}>{one.otherName}</Link>
                )}
              </td>
              <td className={`tone ${looks[one.state].tone}`}>
                {looks[one.state].word}
                {one.arrived && one.state !== 'arrived' && ', was fetched'}
              </td>
              <td className="soft">
                {counted(one.entries, 'entry', 'entries')}, {bytesText(one.bytes)}
              </td>
              <td className="soft">until {dateText(one.untilMs)}</td>
              <td className="tight faint">
                <Ago atMs={one.givenAtMs} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  )
}
