/** Where alerts go. Press Test: a channel that nobody tried is none. */
import type { ChannelItem } from '@backstay/proto/rest/alerts'
import { Plus, Send } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { send } from '../../api/client.ts'
import { useAsk, useDeed } from '../../api/queries.ts'
import { Button, Choose, Field, Tick } from '../../parts/controls.tsx'
import { Asking } from '../../parts/dialog.tsx'
import { Panel } from '../../parts/page.tsx'
import { Coming, Empty, Note, Trouble } from '../../parts/saying.tsx'
import { Ago } from '../../parts/time.tsx'

const kinds = [
  { id: 'email', name: 'E-mail' },
  { id: 'webhook', name: 'Webhook' },
  { id: 'slack', name: 'Slack' },
  { id: 'teams', name: 'Teams' },
  { id: 'ntfy', name: 'ntfy' },
] as const

interface Tested {
  readonly delivered: boolean
  readonly code?: string
  readonly what?: string
}

export function Channels() {
  const { data, error, refetch } = useAsk<{ readonly items: readonly ChannelItem[] }>('/channels')
  const [isAdding, setAdding] = useState(false)
  return (
    <Panel
      title="Channels"
      bare
      actions={
        <Button small onPress={() => setAdding(true)}>
          <Plus size={14} aria-hidden />
          Add
        </Button>
      }
    >
      {error !== null ? (
        <Trouble error={error} onAgain={() => void refetch()} />
      ) : data === undefined ? (
        <Coming lines={3} />
      ) : data.items.length === 0 ? (
        <Empty title="Nobody is told">
          <p>
            Alerts are seen here only. Add a mail address, a webhook, Slack, Teams or ntfy, and press Test.
          </p>
        </Empty>
      ) : (
        <ul>
          {data.items.map(channel => (
            <Line key={channel.id} channel={channel} />
          ))}
        </ul>
      )}
      {isAdding && <ChannelForm onClose={() => setAdding(false)} />}
    </Panel>
  )
}

function Line({ channel }: { readonly channel: ChannelItem }) {
  const { delivery } = channel
  const test = useDeed(() => send<Tested>('POST', `/channels/${channel.id}/test`, {}), ['/channels'])
  const remove = useDeed(() => send('DELETE', `/channels/${channel.id}`), ['/channels'])
  const error = test.error ?? remove.error
  return (
    <li className="alert-line">
      <div className="alert-words">
        <p>
          {channel.name} <span className="faint">({kinds.find(({ id }) => id === channel.kind)?.name})</span>
        </p>
        <p className="faint">
          {channel.to?.join(', ') ?? channel.host} · last delivered{' '}
          <Ago atMs={delivery.lastDeliveredAtMs} never="never" />
          {delivery.waiting > 0 && ` · ${delivery.waiting} wait`}
        </p>
        {delivery.lastFailure !== undefined && (
          <p className="tone warn">
            Failed <Ago atMs={delivery.lastFailure.atMs} />: {delivery.lastFailure.what}
          </p>
        )}
        {error !== null && <Trouble error={error} />}
        {test.data !== undefined && (
          <Note tone={test.data.delivered ? 'good' : 'bad'}>
            {test.data.delivered
              ? 'A test message was delivered. Look whether it arrived.'
              : (test.data.what ?? 'It was not delivered.')}
          </Note>
        )}
      </div>
      <Button small isDisabled={test.isPending} onPress={() => test.mutate(undefined)}>
        <Send size={12} aria-hidden />
        Test
      </Button>
      <Button
        look="quiet"
        small
        onPress={() => remove.mutate(undefined)}
        aria-label={`Remove ${channel.name}`}
      >
        Remove
      </Button>
    </li>
  )
}

function ChannelForm({ onClose }: { readonly onClose: () => void }) {
  const [kind, setKind] = useState<ChannelItem['kind']>('email')
  const [name, setName] = useState('')
  const [to, setTo] = useState('')
  const [url, setUrl] = useState('')
  const [secret, setSecret] = useState('')
  const [allowPrivate, setAllowPrivate] = useState(false)
  const add = useDeed(
    () =>
      send('POST', '/channels', {
        ...{ kind, name, enabled: true, allowPrivate },
        ...(kind === 'email' ? { to: to.split(/[\s,;]+/).filter(one => one !== '') } : { url }),
        ...(secret !== '' && { secret }),
      }),
    ['/channels'],
  )
  return (
    <Asking title="New channel" isOpen onClose={onClose}>
      <form
        className="stack wide"
        onSubmit={(event: FormEvent) => {
          event.preventDefault()
          add.mutate(undefined, { onSuccess: onClose })
        }}
      >
        {add.error !== null && <Trouble error={add.error} safe="No channel was added." />}
        <Choose
          label="Kind"
          choices={kinds}
          value={kind}
          onChange={id => setKind(kinds.find(one => one.id === id)?.id ?? kind)}
        />
        <Field label="Name" value={name} onChange={setName} isRequired />
        {kind === 'email' ? (
          <Field label="To" help="Addresses, with commas." value={to} onChange={setTo} isRequired />
        ) : (
          <>
            <Field
              label="Address"
              type="url"
              help="It is kept secret: only its host is shown again."
              value={url}
              onChange={setUrl}
              isRequired
            />
            {(kind === 'webhook' || kind === 'ntfy') && (
              <Field
                label={kind === 'webhook' ? 'Secret that signs what is sent' : 'Access token'}
                help="At least 16 letters."
                type="password"
                autoComplete="off"
                value={secret}
                onChange={setSecret}
                isRequired={kind === 'webhook'}
              />
            )}
            <Tick isSelected={allowPrivate} onChange={setAllowPrivate}>
              The address is in a private network
            </Tick>
          </>
        )}
        <div className="dialog-end">
          <Button type="submit" look="main" isDisabled={add.isPending}>
            Add
          </Button>
        </div>
      </form>
    </Asking>
  )
}
