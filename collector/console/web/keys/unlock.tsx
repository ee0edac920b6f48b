/** Opening the key of this page with its passphrase. */
import { LockKeyhole } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { problemOf } from '../api/problem.ts'
import { Button, Field } from '../parts/controls.tsx'
import { Trouble } from '../parts/saying.tsx'
import { useKeys } from './keys.ts'
import '../pages/sign-in/sign-in.css'

export function UnlockForm({ onDone }: { readonly onDone: () => void }) {
  const keys = useKeys()
  const [passphrase, setPassphrase] = useState('')
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setError(undefined)
    try {
      await keys.unlock(passphrase)
      setPassphrase('')
      onDone()
    } catch (caught) {
      setError(caught)
    } finally {
      setBusy(false)
    }
  }
  const isWrong = error !== undefined && problemOf(error).code === 'wrong_passphrase'
  return (
    <form className="stack wide" onSubmit={event => void submit(event)}>
      {error !== undefined && !isWrong && <Trouble error={error} safe="Nothing left this browser." />}
      <Field
        label="Passphrase"
        type="password"
        value={passphrase}
        onChange={now => {
          setPassphrase(now)
          setError(undefined)
        }}
        isRequired
        isInvalid={isWrong}
        autoComplete="current-password"
        help={
          isWrong
            ? 'That is not it. Without it only the recovery kit helps.'
            : 'It is used in this browser and sent nowhere.'
        }
      />
      <Button look="main" type="submit" isDisabled={busy || passphrase === ''}>
        {busy ? 'Opening the key…' : 'Unlock'}
      </Button>
    </form>
  )
}

/** The door of `backstay console`. */
export function UnlockPage({ onDone }: { readonly onDone: () => void }) {
  return (
    <main className="door">
      <div className="door-card">
        <div className="row">
          <LockKeyhole size={20} aria-hidden />
          <h1>Unlock your key</h1>
        </div>
        <UnlockForm onDone={onDone} />
      </div>
      <p className="door-foot soft">This console runs on your machine. Your key never leaves it.</p>
    </main>
  )
}
