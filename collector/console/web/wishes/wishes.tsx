/** What people without keys asked for, and nobody has answered yet: whoever holds a key signs it or declines, here. */
import type { Intent, intentRoutes } from '@backstay/proto/rest/intents'
import type { AnswerOf } from '@backstay/proto/rest/route'
import { useState } from 'react'
import { Link } from 'wouter'
import { send } from '../api/client.ts'
import { useAsk, useDeed } from '../api/queries.ts'
import { useKeys } from '../keys/keys.ts'
import { pathWord } from '../keys/paths.ts'
import { useOpened } from '../keys/use-vault.ts'
import { Button } from '../parts/controls.tsx'
import { Panel } from '../parts/page.tsx'
import { Trouble } from '../parts/saying.tsx'
import { Ago } from '../parts/time.tsx'
import { may, usePerson } from '../shell/session.ts'
import { BackupQuestion } from '../signing/backup-question.tsx'
import './wishes.css'

type Deed = { readonly id: Intent['id']; readonly deed: 'done' | 'decline' }

export function Wishes({ only }: { readonly only?: Intent['kind'] }) {
  const person = usePerson()
  const wishes = useAsk<AnswerOf<typeof intentRoutes.list>>('/intents', { state: 'open' })
  const close = useDeed(({ id, deed }: Deed) => send('POST', `/intents/${id}/${deed}`, {}), ['/intents'])
  const items = wishes.data?.items.filter(one => only === undefined || one.kind === only) ?? []
  if (items.length === 0) return null
  return (
    <Panel title={`Asked for (${items.length})`} className="wishes-panel" bare>
      {close.error !== null && <Trouble error={close.error} />}
      <ul>
        {items.map(one => (
          <Wish
            key={one.id}
            wish={one}
            mayClose={may(person, 'restore') || (one.kind === 'backup' && may(person, 'policy'))}
            onClose={deed => close.mutate({ id: one.id, deed })}
          />
        ))}
      </ul>
    </Panel>
  )
}

interface WishProps {
  readonly wish: Intent
  readonly mayClose: boolean
  readonly onClose: (deed: Deed['deed']) => void
}

function Wish({ wish, mayClose, onClose }: WishProps) {
  const [isSigning, setSigning] = useState(false)
  const { kind, device, deviceName, note, by, atMs } = wish
  return (
    <li className="wish">
      <span className="stack tight">
        <span>
          {kind === 'backup' ? 'A backup of ' : 'A restore on '}
          <b>{deviceName}</b>
          {note !== undefined && <> · {note}</>}
        </span>
        {kind === 'restore' && <Wished wish={wish} />}
      </span>
      <span className="push faint">
        {by}, <Ago atMs={atMs} />
      </span>
      {mayClose && (
        <span className="row">
          {kind === 'backup' && (
            <Button small onPress={() => setSigning(true)}>
              Sign…
            </Button>
          )}
          <Button small onPress={() => onClose('done')}>
            Done
          </Button>
          <Button small look="quiet" onPress={() => onClose('decline')}>
            Decline
          </Button>
        </span>
      )}
      {kind === 'backup' && (
        <BackupQuestion
          devices={[{ device, name: deviceName }]}
          isOpen={isSigning}
          onClose={() => setSigning(false)}
          onSigned={() => onClose('done')}
        />
      )}
    </li>
  )
}

/** Which path is meant is opened with the key, here. */
function Wished({ wish: { device, sealed } }: { readonly wish: Intent }) {
  const { state } = useKeys()
  if (sealed === undefined) return null
  return state === 'open' ? (
    <WishedPath device={device} sealed={sealed} />
  ) : (
    <span className="faint">Which folder is meant shows when a restore key is open.</span>
  )
}

function WishedPath({ device, sealed }: { readonly device: string; readonly sealed: string }) {
  const wish = useOpened(['wish', sealed], vault => vault.wish(sealed))
  if (wish.error !== null) return <span className="faint">It cannot be opened with this key.</span>
  if (wish.data === undefined) return <span className="faint">…</span>
  const { path, shown } = wish.data
  return (
    <Link href={`/restore/${device}#gone=1&path=${pathWord(path.slice(0, -1))}`} className="one-line">
      {shown}
    </Link>
  )
}
