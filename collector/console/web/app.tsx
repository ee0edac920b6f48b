/** The composition root of the page: who is signed in, which keys are here, which page is shown. */
import { type QueryClient, QueryClientProvider, useQueryClient } from '@tanstack/react-query'
import { lazy, Suspense, useEffect, useState } from 'react'
import { Route, Switch, useLocation } from 'wouter'
import { forgetAll, send } from './api/client.ts'
import { followEvents, type Live } from './api/events.ts'
import { problemOf } from './api/problem.ts'
import { newQueryClient, useAsk } from './api/queries.ts'
import { type Keys, KeysContext, noKeys } from './keys/keys.ts'
import { Page } from './parts/page.tsx'
import { Coming, Empty, Trouble } from './parts/saying.tsx'
import { Broken } from './shell/broken.tsx'
import { type Person, PersonContext } from './shell/session.ts'
import { Shell } from './shell/shell.tsx'

const Overview = lazy(async () => ({
  default: (await import('./pages/overview/overview-page.tsx')).OverviewPage,
}))
const Restore = lazy(async () => ({ default: (await import('./restore/restore-page.tsx')).RestorePage }))
const SignIn = lazy(async () => ({ default: (await import('./pages/sign-in/sign-in-page.tsx')).SignInPage }))

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

function Door() {
  const client = useQueryClient()
  const session = useAsk<Person>('/session')
  if (session.isPending) return null
  if (session.error !== null && problemOf(session.error).status !== 401) {
    return (
      <div className="page">
        <Trouble
          error={session.error}
          safe="Devices keep protecting themselves meanwhile."
          onAgain={() => void session.refetch()}
        />
      </div>
    )
  }
  if (session.data === undefined || session.error !== null) {
    return (
      <Suspense>
        <SignIn onDone={() => void client.resetQueries()} />
      </Suspense>
    )
  }
  return (
    <PersonContext value={session.data}>
      <Inside />
    </PersonContext>
  )
}

function Inside() {
  const client = useQueryClient()
  const [live, setLive] = useState<Live>('connecting')
  const [place] = useLocation()
  useEffect(() => followEvents(client, setLive), [client])
  const leave = async () => {
    await send('DELETE', '/session').catch(() => undefined)
    forgetAll()
    await client.resetQueries()
  }
  return (
    <Shell fleet="Backstay" live={live} onLeave={() => void leave()}>
      <Broken place={place}>
        <Suspense fallback={<Coming lines={8} />}>
          <Switch>
            <Route path="/" component={Overview} />
            <Route path="/restore/*?" component={Restore} />
            <Route>
              <Page title="Not here">
                <Empty title="There is no such page">Choose one on the left, or search with /.</Empty>
              </Page>
            </Route>
          </Switch>
        </Suspense>
      </Broken>
    </Shell>
  )
}
