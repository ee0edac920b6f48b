/** My second factors: passkeys, and six digits from a phone. */
import type { Passkey, peopleRoutes } from '@backstay/proto/rest/people'
import type { AnswerOf } from '@backstay/proto/rest/route'
import { startRegistration } from '@simplewebauthn/browser'
import { Fingerprint, Smartphone } from 'lucide-react'
import { useState } from 'react'
import { send } from '../../api/client.ts'
import { useAsk, useDeed } from '../../api/queries.ts'
import { Button, Field } from '../../parts/controls.tsx'
import { Copied } from '../../parts/copied.tsx'
import { Asking } from '../../parts/dialog.tsx'
import { Panel } from '../../parts/page.tsx'
import { Coming, Note, Trouble } from '../../parts/saying.tsx'
import { Ago } from '../../parts/time.tsx'
import { usePerson } from '../../shell/session.ts'
import { Qr } from './qr.tsx'

export function MyFactors() {
  const person = usePerson()
  return (
    <>
      {person.withheld.length > 0 && (
        <Note tone="warn">
          Your role {person.withheld.join(' and ')} counts after you have set up a passkey or six digits
          below.
        </Note>
      )}
      <div className="columns">
        <Passkeys />
        <Digits />
      </div>
    </>
  )
}

function Passkeys() {
  const { data } = useAsk<{ readonly items: readonly Passkey[] }>('/me/passkeys')
  const [name, setName] = useState('')
  const [isNaming, setNaming] = useState(false)
  // Roles that waited for it count now: everything is asked for again.
  const add = useDeed(() => register(name.trim()), ['/'])
  const remove = useDeed((id: string) => send('DELETE', `/me/passkeys/${id}`), ['/me', '/session'])
  const error = add.error ?? remove.error
  return (
    <Panel
      title="Passkeys"
      className="span-6"
      bare
      actions={
        <Button small onPress={() => setNaming(true)}>
          <Fingerprint size={14} aria-hidden />
          Add a passkey
        </Button>
      }
    >
      {error !== null && <Trouble error={error} safe="Your sign-in is as it was." />}
      {data === undefined ? (
        <Coming lines={2} />
      ) : data.items.length === 0 ? (
        <p className="panel-body soft">
          None yet. A passkey cannot be phished, and needs no digits to be typed.
        </p>
      ) : (
        <table className="table">
          <tbody>
            {data.items.map(one => (
              <tr key={one.id}>
                <td>{one.name}</td>
                <td className="soft">
                  used <Ago atMs={one.lastUsedAtMs} never="never" />
                </td>
                <td className="tight">
                  <Button small onPress={() => remove.mutate(one.id)} aria-label={`Forget ${one.name}`}>
                    Forget
                  </Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <Asking title="Add a passkey" isOpen={isNaming} onClose={() => setNaming(false)}>
        <form
          className="stack wide"
          onSubmit={event => {
            event.preventDefault()
            setNaming(false)
            add.mutate(undefined)
          }}
        >
          <Field label="What to call it" placeholder="My laptop" value={name} onChange={setName} isRequired />
          <div className="dialog-end">
            <Button type="submit" look="main">
              Go on
            </Button>
          </div>
        </form>
      </Asking>
    </Panel>
  )
}

async function register(name: string): Promise<Passkey> {
  const { options } = await send<AnswerOf<typeof peopleRoutes.passkeyOptions>>(
    'POST',
    '/me/passkeys/options',
    {},
  )
  const credential = await startRegistration({ optionsJSON: options as never })
  return send<Passkey>('POST', '/me/passkeys', { name, credential })
}

function Digits() {
  const person = usePerson()
  const [secret, setSecret] = useState<AnswerOf<typeof peopleRoutes.startTotp>>()
  const [code, setCode] = useState('')
  const start = useDeed(() => send<AnswerOf<typeof peopleRoutes.startTotp>>('POST', '/me/totp', {}), [])
  const confirm = useDeed(() => send('POST', '/me/totp/confirm', { code }), ['/'])
  const remove = useDeed(() => send('DELETE', '/me/totp'), ['/me', '/session'])
  const error = start.error ?? confirm.error ?? remove.error
  return (
    <Panel
      title="Six digits from a phone"
      className="span-6"
      actions={
        person.totp ? (
          <Button small onPress={() => remove.mutate(undefined)}>
            Switch off
          </Button>
        ) : (
          <Button small onPress={() => start.mutate(undefined, { onSuccess: setSecret })}>
            <Smartphone size={14} aria-hidden />
            Set up
          </Button>
        )
      }
    >
      {error !== null && <Trouble error={error} safe="Your sign-in is as it was." />}
      {person.totp ? (
        <p>They are asked for after your password.</p>
      ) : secret === undefined ? (
        <p className="soft">Not set up. Any authenticator app takes them.</p>
      ) : (
        <form
          className="stack wide"
          onSubmit={event => {
            event.preventDefault()
            confirm.mutate(undefined, { onSuccess: () => setSecret(undefined) })
          }}
        >
          <p className="soft">Scan this with your app, or type the secret; then show that it works.</p>
          <Qr text={secret.url} />
          <Copied text={secret.secret} />
          <Field
            label="Six digits"
            inputMode="numeric"
            autoComplete="one-time-code"
            value={code}
            onChange={setCode}
            isRequired
          />
          <div>
            <Button type="submit" look="main">
              Switch on
            </Button>
          </div>
        </form>
      )}
    </Panel>
  )
}
