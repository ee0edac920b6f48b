/** The mail server that alerts and reports go through, the daily digest, and the address that links in mails name. */
import type { CollectorSettings, SettingsChange } from '@backstay/proto/rest/alerts'
import { type FormEvent, useState } from 'react'
import { send } from '../../api/client.ts'
import { useAsk, useDeed } from '../../api/queries.ts'
import { Button, Choose, Field } from '../../parts/controls.tsx'
import { Panel } from '../../parts/page.tsx'
import { Coming, Note, Trouble } from '../../parts/saying.tsx'

import { type Digest, DigestFields, goesNowhere } from './digest-fields.tsx'

const securities = [
  { id: 'starttls', name: 'STARTTLS' },
  { id: 'tls', name: 'TLS from the first byte' },
  { id: 'none', name: 'None' },
] as const

export function Mail() {
  const { data, error, refetch } = useAsk<CollectorSettings>('/settings')
  return (
    <Panel title="Mail">
      {error !== null ? (
        <Trouble error={error} onAgain={() => void refetch()} />
      ) : data === undefined ? (
        <Coming lines={6} />
      ) : (
        <MailForm settings={data} />
      )}
    </Panel>
  )
}

function MailForm({ settings: { mail, publicUrl, digest } }: { readonly settings: CollectorSettings }) {
  const [host, setHost] = useState(mail?.host ?? '')
  const [port, setPort] = useState(String(mail?.port ?? 587))
  const [security, setSecurity] = useState<(typeof securities)[number]['id']>(mail?.security ?? 'starttls')
  const [user, setUser] = useState(mail?.user ?? '')
  const [password, setPassword] = useState('')
  const [from, setFrom] = useState(mail?.from ?? '')
  const [url, setUrl] = useState(publicUrl ?? '')
  const [told, tell] = useState<Digest>(digest)
  const save = useDeed(() => {
    const server = {
      ...{ host, port: Number(port), security, from },
      ...(user !== '' && { user }),
      ...(password !== '' && { password }),
    }
    const change: SettingsChange = {
      mail: host === '' ? null : server,
      publicUrl: url === '' ? null : url,
      digest: told,
    }
    return send('PATCH', '/settings', change)
  }, ['/settings'])
  return (
    <form
      className="stack wide narrow"
      onSubmit={(event: FormEvent) => {
        event.preventDefault()
        save.mutate(undefined, { onSuccess: () => setPassword('') })
      }}
    >
      {save.error !== null && <Trouble error={save.error} safe="The settings are as they were." />}
      {save.isSuccess && <Note tone="good">Saved. Press Test at a mail channel under Alerts.</Note>}
      <Field label="Mail server" help="Empty: no mail is sent." value={host} onChange={setHost} />
      <Field label="Port" inputMode="numeric" value={port} onChange={setPort} />
      <Choose
        label="Encryption"
        choices={securities}
        value={security}
        onChange={id => setSecurity(securities.find(one => one.id === id)?.id ?? security)}
      />
      <Field label="User" autoComplete="off" value={user} onChange={setUser} />
      <Field
        label="Password"
        type="password"
        autoComplete="off"
        {...(mail?.hasPassword === true && { help: 'One is kept; empty leaves it as it is.' })}
        value={password}
        onChange={setPassword}
      />
      <Field label="From" type="email" value={from} onChange={setFrom} isRequired={host !== ''} />
      <Field
        label="Address of this console"
        help="For links in mails; empty: none are made."
        type="url"
        value={url}
        onChange={setUrl}
      />
      <DigestFields digest={told} onChange={tell} />
      {goesNowhere(told) && <Note tone="warn">Tick who gets the digest: so far it would go to nobody.</Note>}
      <div>
        <Button type="submit" look="main" isDisabled={save.isPending || goesNowhere(told)}>
          Save
        </Button>
      </div>
    </form>
  )
}
