/** Whose folder? Typing a name finds the device. */

import type { deviceRoutes } from '@backstay/proto/rest/devices'
import type { AnswerOf } from '@backstay/proto/rest/route'
import { Link } from 'wouter'
import { useAsk } from '../api/queries.ts'
import { Field } from '../parts/controls.tsx'
import { Panel } from '../parts/page.tsx'
import { Coming, Empty, Trouble } from '../parts/saying.tsx'
import { Ago } from '../parts/time.tsx'
import { useAddress, useHiddenAddress } from '../words/address.ts'
import { bytesText } from '../words/bytes.ts'

const shownMax = 50

export function ChooseDevice() {
  const [address, change] = useAddress()
  const words = address.get('q') ?? ''
  // What is looked for by name goes along to the device.
  const [hidden] = useHiddenAddress()
  const find = hidden.get('find')
  const found = useAsk<AnswerOf<typeof deviceRoutes.list>>('/devices', {
    q: words,
    limit: shownMax,
    sort: 'name',
  })
  return (
    <Panel title="Choose a device">
      <div className="stack wide">
        <Field label="Name, user or id" value={words} onChange={q => change({ q })} autoFocus />
        {found.error !== null ? (
          <Trouble error={found.error} onAgain={() => void found.refetch()} />
        ) : found.data === undefined ? (
          <Coming lines={6} />
        ) : found.data.items.length === 0 ? (
          <Empty title="No device fits">
            {words === '' ? 'Devices appear here when they are enrolled.' : 'Try a part of its name.'}
          </Empty>
        ) : (
          <ul className="choose-device">
            {found.data.items.map(item => (
              <li key={item.device}>
                <Link
                  href={`/restore/${item.device}${find === null ? '' : `#${new URLSearchParams({ find })}`}`}
                  className="choose-device-line"
                >
                  <span className="one-line">{item.name}</span>
                  <span className="faint one-line">{item.user ?? item.platform}</span>
                  <span className="faint number">{bytesText(item.storedBytes)}</span>
                  <span className="faint number">
                    {item.lastCompleteAtMs === undefined ? (
                      'never backed up'
                    ) : (
                      <Ago atMs={item.lastCompleteAtMs} />
                    )}
                  </span>
                </Link>
              </li>
            ))}
          </ul>
        )}
      </div>
    </Panel>
  )
}
