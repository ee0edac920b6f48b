/**
 * Every device of the fleet as it is judged now, in memory: lists of ten thousand are answered from it in milliseconds. Whom
 * something happened to is looked at again within a second, and everybody each minute, because time alone makes devices worse.
 */
import { setImmediate } from 'node:timers/promises'
import { type Bytes, equalBytes, hex } from '@backstay/proto/bytes'
import type { Clock } from '@backstay/proto/clock'
import { type Health, judge } from '@backstay/proto/health/health'
import { rulesFor } from '@backstay/proto/health/rules'
import type { DeviceId, FleetId } from '@backstay/proto/object/id'
import { effectivePolicy } from '@backstay/proto/policy/effective'
import type { Objective } from '@backstay/proto/policy/settings'
import { concerning, groupChain, type Standing, standingHash } from '@backstay/proto/policy/standing'
import type { Primitives } from '@backstay/proto/primitives'
import { decodeCertificate } from '@backstay/proto/trust/certificate'
import { decodeEnvelope } from '@backstay/proto/trust/envelope'
import type { Group } from '@backstay/proto/trust/group'
import type { RefusedOrder } from '@backstay/proto/trust/heartbeat'
import { lookAlikes, type MarkedDevice } from '@backstay/proto/trust/look-alikes'
import { bell } from '@backstay/proto/wire/bell'
import { type DeviceRow, deviceById, listDevices } from '../catalog/devices.ts'
import type { Sql } from '../catalog/sql.ts'
import type { Fleet } from './fleet.ts'
import type { HeardHeartbeat } from './heartbeats.ts'
import { pairOf, readNotSame, writeNotSame } from './not-same.ts'
import { type Proven, readProven } from './proven.ts'

/** What the catalog knows of a device, without the envelopes: those of ten thousand would fill the memory. */
export type DeviceFactsRow = Omit<DeviceRow, 'certificate' | 'grant' | 'deviceKey' | 'keyId'>

export interface ViewedDevice {
  readonly row: DeviceFactsRow
  readonly health: Health
  /** The release of the agent that its policy names; empty: none. */
  readonly wantedVersion: string
  readonly heard: HeardHeartbeat | undefined
  readonly onlineSinceMs: number | undefined
  readonly clonedSinceMs: number | undefined
  /** Since when its newest keys wait for somebody to show that they open; undefined: somebody did, or there are none. */
  readonly unprovenSinceMs: number | undefined
  /** Those that it stands in, outermost first. */
  readonly groups: readonly Group[]
  /** Whether it obeys the newest orders; undefined: it has not said. */
  readonly obeys: boolean | undefined
  readonly refused: readonly { readonly id: RefusedOrder['id'] | undefined; readonly code: string }[]
  /** Marks of its machine, by its certificate. */
  readonly machine: readonly Bytes[]
}

export interface DeviceChange {
  /** Undefined: it is new in this view. */
  readonly before: ViewedDevice | undefined
  readonly now: ViewedDevice
}

export interface FleetView {
  /** When everybody was looked at last; 0: not yet. */
  readonly asOfMs: number
  /** By id. */
  readonly devices: ReadonlyMap<DeviceId, ViewedDevice>
  /** Undefined until there is a fleet. */
  readonly standing: Standing | undefined
  readonly lastProofAtMs: number | undefined
  /** The device that this one looks like a new installation of, unless somebody said that it is not. */
  looksLike(device: DeviceId): ViewedDevice | undefined
  /** Somebody said: these are two. Throws what the catalog throws. */
  noteNotSame(device: DeviceId, other: DeviceId): Promise<void>
  /** Told of each device that is new, or whose state, presence or obedience became another. */
  follow(listener: (change: DeviceChange) => void): Disposable
  /** Looks at everybody. Throws what the catalog throws. */
  look(): Promise<void>
  /** Resolves when something happened to somebody since the last look. */
  touched(signal: AbortSignal): Promise<void>
  /** Looks at those to whom something happened since. */
  catchUp(): Promise<void>
}

export interface FleetViewOptions {
  readonly p: Primitives
  readonly sql: Sql
  readonly clock: Pick<Clock, 'now'>
  readonly fleet: Pick<Fleet, 'trust' | 'kitSince' | 'heartbeats' | 'ratchets' | 'standing' | 'news'>
  onlineSinceMs(device: DeviceId): number | undefined
}

type Newest = ReadonlyMap<DeviceId, HeardHeartbeat>

/** Looked at in one go, some milliseconds; then others are let in, whom a database in this process lets in by itself never. */
const pageRows = 50

export function fleetView(options: FleetViewOptions): FleetView {
  const { p, sql, clock, fleet, onlineSinceMs } = options
  const devices = new Map<DeviceId, ViewedDevice>()
  const listeners = new Set<(change: DeviceChange) => void>()
  const touched = new Set<DeviceId>()
  const alike = lookAlikes()
  let notSame: ReadonlySet<string> = new Set()
  let isAllTouched = false
  let asOfMs = 0
  let proven: Proven | undefined
  let standing: Standing | undefined
  /** Of this standing, by the orders that concern a device. */
  let hashes = new Map<string, Promise<Uint8Array>>()

  const rung = bell()
  fleet.news.follow(news => {
    if (news.kind !== 'job') rung.ring()
    if (news.kind === 'fleet') isAllTouched = true
    else if (news.kind !== 'job') touched.add(news.device)
  })

  async function refreshRules(own: FleetId): Promise<void> {
    standing = await fleet.standing()
    hashes = new Map()
    proven = await readProven(sql, own, fleet.kitSince)
    notSame = await readNotSame(sql, own)
  }

  /** `newest`: read before the rows, so that no heartbeat names a snapshot that its row does not have yet. */
  async function view(row: DeviceRow, rules: Standing, newest: Newest): Promise<void> {
    const { certificate, grant: __, deviceKey: ___, keyId: ____, ...facts } = row
    const heard = newest.get(row.device)
    const before = devices.get(row.device)
    // A device keeps its certificate.
    const machine = before?.machine ?? decodeCertificate(decodeEnvelope(certificate).payload).machine
    alike.add({ device: row.device, machine })
    const isProven = proven?.isProven(row.device, row.escrowEpoch ?? 0) ?? false
    const base = {
      row: facts,
      heard,
      onlineSinceMs: onlineSinceMs(row.device),
      clonedSinceMs: fleet.ratchets.clonedSinceMs(row.device),
      unprovenSinceMs: isProven ? undefined : row.escrowedAtMs,
    }
    const policy = effectivePolicy(rules, row).values
    const now: ViewedDevice = {
      ...base,
      health: healthOf(base, policy.objective, clock.now()),
      wantedVersion: policy.agentVersion,
      groups: groupChain(rules, row.device),
      obeys: await obeysNewest(row, heard, rules),
      refused: row.obeyed?.refused ?? heard?.heartbeat.refused ?? [],
      machine,
    }
    devices.set(row.device, now)
    if (before === undefined || isOther(before, now)) for (const tell of listeners) tell({ before, now })
  }

  async function obeysNewest(
    row: DeviceRow,
    heard: HeardHeartbeat | undefined,
    rules: Standing,
  ): Promise<boolean | undefined> {
    const isLater = heard !== undefined && heard.heardAtMs > (row.obeyed?.atMs ?? 0)
    const said = (isLater ? heard.heartbeat.standing : undefined) ?? row.obeyed?.standing
    if (heard === undefined && said === undefined) return undefined
    const orders = concerning(rules, row)
    if (orders.length === 0 && said === undefined) return true
    const key = orders.map(one => hex(one.order.id)).join()
    const hash = hashes.get(key) ?? standingHash(p, orders)
    hashes.set(key, hash)
    return said !== undefined && equalBytes(await hash, said)
  }

  return {
    devices,
    get asOfMs() {
      return asOfMs
    },
    get standing() {
      return standing
    },
    get lastProofAtMs() {
      return proven?.lastProofAtMs
    },
    looksLike(device) {
      const other = alike.of(device, id => marked(devices.get(id)))?.device
      return other === undefined || notSame.has(pairOf(device, other)) ? undefined : devices.get(other)
    },
    async noteNotSame(device, other) {
      const own = fleet.trust?.fleet
      if (own === undefined) return
      await writeNotSame(sql, own, pairOf(device, other), clock.now())
      notSame = await readNotSame(sql, own)
    },
    follow(listener) {
      listeners.add(listener)
      return { [Symbol.dispose]: () => void listeners.delete(listener) }
    },
    async look() {
      const own = fleet.trust?.fleet
      if (own === undefined) return
      isAllTouched = false
      touched.clear()
      await refreshRules(own)
      const rules = standing
      if (rules === undefined) return
      let after: DeviceId | undefined
      do {
        const newest = fleet.heartbeats.newest()
        const rows = await listDevices(sql, own, {
          limit: pageRows,
          ...(after === undefined ? {} : { after }),
        })
        for (const row of rows) await view(row, rules, newest)
        after = rows.at(-1)?.device
        if (rows.length === pageRows) await setImmediate()
      } while (after !== undefined)
      asOfMs = clock.now()
    },
    async touched(signal) {
      while (!isAllTouched && touched.size === 0) await rung.wait(signal)
    },
    async catchUp() {
      const own = fleet.trust?.fleet
      if (own === undefined) return
      if (isAllTouched || standing === undefined) return this.look()
      const batch = [...touched]
      touched.clear()
      const newest = fleet.heartbeats.newest()
      for (const [at, device] of batch.entries()) {
        if (at % pageRows === pageRows - 1) await setImmediate()
        const row = await deviceById(sql, own, device)
        if (row !== undefined) await view(row, standing, newest)
      }
    },
  }
}

function marked(one: ViewedDevice | undefined): MarkedDevice | undefined {
  if (one === undefined) return undefined
  const { row, machine, onlineSinceMs } = one
  const { device, enrolledAtMs, revokedAtMs } = row
  const lastSeenMs = onlineSinceMs === undefined ? row.lastSeenMs : Number.POSITIVE_INFINITY
  return { device, machine, enrolledAtMs, lastSeenMs, isRetired: revokedAtMs !== undefined }
}

function healthOf(
  device: Pick<ViewedDevice, 'row' | 'heard' | 'onlineSinceMs' | 'clonedSinceMs' | 'unprovenSinceMs'>,
  objective: Objective,
  nowMs: number,
): Health {
  const { row, heard, ...rest } = device
  const { enrolledAtMs, revokedAtMs, lastSeenMs, head, lastCompleteAtMs } = row
  return judge(
    {
      ...{ enrolledAtMs, revokedAtMs, lastSeenMs, lastCompleteAtMs, ...rest },
      heard: heard && { heartbeat: heard.heartbeat, atMs: heard.heardAtMs },
      headSequence: head?.sequence ?? 0,
      headReceivedAtMs: head?.receivedAtMs,
    },
    rulesFor(objective),
    nowMs,
  )
}

function isOther(a: ViewedDevice, b: ViewedDevice): boolean {
  return (
    a.health.state !== b.health.state ||
    (a.onlineSinceMs === undefined) !== (b.onlineSinceMs === undefined) ||
    a.obeys !== b.obeys ||
    a.refused.length !== b.refused.length ||
    a.row.head?.sequence !== b.row.head?.sequence
  )
}
