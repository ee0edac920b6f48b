/** The composition root of the page: who is signed in, which keys are here, which page is shown. */
import type { Overview } from '@backstay/proto/rest/overview'
import type { Session } from '@backstay/proto/rest/session'
import { type QueryClient, QueryClientProvider, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, Suspense, useEffect, useRef, useState } from 'react'
import { Dialog, Modal, ModalOverlay } from 'react-aria-components'
import { useLocation } from 'wouter'
import { forgetAll, get, send } from './api/client.ts'
import { followEvents, type Live } from './api/events.ts'
import { askAgain } from './api/held.ts'
import { problemOf } from './api/problem.ts'
import { newQueryClient, refresh, useAsk } from './api/queries.ts'
import { type Keys, KeysContext, noKeys, useKeys } from './keys/keys.ts'
import { UnlockPage } from './keys/unlock.tsx'
import { Pages, SignIn } from './pages/pages.tsx'
import { Coming, Trouble } from './parts/saying.tsx'
import { Broken } from './shell/broken.tsx'
import { PersonContext, usePerson } from './shell/session.ts'
import { Shell } from './shell/shell.tsx'
import { StepUp } from './shell/step-up.tsx'
import { signInPath, takeWayBack } from './shell/way-back.ts'

export function App({ keys = noKeys }: { readonly keys?: Keys }) {
  const [client] = useState<QueryClient>(newQueryClient)
  return (
    <QueryClientProvider client={client}>
      <KeysContext value={keys}>
        <Door />
      </KeysContext>
    </QueryClientProvider>
  )
}

/** Nobody comes in without a session; when it ends, the same page waits behind the sign-in, as it was. */
function Door() {
  const client = useQueryClient()
  const keys = useKeys()
  const { data, error, errorUpdatedAt, isPending, dataUpdatedAt, refetch } = useAsk<Session>(
    '/session',
    {},
    { everyMs: 60_000 },
  )
  const isOut = error !== null && problemOf(error).status === 401
  // The session of a key ends after an hour; as long as the key is open, it proves itself again.
  // While it is being unlocked it cannot, and would be locked for it.
  const vault = keys.state === 'open' ? keys.vault : undefined
  const openedAtMs = useRef(0)
  useEffect(() => {
    openedAtMs.current = vault === undefined ? 0 : Date.now()
  }, [vault])
  useEffect(() => {
    // It proved itself when it was opened: what was answered before says nothing of that session.
    const hasEnded = isOut && errorUpdatedAt >= openedAtMs.current
    if (hasEnded && vault !== undefined) void vault.signIn().then(() => refetch(), keys.lock)
  }, [isOut, errorUpdatedAt, vault, keys.lock, refetch])
  useEffect(() => {
    if (!isOut && dataUpdatedAt > 0) askAgain()
  }, [isOut, dataUpdatedAt])
  if (isPending) return null
  const account = data?.account
  const come = async () => {
    leaveSignIn()
    forgetAll()
    // What another person looked at is not shown to this one.
    const now = account === undefined ? undefined : await get<Session>('/session').catch(() => undefined)
    if (account !== undefined && now?.account === account) await client.invalidateQueries()
    else await client.resetQueries()
  }
  const isIn = data !== undefined
  // Who holds a key is let in by it in a moment.
  const door = keys.state === 'open' ? null : <Entrance isAgain={isIn} onDone={() => void come()} />
  if (!isIn) {
    if (isOut) return door
    return (
      <main className="page">
        <Trouble
          error={error}
          safe="Devices keep protecting themselves meanwhile."
          onAgain={() => void refetch()}
        />
      </main>
    )
  }
  return (
    <PersonContext value={data}>
      <StepUp session={data}>
        <Inside isOut={isOut} />
      </StepUp>
      <Before isOpen={isOut && door !== null}>{door}</Before>
    </PersonContext>
  )
}

function Entrance({ isAgain, onDone }: { readonly isAgain: boolean; readonly onDone: () => void }) {
  const { isLocal } = useKeys()
  if (isLocal) return <UnlockPage onDone={onDone} />
  return (
    <Suspense>
      <SignIn isAgain={isAgain} onDone={onDone} />
    </Suspense>
  )
}

/** Over everything, dialogs too, until somebody is in. */
function Before({ isOpen, children }: { readonly isOpen: boolean; readonly children: ReactNode }) {
  return (
    <ModalOverlay className="before" isOpen={isOpen} isKeyboardDismissDisabled>
      <Modal className="before-inner">
        <Dialog className="before-inner" aria-label="Sign in again">
          {children}
        </Dialog>
      </Modal>
    </ModalOverlay>
  )
}

/** Where the organisation's sign-in leads when it is not over is no place of ours. */
function leaveSignIn(): void {
  if (location.pathname !== signInPath) return
  history.replaceState(null, '', takeWayBack(sessionStorage, Date.now()) ?? '/')
}

function Inside({ isOut }: { readonly isOut: boolean }) {
  const client = useQueryClient()
  const [live, setLive] = useState<Live>('connecting')
  const [place] = useLocation()
  const isIn = usePerson().roles.length > 0
  const overview = useAsk<Overview>('/overview', {}, { enabled: isIn })
  const isHeard = isIn && !isOut
  useEffect(() => (isHeard ? followEvents(client, setLive) : undefined), [client, isHeard])
  const keys = useKeys()
  useProofs(client, overview.data?.drill.unproven)
  const leave = async () => {
    if (keys.state === 'open') keys.lock()
    await send('DELETE', '/session').catch(() => undefined)
    forgetAll()
    await client.resetQueries()
  }
  return (
    <Shell
      fleet={overview.data?.fleet?.name || 'Backstay'}
      live={live}
      banner={overview.data?.hostedKeys === true && <HostedKeys />}
      onLeave={() => void leave()}
    >
      <Broken place={place}>
        <Suspense fallback={<Coming lines={8} />}>
          <Pages />
        </Suspense>
      </Broken>
    </Shell>
  )
}

/**
 * Any unlock by a restore admin proves all that wait, and while the key is open what comes to wait (`unproven`): the collector
 * counts a new device a while after it came. What does not open stays unproven, and Keys and recovery says so.
 */
function useProofs(client: QueryClient, unproven: number | undefined): void {
  const { state, vault } = useKeys()
  const isProving = useRef(false)
  useEffect(() => {
    if (state !== 'open' || vault === undefined || isProving.current) return
    isProving.current = true
    const proved = (count: number) =>
      count > 0 ? refresh(client, ['/overview', '/devices', '/records']) : undefined
    const ended = () => {
      isProving.current = false
    }
    void vault.proveWaiting().then(proved).then(ended, ended)
  }, [client, state, vault, unproven])
}

/** Said as long as it is so (threat model): whoever serves the page could take the key. */
function HostedKeys() {
  return (
    <p className="banner" role="status">
      Keys may be opened in this page, which the collector serves: whoever controls the collector could take
      them. <b>backstay console</b> is safer.
    </p>
  )
}
