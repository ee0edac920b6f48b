/** Who are you? Whichever ways are open here; at the very first start, the code that the collector printed. */

import type { AnswerOf } from '@backstay/proto/rest/route'
import type { SignIn, sessionRoutes } from '@backstay/proto/rest/session'
import { startAuthentication } from '@simplewebauthn/browser'
import { Building2, Fingerprint } from 'lucide-react'
import { type FormEvent, type ReactNode, useEffect, useState } from 'react'
import { send } from '../../api/client.ts'
import { Problem } from '../../api/problem.ts'
import { useAsk } from '../../api/queries.ts'
import { Button, Field } from '../../parts/controls.tsx'
import { Coming, Trouble } from '../../parts/saying.tsx'
import { keepWayBack, signInPath, takeWayBack } from '../../shell/way-back.ts'
import { FirstStart } from './first-start.tsx'
import './sign-in.css'

export interface SignInProps {
  /** A page waits behind it, as it was. */
  readonly isAgain?: boolean
  readonly onDone: () => void
}

type Ways = AnswerOf<typeof sessionRoutes.ways>
type Factor = Extract<SignIn, { readonly state: 'second_factor' }>['methods'][number]

export function SignInPage({ onDone, isAgain = false }: SignInProps) {
  const ways = useAsk<Ways>('/session/ways')
  useEffect(() => {
    const before = document.title
    document.title = 'Sign in · Backstay'
    return () => {
      document.title = before
    }
  }, [])
  if (ways.error !== null) {
    return (
      <Card title="Sign in">
        <Trouble error={ways.error} onAgain={() => void ways.refetch()} />
      </Card>
    )
  }
  if (ways.data === undefined) {
    return (
      <Card title="Sign in">
        <Coming lines={3} />
      </Card>
    )
  }
  if (ways.data.bootstrap) return <FirstStart onDone={onDone} />
  return <Entry ways={ways.data} onDone={onDone} isAgain={isAgain} />
}

interface EntryProps {
  readonly ways: Ways
  readonly onDone: () => void
  readonly isAgain: boolean
}

function Entry({ ways, onDone, isAgain }: EntryProps) {
  const [led] = useState(ledHere)
  const [account, setAccount] = useState('')
  const [password, setPassword] = useState('')
  const [factors, setFactors] = useState<readonly Factor[] | undefined>(led.factors)
  const { busy, error, attempt } = useAttempt((answer: SignIn) => {
    if (answer.state === 'signed_in') return onDone()
    setFactors(answer.methods)
  })
  if (factors !== undefined) {
    return <SecondStep factors={factors} onDone={onDone} onBack={() => setFactors(undefined)} />
  }
  return (
    <Card title={ways.fleetName === undefined ? 'Sign in' : `Sign in to ${ways.fleetName}`}>
      {isAgain && (
        <p className="soft">
          Your session has ended. The page waits behind this as it was, what you filled in too.
        </p>
      )}
      {error === undefined && led.failed !== undefined && <Trouble error={led.failed} />}
      {error !== undefined && <Trouble error={error} />}
      {ways.password && (
        <form
          className="stack wide"
          onSubmit={submitted(() =>
            attempt(() => send<SignIn>('POST', '/session/password', { account, password })),
          )}
        >
          <Field
            label="Account"
            name="account"
            autoComplete="username"
            value={account}
            onChange={setAccount}
            isRequired
          />
          <Field
            label="Password"
            name="password"
            type="password"
            autoComplete="current-password"
            value={password}
            onChange={setPassword}
            isRequired
          />
          <Button type="submit" look="main" isDisabled={busy}>
            Sign in
          </Button>
        </form>
      )}
      {(ways.passkey || ways.oidc !== undefined) && ways.password && <Or />}
      {ways.passkey && (
        <Button isDisabled={busy} onPress={() => attempt(provePasskey)}>
          <Fingerprint size={16} aria-hidden />
          Use a passkey
        </Button>
      )}
      {ways.oidc !== undefined && (
        <Button isDisabled={busy} onPress={() => attempt(leaveForOrganisation)}>
          <Building2 size={16} aria-hidden />
          Continue with {ways.oidc.name}
        </Button>
      )}
      {ways.oidc !== undefined && isAgain && (
        <p className="faint">
          That leaves this page and comes back to it. What is only half filled in is lost by it; a basket of
          Restore stays.
        </p>
      )}
    </Card>
  )
}

function SecondStep(
  props: SignInProps & { readonly factors: readonly Factor[]; readonly onBack: () => void },
) {
  const [code, setCode] = useState('')
  const { busy, error, attempt } = useAttempt((answer: SignIn) => {
    if (answer.state === 'signed_in') props.onDone()
  })
  return (
    <Card title="One more step">
      {error !== undefined && <Trouble error={error} />}
      {props.factors.includes('totp') && (
        <form
          className="stack wide"
          onSubmit={submitted(() => attempt(() => send<SignIn>('POST', '/session/totp', { code })))}
        >
          <Field
            label="Six digits"
            help="From the app on your phone."
            name="code"
            inputMode="numeric"
            autoComplete="one-time-code"
            pattern="[0-9]{6}"
            value={code}
            onChange={setCode}
            isRequired
            autoFocus
          />
          <Button type="submit" look="main" isDisabled={busy}>
            Sign in
          </Button>
        </form>
      )}
      {props.factors.includes('passkey') && (
        <Button isDisabled={busy} onPress={() => attempt(provePasskey)}>
          <Fingerprint size={16} aria-hidden />
          Use a passkey
        </Button>
      )}
      <Button look="quiet" onPress={props.onBack}>
        Back
      </Button>
    </Card>
  )
}

export function Card({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <main className="door">
      <section className="door-card">
        <header className="row">
          <span className="brand-mark" aria-hidden />
          <h1>{title}</h1>
        </header>
        {children}
      </section>
      <p className="faint door-foot">What is backed up is opened with keys that this server does not have.</p>
    </main>
  )
}

function Or() {
  return (
    <div className="door-or faint" aria-hidden>
      or
    </div>
  )
}

/** Runs one attempt at a time; what went wrong is shown until the next. */
export function useAttempt<Answer>(then: (answer: Answer) => void) {
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()
  const attempt = async (deed: () => Promise<Answer>) => {
    setBusy(true)
    setError(undefined)
    try {
      then(await deed())
    } catch (thrown) {
      setError(thrown)
    } finally {
      setBusy(false)
    }
  }
  return { busy, error, attempt: (deed: () => Promise<Answer>) => void attempt(deed) }
}

export function submitted(deed: () => void) {
  return (event: FormEvent) => {
    event.preventDefault()
    deed()
  }
}

async function provePasskey(): Promise<SignIn> {
  const { options } = await send<AnswerOf<typeof sessionRoutes.passkeyOptions>>(
    'POST',
    '/session/passkey/options',
    {},
  )
  const credential = await startAuthentication({ optionsJSON: options as never })
  return send<SignIn>('POST', '/session/passkey/verify', { credential })
}

/** What the collector says in the address when the organisation has sent somebody back, and he is not in yet. */
function ledHere(): { readonly factors?: readonly Factor[]; readonly failed?: Problem } {
  if (location.pathname !== signInPath) return {}
  const words = new URLSearchParams(location.search)
  const asked = (words.get('step') ?? '').split(',')
  const factors = (['totp', 'passkey'] as const).filter(one => asked.includes(one))
  const code = words.get('failed') ?? ''
  return {
    ...(factors.length > 0 && { factors }),
    ...(/^[a-z_]{1,64}$/.test(code) && { failed: failedBy(code) }),
  }
}

function failedBy(code: string): Problem {
  if (code === 'provider_unreachable')
    return new Problem(0, code, "your organisation's sign-in does not answer", 'try again in a moment')
  return new Problem(
    0,
    code,
    "your organisation's sign-in let nobody in here",
    'try again; if it stays so, ask whoever looks after the backups which group you need',
  )
}

/** The organisation sends the browser back to where it was. */
async function leaveForOrganisation(): Promise<SignIn> {
  // From a sign-in that came to nothing the way back is what it was.
  const back = location.pathname === signInPath ? takeWayBack(sessionStorage, Date.now()) : undefined
  const address =
    back ??
    (location.pathname === signInPath ? '/' : `${location.pathname}${location.search}${location.hash}`)
  keepWayBack(sessionStorage, address, Date.now())
  const [returnTo = '/'] = address.split('#')
  const { url } = await send<{ readonly url: string }>('POST', '/session/oidc/start', { returnTo })
  location.assign(url)
  return new Promise(() => undefined)
}
