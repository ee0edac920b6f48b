/** The composition root of the page: who is signed in, which keys are here, which page is shown. */
import type { Overview } from '@backstay/proto/rest/overview'
import type { Session } from '@backstay/proto/rest/session'
import { type QueryClient, QueryClientProvider, useQueryClient } from '@tanstack/react-query'
import { Suspense, useEffect, useState } from 'react'
import { useLocation } from 'wouter'
import { forgetAll, send } from './api/client.ts'
import { followEvents, type Live } from './api/events.ts'
import { problemOf } from './api/problem.ts'
import { newQueryClient, useAsk } from './api/queries.ts'
import { type Keys, KeysContext, noKeys, useKeys } from './keys/keys.ts'
import { UnlockPage } from './keys/unlock.tsx'
import { Pages, SignIn } from './pages/pages.tsx'
import { Coming, Trouble } from './parts/saying.tsx'
import { Broken } from './shell/broken.tsx'
import { PersonContext, usePerson } from './shell/session.ts'
import { Shell } from './shell/shell.tsx'
import { StepUp } from './shell/step-up.tsx'

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

/** Nobody comes in without a session; when it ends, the same page waits behind the sign-in. */
function Door() {
  const client = useQueryClient()
  const keys = useKeys()
  const { data, error, isPending, refetch } = useAsk<Session>('/session', {}, { everyMs: 60_000 })
  const isOut = error !== null && problemOf(error).status === 401
  // The session of a key ends after an hour; as long as the key is open, it proves itself again.
  const { vault } = keys
  useEffect(() => {
    if (isOut && vault !== undefined) void vault.signIn().then(() => refetch(), keys.lock)
  }, [isOut, vault, keys.lock, refetch])
  if (isPending) return null
  if (isOut && keys.isLocal) {
    return keys.state === 'open' ? null : <UnlockPage onDone={() => void client.resetQueries()} />
  }
  if (isOut) {
    return (
      <Suspense>
        <SignIn
          onDone={() => {
            forgetAll()
            void client.resetQueries()
          }}
        />
      </Suspense>
    )
  }
  if (data === undefined) {
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
        <Inside />
      </StepUp>
    </PersonContext>
  )
}

function Inside() {
  const client = useQueryClient()
  const [live, setLive] = useState<Live>('connecting')
  const [place] = useLocation()
  const isIn = usePerson().roles.length > 0
  const overview = useAsk<Overview>('/overview', {}, { enabled: isIn })
  useEffect(() => (isIn ? followEvents(client, setLive) : undefined), [client, isIn])
  const keys = useKeys()
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

/** Said as long as it is so (threat model): whoever serves the page could take the key. */
function HostedKeys() {
  return (
    <p className="banner" role="status">
      Keys may be opened in this page, which the collector serves: whoever controls the collector could take
      them. <b>backstay console</b> is safer.
    </p>
  )
}
