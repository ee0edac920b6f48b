/** The composition root of the collector: which store, database, clock, sockets and primitives it runs on. */

import { statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { type Bytes, fromUtf8 } from '@backstay/proto/bytes'
import { nodePrimitives as p } from '@backstay/proto/node'
import type { DeviceId, FleetId } from '@backstay/proto/object/id'
import { productVersion } from '@backstay/proto/product-version'
import { systemClock as clock } from '@backstay/proto/system-clock'
import { encodeSetup } from '@backstay/proto/trust/setup'
import { openAlertRoom } from './alerts/alerts.ts'
import { devicesIn, readFacts, readReportFacts } from './alerts/read-facts.ts'
import { alertRoutesOf } from './api/alert-routes.ts'
import { openApiServer } from './api/api.ts'
import { auditRoutesOf } from './api/audit-routes.ts'
import { historyRoutesOf } from './api/history-routes.ts'
import { ownPages } from './api/own-pages.ts'
import { reportRoutesOf } from './api/report-routes.ts'
import { type OidcSettings, oidc } from './api/sign-in/oidc.ts'
import { openOneTimeCode } from './api/sign-in/one-time-code.ts'
import { signInRoom } from './api/sign-in/sign-in.ts'
import { openTotpKey } from './api/sign-in/totp-key.ts'
import { openCollectorLog } from './audit/collector-log.ts'
import { countPeople } from './catalog/people.ts'
import { openSqlite } from './catalog/sqlite.ts'
import { firstVault } from './catalog/vaults.ts'
import { openDataFolder } from './data-folder.ts'
import { openFleet } from './fleet/fleet.ts'
import { fleetView } from './fleet/fleet-view.ts'
import { isNamed } from './fleet/founding.ts'
import { healthWatch } from './fleet/health-watch.ts'
import { keepTrust } from './fleet/trust-keeper.ts'
import { openGateway } from './link/gateway.ts'
import { listen } from './link/listener.ts'
import { named, nextIdentity, openIdentity } from './link/own-identity.ts'
import type { TlsIdentity } from './link/self-signed.ts'
import { openSetupCode } from './link/setup-code.ts'
import type { Log } from './log.ts'
import { filesystemPackStore } from './packs/filesystem.ts'
import { packageStore } from './releases/package-store.ts'
import { haltedReleases } from './releases/rollout.ts'
import { openReports } from './reports/reports.ts'
import { openSamples } from './samples/samples.ts'
import { readErasures } from './upkeep/collection/rules.ts'
import { collectionSchedule } from './upkeep/collection/schedule.ts'
import { openVault } from './upkeep/open-vault.ts'
import { rotationSchedule } from './upkeep/rotation/schedule.ts'

export interface CollectorOptions {
  readonly data: string
  readonly host: string
  /** 0 = any free one. */
  readonly port: number
  /** Where agents find us; given the port that we got. */
  readonly urls: (port: number) => readonly string[]
  readonly handshakesPerMinute: number
  /** Of the disk; objects leave it free. */
  readonly reserveBytes: number
  /** Time between two collections; 0 = never. */
  readonly collectEveryMs: number
  /** Within which every stored byte is read again; 0 = never. */
  readonly scrubPeriodMs: number
  /** A second listener for browsers; undefined: none. */
  readonly web: (TlsIdentity & { readonly host: string; readonly port: number }) | undefined
  /** Names under which browsers know us, besides those in the urls. */
  readonly webNames: readonly string[]
  readonly oidc: OidcSettings | undefined
  /** Of who makes releases of the agent; undefined: none is handed out. */
  readonly releaseKey: Bytes | undefined
  readonly log: Log
  readonly signal?: AbortSignal
}

export interface Collector extends AsyncDisposable {
  readonly host: string
  readonly port: number
  readonly urls: readonly string[]
  /** SHA-256 of the TLS key's SubjectPublicKeyInfo. */
  readonly spkiPin: Bytes
  /** Undefined until a fleet was founded here. */
  readonly fleet: FleetId | undefined
  /** Of the second listener. */
  readonly webPort: number | undefined
  /** With which the first person signs in; undefined when somebody can. Secret: for the terminal, never for the log. */
  readonly signInCode: string | undefined
  /** The set-up string; undefined when a fleet was founded. Secret: for the terminal, never for the log. */
  readonly setup: string | undefined
  /** Aborts when owners have put other keys in the place of those that it runs with: it must be closed and started again. */
  readonly keysReplaced: AbortSignal
  /** Says farewell to everyone, makes durable what is on its way, frees the folder. */
  close(): Promise<void>
}

/** Throws what can be wrong with the folder, the port and the keys; each is said in a sentence. */
export async function startCollector(options: CollectorOptions): Promise<Collector> {
  const { log } = options
  await using opened = new AsyncDisposableStack()
  const folder = opened.use(await openDataFolder(options.data))
  const sql = openSqlite(folder.catalog, clock)
  opened.defer(() => sql.close())
  const store = filesystemPackStore(folder.packs)
  const vault = await openVault({
    p,
    store,
    sql,
    clock,
    limits: { reserveBytes: options.reserveBytes },
    ...(options.signal && { signal: options.signal }),
    onTrouble: (error, pack) => log.child({ room: 'store' }).warn({ error, pack }, 'trouble in the store'),
  })
  opened.defer(() => vault.close())
  const { ingest, retrieve } = vault
  const believed = (await keepTrust(p, sql)).newest?.document
  const identity = await openIdentity(p, folder.identity, clock.now(), believed)
  const stopping = new AbortController()
  /** Only stopping ends it. */
  const keepRunning = (part: { run(signal: AbortSignal): Promise<void> }) => {
    const running = part.run(stopping.signal).catch(() => undefined)
    opened.defer(async () => {
      stopping.abort()
      await running
    })
  }
  const upkeep = {
    p,
    store,
    sql,
    clock,
    vault: firstVault,
    opened: vault,
    log: log.child({ room: 'upkeep' }),
  }
  keepRunning(collectionSchedule({ ...upkeep, key: identity.key, collectEveryMs: options.collectEveryMs }))
  keepRunning(rotationSchedule({ ...upkeep, periodMs: options.scrubPeriodMs }))
  const own = named(identity)
  const next = async () => {
    const made = await nextIdentity(p, folder.identity)
    return made && named(made)
  }
  const fleet = await openFleet({ p, sql, clock, ingest, own, next })
  const keysReplaced = new AbortController()
  const look = () => {
    if (fleet.trust !== undefined && !isNamed(fleet.trust.document, own)) keysReplaced.abort()
  }
  fleet.news.follow(look)
  if (believed !== undefined && !isNamed(believed, own)) {
    log.error(
      { version: believed.version },
      'Trust names other keys than those in identity/: no agent accepts this collector',
    )
  }
  const auditLog = openCollectorLog({
    ...{ p, sql, clock, key: identity.key, fleet: () => fleet.trust?.fleet },
    log: log.child({ room: 'audit' }),
  })
  keepRunning(auditLog)
  const setup = await openSetupCode(p, folder.identity, fleet.trust !== undefined)
  const gateway = openGateway({
    p,
    clock,
    key: identity.key,
    fleet,
    setup,
    sql,
    ingest,
    retrieve,
    auditLog,
    log: log.child({ room: 'link' }),
    handshakesPerMinute: options.handshakesPerMinute,
  })
  opened.defer(() => gateway.close())
  const { onlineSinceMs } = gateway
  const view = fleetView({ p, sql, clock, fleet, onlineSinceMs })
  keepRunning(healthWatch({ clock, view, log: log.child({ room: 'fleet' }) }))
  const somebodyMay = fleet.trust !== undefined && (await countPeople(sql, fleet.trust.fleet)) > 0
  const code = await openOneTimeCode(p, folder.identity, somebodyMay)
  const signIn = signInRoom({
    ...{ p, sql, clock, fleet, audit: auditLog, code },
    totpKey: await openTotpKey(p, folder.identity),
    oidc: options.oidc && oidc(options.oidc, p, clock),
  })
  const disk = async () => {
    const { blocks, bavail, bsize } = await statfs(folder.path)
    return { bytes: blocks * bsize, freeBytes: bavail * bsize }
  }
  const samples = openSamples({
    ...{ sql, clock, disk, fleet: () => fleet.trust?.fleet },
    devices: () => (view.asOfMs === 0 ? undefined : devicesIn(view, clock.now())),
    log: log.child({ room: 'samples' }),
  })
  keepRunning(samples)
  const { forecast } = samples
  const packages = options.releaseKey && packageStore(p, join(folder.path, 'releases'), options.releaseKey)
  const facts = {
    ...{ sql, vault: firstVault, clock, view, disk, forecast, logFork: () => auditLog.fork },
    erasures: () => readErasures({ p, sql, retention: vault.retention }, fleet.trust?.fleet),
    haltedReleases: () => haltedReleases(packages, view.devices.values(), clock.now()),
    floods: ingest.floods,
    clockHaltedUntilMs: () => vault.retention.haltedUntilMs,
  }
  const alerts = openAlertRoom({
    ...{ p, sql, clock, key: identity.key },
    fleet: () => fleet.trust && { id: fleet.trust.fleet, name: fleet.trust.document.fleetName },
    facts: () => readFacts(facts),
    checkpoint: async () => fromUtf8((await auditLog.checkpoint()).note),
    log: log.child({ room: 'alerts' }),
  })
  keepRunning(alerts)
  const { setUp } = alerts
  const reports = openReports({
    ...{ sql, clock, setUp, outbox: alerts.outbox },
    fleet: () => fleet.trust && { id: fleet.trust.fleet, name: fleet.trust.document.fleetName },
    facts: () => readReportFacts(facts),
    log: log.child({ room: 'reports' }),
  })
  keepRunning(reports)
  let urls: readonly string[] = []
  const api = openApiServer(
    {
      ...{ p, sql, clock, fleet, view, retrieve, store, gateway, signIn, vault: firstVault, audit: auditLog },
      ...{ retention: vault.retention, schedule: options, version: productVersion },
      names: () => new Set([...urls.map(hostOf), ...options.webNames]),
      packages,
      pages: ownPages('console', join(import.meta.dirname, '../console/web/dist')),
      log: log.child({ room: 'api' }),
    },
    [
      ...alertRoutesOf({ alerts, audit: auditLog, view, clock }),
      ...auditRoutesOf({ auditLog, p, fleet, view }),
      ...reportRoutesOf({ reports, setUp, audit: auditLog, clock }),
      ...historyRoutesOf({ samples }),
    ],
  )
  alerts.follow(({ event, alert }) => {
    const { id, what, subject } = alert
    const told = { type: 'alert', alert: id, state: event, what, atMs: clock.now() } as const
    api.events.tell(told, subject === '' ? 'fleet' : (subject as DeviceId))
  })
  auditLog.heard(entries => {
    for (const device of new Set(entries.map(entry => entry.device))) {
      const told = { type: 'activity', ...(device !== undefined && { device }), atMs: clock.now() } as const
      api.events.tell(told, device === undefined ? 'fleet' : (device as DeviceId))
    }
  })
  const listener = await listen(
    {
      host: options.host,
      port: options.port,
      tls: identity.tls,
      clock,
      failed: error => log.child({ room: 'link' }).error({ error }, 'listening failed'),
      request: (request, response) => api.handle(request, response),
    },
    connection => gateway.accept(connection),
  )
  opened.defer(async () => {
    // First the farewells, then the sockets.
    api.close()
    await gateway.close()
    await listener.close()
  })
  const web =
    options.web &&
    (await listen({
      ...{ host: options.web.host, port: options.web.port, tls: options.web, clock, flag: '--web-listen' },
      request: (request, response) => api.handle(request, response),
      failed: error => log.child({ room: 'api' }).error({ error }, 'listening failed'),
    }))
  if (web !== undefined) opened.defer(() => web.close())
  urls = options.urls(listener.port)
  const held = opened.move()
  const close = () => held.disposeAsync()
  return {
    host: listener.host,
    port: listener.port,
    urls,
    spkiPin: identity.spkiPin,
    get fleet() {
      return fleet.trust?.fleet
    },
    webPort: web?.port,
    keysReplaced: keysReplaced.signal,
    get signInCode() {
      return code.code
    },
    get setup() {
      if (setup.code === undefined) return undefined
      const address = { urls, spkiPins: [identity.spkiPin], collectorKey: identity.key.publicKey }
      return encodeSetup({ ...address, code: setup.code })
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** Without port; the brackets of an IPv6 address stay. */
function hostOf(url: string): string {
  return new URL(url).hostname.toLowerCase()
}
