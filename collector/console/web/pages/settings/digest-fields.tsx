/** The daily digest: whether, when and through which channels. Through none it would go to nobody, and its absence would say nothing. */
import type { ChannelItem, CollectorSettings } from '@backstay/proto/rest/alerts'
import { Link } from 'wouter'
import { useAsk } from '../../api/queries.ts'
import { Choose, Tick } from '../../parts/controls.tsx'
import { Note } from '../../parts/saying.tsx'

export type Digest = CollectorSettings['digest']

export const goesNowhere = ({ enabled, channels }: Digest): boolean => enabled && channels.length === 0

const hours = Array.from({ length: 24 }, (_, hour) => ({
  id: String(hour),
  name: `${String(hour).padStart(2, '0')}:00`,
}))

export interface DigestFieldsProps {
  readonly digest: Digest
  readonly onChange: (digest: Digest) => void
}

export function DigestFields({ digest, onChange }: DigestFieldsProps) {
  const { data } = useAsk<{ readonly items: readonly ChannelItem[] }>('/channels')
  const { enabled, hour, channels } = digest
  return (
    <>
      <Tick isSelected={enabled} onChange={is => onChange({ ...digest, enabled: is })}>
        A signed digest each day, so that its absence is the alarm
      </Tick>
      {enabled && (
        <>
          <Choose
            label="Hour of the digest, by the clock of the collector"
            choices={hours}
            value={String(hour)}
            onChange={id => onChange({ ...digest, hour: Number(id) })}
          />
          <fieldset className="plain-set">
            <legend className="field-label">Through</legend>
            <div className="roles">
              {data?.items.map(({ id, name }) => (
                <Tick
                  key={id}
                  isSelected={channels.includes(id)}
                  onChange={is =>
                    onChange({
                      ...digest,
                      channels: is ? [...channels, id] : channels.filter(one => one !== id),
                    })
                  }
                >
                  {name}
                </Tick>
              ))}
            </div>
          </fieldset>
          {data?.items.length === 0 && (
            <Note>
              There is no channel yet: add one under{' '}
              <Link href="/alerts?part=channels">Alerts, Channels</Link>.
            </Note>
          )}
        </>
      )}
    </>
  )
}
