/** The first owner: whoever can read what the collector printed. */
import type { SignIn } from '@backstay/proto/rest/session'
import { useState } from 'react'
import { send } from '../../api/client.ts'
import { Button, Field } from '../../parts/controls.tsx'
import { Trouble } from '../../parts/saying.tsx'
import { Card, submitted, useAttempt } from './sign-in-page.tsx'

const passwordLettersMin = 12

export function FirstStart({ onDone }: { readonly onDone: () => void }) {
  const [code, setCode] = useState('')
  const [name, setName] = useState('')
  const [account, setAccount] = useState('')
  const [password, setPassword] = useState('')
  const { busy, error, attempt } = useAttempt<SignIn>(onDone)
  const isShort = password !== '' && password.length < passwordLettersMin
  return (
    <Card title="Welcome to Backstay">
      <p className="soft">
        Nobody can sign in here yet. The collector printed a one-time code when it started; with it you become
        the first owner.
      </p>
      {error !== undefined && <Trouble error={error} safe="The code is still good." />}
      <form
        className="stack wide"
        onSubmit={submitted(() =>
          attempt(() =>
            send<SignIn>('POST', '/session/bootstrap', { code: code.trim(), account, name, password }),
          ),
        )}
      >
        <Field
          label="One-time code"
          name="bootstrap"
          autoComplete="off"
          value={code}
          onChange={setCode}
          isRequired
        />
        <Field label="Your name" name="name" autoComplete="name" value={name} onChange={setName} isRequired />
        <Field
          label="Account"
          help="A mail address or a word without spaces."
          name="account"
          autoComplete="username"
          value={account}
          onChange={setAccount}
          isRequired
        />
        <Field
          label="Password"
          help={
            isShort
              ? `Still ${passwordLettersMin - password.length} letters to go.`
              : 'At least 12 letters; a sentence is fine.'
          }
          name="new-password"
          type="password"
          autoComplete="new-password"
          minLength={passwordLettersMin}
          value={password}
          onChange={setPassword}
          isRequired
        />
        <Button type="submit" look="main" isDisabled={busy || isShort}>
          Become the owner
        </Button>
      </form>
    </Card>
  )
}
