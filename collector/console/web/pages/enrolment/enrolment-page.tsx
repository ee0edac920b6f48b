/** How do new machines come in? Tokens that are open, commands for each system, and who came last. */

import type { AnswerOf } from '@backstay/proto/rest/route'
import type { GrantItem, storageRoutes } from '@backstay/proto/rest/storage'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { Link } from 'wouter'
import { useAsk } from '../../api/queries.ts'
import { Button } from '../../parts/controls.tsx'
import { Page, Panel } from '../../parts/page.tsx'
import { Coming, Empty, Trouble } from '../../parts/saying.tsx'
import { StateChip } from '../../parts/state.tsx'
import { Ago } from '../../parts/time.tsx'
import { SignDialog } from '../../signing/sign-dialog.tsx'
import type { DeviceRow } from '../devices/use-device-list.ts'
import { Commands } from './commands.tsx'
import { NewToken } from './new-token.tsx'
import { Versions } from './versions.tsx'

type Grants = AnswerOf<typeof storageRoutes.grants>

export function EnrolmentPage() {
  const [isMaking, setMaking] = useState(false)
  const [token, setToken] = useState<string>()
  const { data, error, refetch } = useAsk<Grants>('/grants')
  const make = (
    <Button look="main" onPress={() => setMaking(true)}>
      <Plus size={14} aria-hidden />
      New token
    </Button>
  )
  return (
    <Page
      title="Enrolment"
      about="A token lets machines join the fleet. An admin signs it, so no collector can invent a device."
      actions={make}
    >
      {token !== undefined && <Commands token={token} onClose={() => setToken(undefined)} />}
      <div className="columns">
        <Panel title="Tokens" className="span-7" bare>
          {error !== null ? (
            <Trouble error={error} onAgain={() => void refetch()} />
          ) : data === undefined ? (
            <Coming lines={4} />
          ) : data.items.length === 0 ? (
            <Empty title="No token yet">
              <p>Make one, run its command on the first machine, and it appears on the right by itself.</p>
              {make}
            </Empty>
          ) : (
            <TokenTable items={data.items} />
          )}
        </Panel>
        <Newcomers />
        <Versions />
      </div>
      <NewToken isOpen={isMaking} onClose={() => setMaking(false)} onToken={setToken} />
    </Page>
  )
}

const states = {
  open: { word: 'open', tone: 'good' },
  used_up: { word: 'used up', tone: 'gone' },
  expired: { word: 'expired', tone: 'gone' },
  revoked: { word: 'revoked', tone: 'gone' },
} as const

function TokenTable({ items }: { readonly items: readonly GrantItem[] }) {
  const [revoked, revoke] = useState<GrantItem>()
  return (
    <>
      <table className="table">
        <thead>
          <tr>
            <th>Token</th>
            <th>State</th>
            <th className="number">Used</th>
            <th>Ends</th>
            <th>
              <span className="unseen">Revoke</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {items.map(item => (
            <tr key={item.id}>
              <td className="break">{item.label || <span className="faint">{item.id.slice(0, 8)}</span>}</td>
              <td className={`tone ${states[item.state].tone}`}>{states[item.state].word}</td>
              <td className="number">
                {item.uses} of {item.maxUses}
              </td>
              <td>
                <Ago atMs={item.revokedAtMs ?? item.expiresAtMs} />
              </td>
              <td className="tight">
                {item.state === 'open' && (
                  <Button small onPress={() => revoke(item)}>
                    Revoke
                  </Button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {revoked !== undefined && (
        <SignDialog
          title={`Revoke “${revoked.label || revoked.id.slice(0, 8)}”`}
          isOpen
          onClose={() => revoke(undefined)}
          what={`No machine may join with it any more. The ${revoked.uses} that did stay.`}
          undo="This cannot be undone; a new token takes a minute."
          drafts={[{ kind: 'revoke', what: 'grant', id: revoked.id, reason: 'revoked in the console' }]}
          deed="Revoke"
          isDanger
          changes={['/grants']}
        />
      )}
    </>
  )
}

function Newcomers() {
  const { data } = useAsk<{ readonly items: readonly DeviceRow[] }>('/devices', {
    state: 'never_backed_up',
    limit: 20,
  })
  return (
    <Panel title="New devices" className="span-5" bare actions={<Link href="/devices?view=new">All</Link>}>
      {data === undefined ? (
        <Coming lines={4} />
      ) : data.items.length === 0 ? (
        <Empty title="Nobody waits">Every device that joined has backed up.</Empty>
      ) : (
        <table className="table">
          <tbody>
            {data.items.map(item => (
              <tr key={item.device}>
                <td>
                  <Link href={`/devices/${item.device}`}>{item.name}</Link>
                  {item.reasons.some(({ code }) => code === 'approval_awaited') && (
                    <div className="soft">waits until it is put into a group</div>
                  )}
                  {item.looksLike !== undefined && (
                    <div className="soft">
                      looks like {item.looksLike.name}, last seen{' '}
                      <Ago atMs={item.looksLike.lastSeenAtMs} never="never" />
                    </div>
                  )}
                </td>
                <td>
                  <StateChip state={item.state} />
                </td>
                <td className="tight faint">
                  <Ago atMs={item.sinceMs} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  )
}
