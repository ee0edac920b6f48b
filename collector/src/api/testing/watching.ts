/** The rooms that bring routes of their own to the API (alerts, audit, reports, samples), over the world of a stage. */
import assert from 'node:assert/strict'
import { nodePrimitives as p } from '@backstay/proto/node'
import { type Alerts, openAlertRoom } from '../../alerts/alerts.ts'
import { readFacts, readReportFacts } from '../../alerts/read-facts.ts'
import type { CollectorLog } from '../../audit/collector-log.ts'
import { firstVault } from '../../catalog/vaults.ts'
import { silentLog } from '../../log.ts'
import { openReports } from '../../reports/reports.ts'
import { openSamples } from '../../samples/samples.ts'
import { sampleFleet } from '../../testing/sample-vault.ts'
import { alertRoutesOf } from '../alert-routes.ts'
import type { Answering } from '../answer.ts'
import { auditRoutesOf } from '../audit-routes.ts'
import { historyRoutesOf } from '../history-routes.ts'
import { reportRoutesOf } from '../report-routes.ts'
import { type Stage, stage } from './stage.ts'

export interface Watching {
  readonly alerts: Alerts
  readonly auditLog: CollectorLog
  readonly routes: readonly Answering[]
}

export interface Watched extends AsyncDisposable, Pick<Watching, 'alerts' | 'auditLog'> {
  readonly at: Stage
}

export async function watched(): Promise<Watched> {
  let made: Watching | undefined
  const at = await stage({
    more(world) {
      made = watching(world)
      return made.routes
    },
  })
  return { at, ...(made ?? assert.fail()), [Symbol.asyncDispose]: () => at[Symbol.asyncDispose]() }
}

export function watching({ world, view }: Pick<Stage, 'world' | 'view'>): Watching {
  const { clock, vault, fleet, auditLog } = world
  const { sql } = vault
  const disk = async () => ({ bytes: 1000, freeBytes: 500 })
  const devices = () => [{ state: 'protected' as const }]
  const own = () => fleet.trust && { id: fleet.trust.fleet, name: 'Example' }
  const samples = openSamples({ sql, clock, disk, devices, log: silentLog, fleet: () => fleet.trust?.fleet })
  const nothingElse = {
    logFork: () => undefined,
    erasures: async () => [],
    haltedReleases: async () => [],
    floods: () => [],
    clockHaltedUntilMs: () => undefined,
  }
  const facts = { sql, vault: firstVault, clock, view, disk, forecast: samples.forecast, ...nothingElse }
  const alerts = openAlertRoom({
    ...{ p, sql, clock, key: sampleFleet.collector, log: silentLog },
    fleet: own,
    facts: () => readFacts(facts),
    checkpoint: async () => '',
  })
  const { setUp, outbox } = alerts
  const reports = openReports({
    ...{ sql, clock, setUp, outbox, log: silentLog, fleet: own },
    facts: () => readReportFacts(facts),
  })
  const routes = [
    ...alertRoutesOf({ alerts, audit: auditLog, view, clock }),
    ...auditRoutesOf({ auditLog, p, fleet, view }),
    ...reportRoutesOf({ reports, setUp, audit: auditLog, clock }),
    ...historyRoutesOf({ samples }),
  ]
  return { alerts, auditLog, routes }
}
