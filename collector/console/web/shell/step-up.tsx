/** Some deeds ask again who you are; once answered, the deed goes on where it stood. */

import type { AnswerOf } from '@backstay/proto/rest/route'
import type { Session, sessionRoutes } from '@backstay/proto/rest/session'
import { startAuthentication } from '@simplewebauthn/browser'
import { createContext, type ReactNode, useCallback, useContext, useRef, useState } from 'react'
import { send } from '../api/client.ts'
import { Problem } from '../api/problem.ts'
import { Button, Field } from '../parts/controls.tsx'
import { Asking } from '../parts/dialog.tsx'
import { Trouble } from '../parts/saying.tsx'

type Guarded = <Result>(deed: () => Promise<Result>) => Promise<Result>

const GuardContext = createContext<Guarded>(deed => deed())

/** Runs a deed; when it asks for a second proof, asks the person and runs it again. */
export function useGuard(): Guarded {
  return useContext(GuardContext)
}

interface Waiting {
  readonly done: () => void
  readonly givenUp: (reason: unknown) => void
}

export function StepUp({ session, children }: { readonly session: Session; readonly children: ReactNode }) {
  const waiting = useRef<Waiting>(undefined)
  const [isOpen, setOpen] = useState(false)
  const guard = useCallback<Guarded>(async deed => {
    try {
      return await deed()
    } catch (error) {
      if (!(error instanceof Problem) || !asksAgain.test(error.code)) throw error
      await new Promise<void>((done, givenUp) => {
        waiting.current = { done, givenUp }
        setOpen(true)
      })
      return deed()
    }
  }, [])
  const close = () => {
    setOpen(false)
    waiting.current?.givenUp(new Problem(0, 'not_proved', 'it was not proved that it is you', 'try again'))
  }
  return (
    <GuardContext value={guard}>
      {children}
      <Asking title="Is it you?" isOpen={isOpen} onClose={close}>
        <Proof
          session={session}
          onDone={() => {
            setOpen(false)
            waiting.current?.done()
          }}
        />
      </Asking>
    </GuardContext>
  )
}

const asksAgain = /^step_up_needed$/

function Proof({ session, onDone }: { readonly session: Session; readonly onDone: () => void }) {
  const [secret, setSecret] = useState('')
  const [error, setError] = useState<unknown>()
  const attempt = async (body: () => Promise<unknown>) => {
    setError(undefined)
    try {
      await send('POST', '/session/step-up', await body())
      onDone()
    } catch (thrown) {
      setError(thrown)
    }
  }
  const bySecret = async () =>
    session.totp ? { method: 'totp', code: secret } : { method: 'password', password: secret }
  return (
    <>
      <p className="soft">
        This changes who may do what. Prove once more that it is you; it is good for five minutes.
      </p>
      {error !== undefined && <Trouble error={error} />}
      <form
        className="stack wide"
        onSubmit={event => {
          event.preventDefault()
          void attempt(bySecret)
        }}
      >
        <Field
          label={session.totp ? 'Six digits' : 'Password'}
          type={session.totp ? 'text' : 'password'}
          inputMode={session.totp ? 'numeric' : 'text'}
          autoComplete={session.totp ? 'one-time-code' : 'current-password'}
          value={secret}
          onChange={setSecret}
          isRequired
          autoFocus
        />
        <div className="dialog-end">
          {session.passkeys > 0 && <Button onPress={() => void attempt(byPasskey)}>Use a passkey</Button>}
          <Button type="submit" look="main">
            Go on
          </Button>
        </div>
      </form>
    </>
  )
}

async function byPasskey(): Promise<unknown> {
  const { options } = await send<AnswerOf<typeof sessionRoutes.passkeyOptions>>(
    'POST',
    '/session/passkey/options',
    {},
  )
  return { method: 'passkey', credential: await startAuthentication({ optionsJSON: options as never }) }
}
