/** Tokens for programs: a role, an end, and shown once. */
import type { ApiToken, peopleRoutes } from '@backstay/proto/rest/people'
import type { AnswerOf } from '@backstay/proto/rest/route'
import type { PersonRole } from '@backstay/proto/rest/shapes'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { send } from '../../api/client.ts'
import { useAsk, useDeed } from '../../api/queries.ts'
import { Button, Choose, Field } from '../../parts/controls.tsx'
import { Copied } from '../../parts/copied.tsx'
import { Asking } from '../../parts/dialog.tsx'
import { Panel } from '../../parts/page.tsx'
import { Coming, Empty, Trouble } from '../../parts/saying.tsx'
import { Ago } from '../../parts/time.tsx'
import { roleNames } from './roles.ts'

export function Tokens() {
  const { data, error } = useAsk<{ readonly items: readonly ApiToken[] }>('/tokens')
  const [isMaking, setMaking] = useState(false)
  const [secret, setSecret] = useState<string>()
  const end = useDeed((id: string) => send('DELETE', `/tokens/${id}`), ['/tokens'])
  return (
    <Panel
      title="API tokens"
      bare
      actions={
        <Button small onPress={() => setMaking(true)}>
          <Plus size={14} aria-hidden />
          New
        </Button>
      }
    >
      {error !== null || end.error !== null ? (
        <Trouble error={error ?? end.error} />
      ) : data === undefined ? (
        <Coming lines={3} />
      ) : data.items.length === 0 ? (
        <Empty title="No token yet">
          A program that watches the fleet needs one with the role viewer; Prometheus reads /metrics with it.
        </Empty>
      ) : (
        <table className="table">
          <thead>
            <tr>
              <th>Name</th>
              <th>Roles</th>
              <th>Ends</th>
              <th>Last used</th>
              <th>
                <span className="unseen">End</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {data.items.map(token => (
              <tr key={token.id}>
                <td>
                  {token.name}
                  <p className="faint">made by {token.createdBy}</p>
                </td>
                <td>{token.roles.join(', ')}</td>
                <td>
                  <Ago atMs={token.expiresAtMs} />
                </td>
                <td>
                  <Ago atMs={token.lastUsedAtMs} never="never" />
                </td>
                <td className="tight">
                  <Button small onPress={() => end.mutate(token.id)} aria-label={`End ${token.name}`}>
                    End
                  </Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {isMaking && (
        <NewApiToken
          onClose={() => setMaking(false)}
          onSecret={token => {
            setMaking(false)
            setSecret(token)
          }}
        />
      )}
      <Asking title="The token" isOpen={secret !== undefined} onClose={() => setSecret(undefined)}>
        <p>It is shown this once; the collector keeps only its hash.</p>
        <Copied text={secret ?? ''} />
      </Asking>
    </Panel>
  )
}

function NewApiToken(props: { readonly onClose: () => void; readonly onSecret: (token: string) => void }) {
  const [name, setName] = useState('')
  const [role, setRole] = useState<PersonRole>('viewer')
  const [days, setDays] = useState('90')
  const make = useDeed(
    () =>
      send<AnswerOf<typeof peopleRoutes.addToken>>('POST', '/tokens', {
        name,
        roles: [role],
        days: Number(days),
      }),
    ['/tokens'],
  )
  return (
    <Asking title="New API token" isOpen onClose={props.onClose}>
      <form
        className="stack wide"
        onSubmit={event => {
          event.preventDefault()
          make.mutate(undefined, { onSuccess: ({ token }) => props.onSecret(token) })
        }}
      >
        {make.error !== null && <Trouble error={make.error} safe="No token was made." />}
        <Field label="What it is for" value={name} onChange={setName} isRequired />
        <Choose
          label="Role"
          choices={roleNames.filter(one => one !== 'owner').map(id => ({ id, name: id }))}
          value={role}
          onChange={id => setRole(id as PersonRole)}
        />
        <Field
          label="Good for days"
          inputMode="numeric"
          value={days}
          onChange={setDays}
          help="At most 366."
        />
        <div className="dialog-end">
          <Button type="submit" look="main" isDisabled={make.isPending}>
            Make it
          </Button>
        </div>
      </form>
    </Asking>
  )
}
