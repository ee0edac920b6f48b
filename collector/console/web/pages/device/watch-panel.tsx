/** How changes are noticed there. */
import type { DeviceDetail } from '@backstay/proto/rest/devices'
import { Facts } from '../../parts/facts.tsx'
import { Panel } from '../../parts/page.tsx'
import { Ago } from '../../parts/time.tsx'
import { bytesText, counted, numberText } from '../../words/bytes.ts'

export function WatchPanel({ device }: { readonly device: DeviceDetail }) {
  const { watch, queue, running, waiting, failure, heardAtMs } = device
  return (
    <Panel
      title="Agent"
      actions={
        <span className="faint">
          heard <Ago atMs={heardAtMs} never="never" />
        </span>
      }
    >
      <Facts
        lines={[
          [
            'Now',
            running !== undefined
              ? `backing up: ${counted(running.entries, 'entry', 'entries')}, ${bytesText(running.sentBytes)} sent`
              : waitingText(waiting),
          ],
          ...(failure ? [['Last backup failed with', failure.replaceAll('_', ' ')] as const] : []),
          ...(queue === undefined ? [] : [['Waiting', queueText(queue)] as const]),
          ['Folders watched', watch === undefined ? 'not told' : numberText(watch.folders)],
          ...(watch === undefined
            ? []
            : [
                ['Roots', rootsText(watch)] as const,
                [
                  'Folders by rescans only',
                  watch.unwatched === 0 ? 'none' : numberText(watch.unwatched),
                ] as const,
                ['Hints missed', watch.missed === 0 ? 'none' : numberText(watch.missed)] as const,
              ]),
        ]}
      />
    </Panel>
  )
}

type Queue = NonNullable<DeviceDetail['queue']>

function queueText({ everything, folders, objects, bytes }: Queue): string {
  const parts = [
    everything && 'a look at everything',
    folders > 0 && `${counted(folders, 'changed folder', 'changed folders')} to look at`,
    objects > 0 && `${counted(objects, 'object', 'objects')} (${bytesText(bytes)}) on their way`,
  ]
  return parts.filter(Boolean).join(', ') || 'nothing'
}

type Watch = NonNullable<DeviceDetail['watch']>

function rootsText({ roots, native, polled, absent }: Watch): string {
  const parts = [
    native > 0 && `${native} native`,
    polled > 0 && `${polled} polled`,
    absent > 0 && `${absent} absent`,
  ]
  return `${numberText(roots)} (${parts.filter(Boolean).join(', ') || 'none watched'})`
}

function waitingText(waiting: string | undefined): string {
  if (waiting === undefined || waiting === '' || waiting === 'nothing_due') return 'nothing is due'
  const words: Readonly<Record<string, string>> = {
    battery: 'waits: the battery is low',
    metered: 'waits: the network is metered',
    schedule: 'waits for its schedule',
    offline: 'waits for a connection',
    paused: 'paused',
  }
  return words[waiting] ?? `waits: ${waiting.replaceAll('_', ' ')}`
}
