/** Which page stands at which address; each comes when it is first asked for. */
import { lazy } from 'react'
import { Route, Switch } from 'wouter'
import { Page } from '../parts/page.tsx'
import { Empty } from '../parts/saying.tsx'
import { usePerson } from '../shell/session.ts'

export const SignIn = lazy(async () => ({ default: (await import('./sign-in/sign-in-page.tsx')).SignInPage }))
const FactorNeeded = lazy(async () => ({
  default: (await import('./settings/factor-needed.tsx')).FactorNeeded,
}))
const Overview = lazy(async () => ({ default: (await import('./overview/overview-page.tsx')).OverviewPage }))
const Devices = lazy(async () => ({ default: (await import('./devices/devices-page.tsx')).DevicesPage }))
const Device = lazy(async () => ({ default: (await import('./device/device-page.tsx')).DevicePage }))
const Restore = lazy(async () => ({ default: (await import('../restore/restore-page.tsx')).RestorePage }))
const Policies = lazy(async () => ({ default: (await import('./policies/policies-page.tsx')).PoliciesPage }))
const Enrolment = lazy(async () => ({
  default: (await import('./enrolment/enrolment-page.tsx')).EnrolmentPage,
}))
const Storage = lazy(async () => ({ default: (await import('./storage/storage-page.tsx')).StoragePage }))
const Alerts = lazy(async () => ({ default: (await import('./alerts/alerts-page.tsx')).AlertsPage }))
const Reports = lazy(async () => ({ default: (await import('./reports/reports-page.tsx')).ReportsPage }))
const Audit = lazy(async () => ({ default: (await import('./audit/audit-page.tsx')).AuditPage }))
const Recovery = lazy(async () => ({ default: (await import('./recovery/recovery-page.tsx')).RecoveryPage }))
const Settings = lazy(async () => ({ default: (await import('./settings/settings-page.tsx')).SettingsPage }))

export function Pages() {
  const { roles, withheld } = usePerson()
  if (roles.length === 0 && withheld.length > 0) return <FactorNeeded />
  return (
    <Switch>
      <Route path="/" component={Overview} />
      <Route path="/devices" component={Devices} />
      <Route path="/devices/:device" component={Device} />
      <Route path="/restore/:device?" component={Restore} />
      <Route path="/policies" component={Policies} />
      <Route path="/enrolment" component={Enrolment} />
      <Route path="/storage" component={Storage} />
      <Route path="/alerts" component={Alerts} />
      <Route path="/reports" component={Reports} />
      <Route path="/audit" component={Audit} />
      <Route path="/keys" component={Recovery} />
      <Route path="/settings" component={Settings} />
      <Route>
        <Page title="Not here">
          <Empty title="There is no such page">Choose one on the left, or search with /.</Empty>
        </Page>
      </Route>
    </Switch>
  )
}
