/** What the help desk asked for, and a key holder has not looked at yet. Which path is meant is opened with the key, here. */
import type { Intent, intentRoutes } from '@backstay/proto/rest/intents'
import type { AnswerOf } from '@backstay/proto/rest/route'
import { Link } from 'wouter'
import { send } from '../api/client.ts'
import { useAsk, useDeed } from '../api/queries.ts'
import { useKeys } from '../keys/keys.ts'
import { pathWord } from '../keys/paths.ts'
import { Button } from '../parts/controls.tsx'
import { Panel } from '../parts/page.tsx'
import { Trouble } from '../parts/saying.tsx'
import { Ago } from '../parts/time.tsx'
import { may, usePerson } from '../shell/session.ts'
import { useOpened } from './use-vault.ts'

type Deed = { readonly id: Intent['id']; readonly deed: 'done' | 'decline' }

export function Wishes() {
  const person = usePerson()
  const { state } = useKeys()
  const wishes = useAsk<AnswerOf<typeof intentRoutes.list>>('/intents', { state: 'open' })
  const close = useDeed(({ id, deed }: Deed) => send('POST', `/intents/${id}/${deed}`, {}), ['/intents'])
  const items = wishes.data?.items.filter(one => one.kind === 'restore') ?? []
  if (items.length === 0) return null
  const mayClose = may(person, 'restore')
  return (
    <Panel title="Asked for" bare>
      {close.error !== null && <Trouble error={close.error} />}
      <ul className="restore-wishes">
        {items.map(one => (
          <li key={one.id} className="restore-wish">
            <span className="stack tight">
              <span>
                <b>{one.deviceName}</b>
                {one.note !== undefined && <> · {one.note}</>}
              </span>
              {one.sealed === undefined ? null : state === 'open' ? (
                <WishedPath device={one.device} sealed={one.sealed} />
              ) : (
                <span className="faint">Which folder is meant shows when a restore key is open.</span>
              )}
            </span>
            <span className="push faint">
              {one.by}, <Ago atMs={one.atMs} />
            </span>
            {mayClose && (
              <span className="row">
                <Button small onPress={() => close.mutate({ id: one.id, deed: 'done' })}>
                  Done
                </Button>
                <Button small look="quiet" onPress={() => close.mutate({ id: one.id, deed: 'decline' })}>
                  Decline
                </Button>
              </span>
            )}
          </li>
        ))}
      </ul>
    </Panel>
  )
}

function WishedPath({ device, sealed }: { readonly device: string; readonly sealed: string }) {
  const wish = useOpened(['wish', sealed], vault => vault.wish(sealed))
  if (wish.error !== null) return <span className="faint">It cannot be opened with this key.</span>
  if (wish.data === undefined) return <span className="faint">…</span>
  const { path, shown } = wish.data
  return (
    <Link href={`/restore/${device}?gone=1&path=${pathWord(path.slice(0, -1))}`} className="one-line">
      {shown}
    </Link>
  )
}
