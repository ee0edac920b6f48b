/** Every route of the API. A room that adds some adds them here. */
import { alertRoutes } from './alerts.ts'
import { auditRoutes } from './audit.ts'
import { deviceRoutes } from './devices.ts'
import { intentRoutes } from './intents.ts'
import { overviewRoutes } from './overview.ts'
import { peopleRoutes } from './people.ts'
import { policyRoutes } from './policies.ts'
import { recordRoutes } from './records.ts'
import { releaseRoutes } from './releases.ts'
import { reportRoutes } from './reports.ts'
import type { Route } from './route.ts'
import { sessionRoutes } from './session.ts'
import { storageRoutes } from './storage.ts'

export const routes: readonly Route[] = [
  overviewRoutes,
  deviceRoutes,
  policyRoutes,
  recordRoutes,
  storageRoutes,
  intentRoutes,
  sessionRoutes,
  peopleRoutes,
  alertRoutes,
  reportRoutes,
  auditRoutes,
  releaseRoutes,
].flatMap(group => Object.values<Route>(group))

export const apiPath = '/api/v1'
