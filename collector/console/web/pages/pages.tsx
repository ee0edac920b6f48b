/** Which page stands at which address; each comes when it is first asked for. */
import { lazy } from 'react'
import { Route, Switch } from 'wouter'
import { Page } from '../parts/page.tsx'
import { Empty } from '../parts/saying.tsx'

export const SignIn = lazy(async () => ({ default: (await import('./sign-in/sign-in-page.tsx')).SignInPage }))
const Overview = lazy(async () => ({ default: (await import('./overview/overview-page.tsx')).OverviewPage }))
const Devices = lazy(async () => ({ default: (await import('./devices/devices-page.tsx')).DevicesPage }))
const Device = lazy(async () => ({ default: (await import('./device/device-page.tsx')).DevicePage }))
const Restore = lazy(async () => ({ default: (await import('../restore/restore-page.tsx')).RestorePage }))

export function Pages() {
  return (
    <Switch>
      <Route path="/" component={Overview} />
      <Route path="/devices" component={Devices} />
      <Route path="/devices/:device" component={Device} />
      <Route path="/restore/:device?" component={Restore} />
      <Route>
        <Page title="Not here">
          <Empty title="There is no such page">Choose one on the left, or search with /.</Empty>
        </Page>
      </Route>
    </Switch>
  )
}
