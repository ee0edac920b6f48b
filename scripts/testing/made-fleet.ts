/**
 * The data folder of a collector with a whole fleet in it, made in seconds: genuine Trust, grants, certificates, escrows,
 * proofs, commits and heartbeats, verified and stored as if they had come over the wire, at times of the last two months.
 * Only the objects open to nothing.
 *
 *     node scripts/testing/made-fleet.ts FOLDER 500
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { storedBytesOf, writeSample } from '@backstay/collector/catalog/samples'
import type { Sql } from '@backstay/collector/catalog/sql'
import { openSqlite } from '@backstay/collector/catalog/sqlite'
import { firstVault } from '@backstay/collector/catalog/vaults'
import { openDataFolder } from '@backstay/collector/data-folder'
import { type Fleet, openFleet } from '@backstay/collector/fleet/fleet'
import type { Ingest } from '@backstay/collector/ingest/ingest'
import { openIdentity } from '@backstay/collector/link/own-identity'
import { filesystemPackStore } from '@backstay/collector/packs/filesystem'
import { openVault } from '@backstay/collector/upkeep/open-vault'
import { utf8 } from '@backstay/proto/bytes'
import { nodePrimitives as p } from '@backstay/proto/node'
import type { DeviceId, ObjectId } from '@backstay/proto/object/id'
import { signPolicy } from '@backstay/proto/policy/policy'
import type { LayerSetting } from '@backstay/proto/policy/settings'
import { concerning, standingHash } from '@backstay/proto/policy/standing'
import type { SigningKey } from '@backstay/proto/primitives'
import { systemClock } from '@backstay/proto/system-clock'
import { signAssignment } from '@backstay/proto/trust/assignment'
import { signGrant } from '@backstay/proto/trust/grant'
import { signGroup } from '@backstay/proto/trust/group'
import { newOrder, type OrderOptions } from '@backstay/proto/trust/order'
import { signProof } from '@backstay/proto/trust/proof'
import { signRevoke } from '@backstay/proto/trust/revoke'
import type { VerifiedTrust } from '@backstay/proto/trust/trust'
import { adminFolder } from '../../collector/console/admin-folder.ts'
import { sealAdminKey } from '../../collector/console/admin-key.ts'
import { makeFleet } from '../../collector/console/founding.ts'
import { departments } from './made-fleet/departments.ts'
import { commitOf, enrolled, escrowOf, heartbeatOf, type MadeDevice } from './made-fleet/device.ts'
import { type Fate, fates } from './made-fleet/fates.ts'
import { seededRandom } from './random.ts'

export interface MadeFleetOptions {
  readonly folder: string
  readonly devices: number
  readonly seed?: number
  /** One device has a name that a browser must show as text. */
  readonly withMarkup?: boolean
  /** Snapshots of each device that has any. */
  readonly snapshots?: number
  /** Of the largest device; what it stores grows by a tenth with each snapshot. */
  readonly segmentBytes?: number
  /** Where the admin's folder goes; its passphrase is `madePassphrase`. */
  readonly admin?: string
  /** Where the collector will be found, for the admin's folder. */
  readonly urls?: readonly string[]
}

export interface MadeFleet {
  readonly trust: VerifiedTrust
  readonly admin: SigningKey
  readonly devices: readonly MadeDevice[]
}

export const madePassphrase = 'a passphrase for a made fleet'
export const madeFleetName = 'Harbour Works'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs
/** Of the disk that the samples tell of. */
const madeDiskBytes = 2 ** 30
/** Made together, so that they share flushes to the disk. */
const together = 250

export async function makeFleetFolder(options: MadeFleetOptions): Promise<MadeFleet> {
  const nowMs = systemClock.now()
  const numbers = seededRandom(options.seed ?? 1)
  const random = () => numbers.next() / 2 ** 32
  let timeMs = nowMs - 60 * dayMs
  const at = (ms: number) => {
    timeMs = Math.max(timeMs, ms)
  }
  // Bursts are no abuse here: for limits a second passes with each question.
  let ticks = 0
  const clock = { ...systemClock, now: () => timeMs, monotonic: () => ++ticks * 1000 }
  await mkdir(options.folder, { recursive: true })
  using folder = await openDataFolder(options.folder)
  const identity = await openIdentity(p, folder.identity, timeMs)
  const sql = openSqlite(folder.catalog, clock)
  const vault = await openVault({
    p,
    store: filesystemPackStore(folder.packs),
    sql,
    clock,
    vault: firstVault,
  })
  try {
    const own = { key: identity.key.publicKey, spkiPin: identity.spkiPin }
    const fleet = await openFleet({ p, sql, clock, ingest: vault.ingest, own })
    const made = await founded(fleet, own, options, timeMs)
    const place = { fleet, sql, ingest: vault.ingest, ...made, at, nowMs, random }
    const devices = await populate(place, options)
    at(nowMs)
    await fleet.heartbeats.write(() => false)
    return { trust: made.trust, admin: made.admin, devices }
  } finally {
    await vault.close()
    await sql.close()
  }
}

interface Place {
  readonly fleet: Fleet
  readonly sql: Sql
  readonly ingest: Ingest
  readonly trust: VerifiedTrust
  readonly admin: SigningKey
  readonly nowMs: number
  readonly random: () => number
  /** Nothing comes before what came. */
  readonly at: (ms: number) => void
}

async function founded(
  fleet: Fleet,
  own: { readonly key: Uint8Array; readonly spkiPin: Uint8Array },
  options: MadeFleetOptions,
  nowMs: number,
): Promise<{ readonly trust: VerifiedTrust; readonly admin: SigningKey }> {
  const urls = options.urls ?? ['wss://localhost:7443/link']
  const setup = { urls, spkiPins: [own.spkiPin], collectorKey: own.key, code: p.random(16) }
  const set = { name: 'home', roots: [utf8('~')], excludes: ['.cache/'], shareSegments: true, presets: [] }
  const wish = { setup, fleetName: madeFleetName, adminName: 'admin', backupSet: set, nowMs }
  const { trust, records, adminKey } = await makeFleet(p, wish)
  const admin = await p.signingKey(adminKey.seed)
  await fleet.found({ trust, founder: admin.publicKey, records: records.slice(1) })
  if (options.admin !== undefined) {
    const about = { name: 'admin', fleet: trust.fleet }
    const kept = adminFolder(p, options.admin)
    await mkdir(options.admin, { recursive: true })
    // A low work factor: this key protects nothing.
    await kept.writeKey(await sealAdminKey(adminKey, about, madePassphrase, 12))
    await kept.rememberFleet({ fleet: trust.fleet, urls, chain: records.slice(0, 1) })
  }
  return { trust, admin }
}

async function populate(place: Place, options: MadeFleetOptions): Promise<MadeDevice[]> {
  const { fleet, trust, admin, at, nowMs, random } = place
  const member = { kind: 'admin', key: admin.publicKey } as const
  const put = (envelope: Uint8Array) => fleet.putRecord(member, envelope)
  const order = (ms: number, more: OrderOptions = {}) => newOrder(p, trust, ms, more)
  const groups = await Promise.all(
    departments.map(async ({ name, settings }) => {
      const id = p.random(16)
      const foundedMs = nowMs - 60 * dayMs
      await put(
        await signGroup(
          p,
          { kind: 'group', order: order(foundedMs), id, name, parent: undefined, retired: false },
          admin,
        ),
      )
      if (settings.length > 0) await put(await layerOf(place, id, name, settings, order))
      return id
    }),
  )
  const grant = await newGrant(place, options.devices)
  const wanted = fates(options.devices, random)
  const made: MadeDevice[] = []
  for (let from = 0; from < wanted.length; from += together) {
    const some = wanted.slice(from, from + together)
    at(nowMs - 59 * dayMs)
    made.push(
      ...(await Promise.all(
        some.map((fate, index) =>
          enrolled(place, grant, {
            fate,
            number: from + index,
            nowMs,
            random,
            isMarkup: options.withMarkup === true && from + index === 7,
          }),
        ),
      )),
    )
  }
  for (const [index, group] of groups.entries()) {
    const devices = made.filter(one => one.department === index).map(one => one.device)
    for (let from = 0; from < devices.length; from += 1000) {
      const some = devices.slice(from, from + 1000)
      if (some.length > 0) {
        await put(
          await signAssignment(
            p,
            { kind: 'assignment', order: order(nowMs - 59 * dayMs), devices: some, group },
            admin,
          ),
        )
      }
    }
  }
  await inSteps(made, async one => {
    const escrowId = await fleet
      .putRecord(
        { kind: 'device', device: one.device, grantId: grant.order.id },
        await escrowOf(trust, one, nowMs - 59 * dayMs),
      )
      .then(({ id }) => id)
    if (one.fate.kind === 'unproven') return
    const proof = {
      order: order(nowMs - 58 * dayMs),
      device: one.device,
      epoch: 1,
      escrowId,
      way: 'desk',
      opened: true,
    } as const
    await put(await signProof(p, proof, admin))
  })
  await backUp(place, made, grant.order.id, options)
  for (const one of made.filter(({ fate }) => fate.kind === 'retired')) {
    at(nowMs - 6 * dayMs)
    const revoke = {
      order: order(nowMs - 6 * dayMs),
      device: one.device,
      grantId: undefined,
      reason: 'retired',
    }
    await put(await signRevoke(p, revoke, admin))
  }
  return made
}

async function layerOf(
  { admin, nowMs }: Place,
  group: Uint8Array,
  name: string,
  settings: readonly LayerSetting[],
  order: (ms: number, more: OrderOptions) => ReturnType<typeof newOrder>,
): Promise<Uint8Array> {
  const said = { order: order(nowMs - 60 * dayMs, { audience: [group] }), name, settings }
  return signPolicy(p, said, admin)
}

async function newGrant({ trust, admin, nowMs }: Place, devices: number) {
  const seed = p.random(32)
  const key = await p.signingKey(seed)
  const issuedMs = nowMs - 60 * dayMs
  const order = newOrder(p, trust, issuedMs, { expiresAtMs: issuedMs + 90 * dayMs })
  const grant = {
    order,
    grantKey: key.publicKey,
    label: 'first rollout',
    maxUses: devices,
    manualApproval: false,
  }
  return { ...grant, key, envelope: await signGrant(p, grant, admin) }
}

/** Oldest moment first: for each, all devices that make a snapshot then; at last their heartbeats. */
async function backUp(
  place: Place,
  made: readonly MadeDevice[],
  grantId: Uint8Array,
  { snapshots = 4, segmentBytes = 4096 }: MadeFleetOptions,
): Promise<void> {
  const { ingest, trust, at, nowMs, fleet } = place
  const days = dayKeeper(place, made.length)
  const heads = new Map<DeviceId, { readonly sequence: number; readonly id: ObjectId }>()
  const moments = made
    .flatMap(one => momentsOf(one.fate, snapshots, place.random).map(agoMs => ({ one, atMs: nowMs - agoMs })))
    .toSorted((a, b) => a.atMs - b.atMs)
  // Neighbours in time are stored together, at the time of the last: minutes do not matter in two months.
  for (let from = 0; from < moments.length; ) {
    const some = new Map<DeviceId, (typeof moments)[number]>()
    while (from < moments.length && some.size < together) {
      const next = moments[from]
      if (next === undefined || some.has(next.one.device) || isNextDay(some, next.atMs)) break
      some.set(next.one.device, next)
      from++
    }
    const lastMs = [...some.values()].at(-1)?.atMs ?? nowMs
    at(lastMs)
    await Promise.all(
      [...some.values()].map(async ({ one }) => {
        const { objects, commit } = await commitOf(trust, one, heads.get(one.device), lastMs, segmentBytes)
        for (const stored of objects) await ingest.put(one.device, stored)
        heads.set(one.device, {
          sequence: commit.sequence,
          id: (await ingest.publish(one.device, commit.stored)).id,
        })
      }),
    )
    await days.stored(some.size, lastMs)
  }
  const heard = made
    .filter(({ fate }) => fate.kind !== 'new')
    .toSorted((a, b) => b.fate.silentMs - a.fate.silentMs)
  const orders = await fleet.standing()
  for (const one of heard) {
    at(nowMs - one.fate.silentMs)
    const obeys = await standingHash(p, concerning(orders, { device: one.device, grantId }))
    // Some have not heard of the newest yet.
    if (one.size < 0.96) await fleet.keepObeyed(one.device, { standing: obeys, refused: [] })
    const sequence = heads.get(one.device)?.sequence ?? 0
    await fleet.heartbeats.take(
      one.device,
      await heartbeatOf(trust, one, sequence, nowMs - one.fate.silentMs),
    )
  }
  await fleet.markSeen(new Map(heard.map(one => [one.device, nowMs - one.fate.silentMs])))
}

function isNextDay(some: ReadonlyMap<DeviceId, { readonly atMs: number }>, atMs: number): boolean {
  const [first] = some.values()
  return first !== undefined && Math.floor(first.atMs / dayMs) !== Math.floor(atMs / dayMs)
}

/** One sample a day, as the collector would have kept them. */
function dayKeeper({ sql, trust, nowMs }: Place, devices: number) {
  let before = { dayMs: 0, snapshots: 0, storedBytes: 0 }
  return {
    async stored(snapshots: number, atMs: number): Promise<void> {
      const today = Math.floor(atMs / dayMs) * dayMs
      if (today !== before.dayMs) before = { ...before, dayMs: today, snapshots: 0 }
      const storedBytes = await storedBytesOf(sql, firstVault)
      before = { ...before, snapshots: before.snapshots + snapshots }
      const well = Math.floor(devices * (0.9 + (0.06 * (60 - (nowMs - today) / dayMs)) / 60))
      await writeSample(sql, trust.fleet, {
        ...{ atMs: Math.min(today + dayMs - minuteMs, nowMs - hourMs), states: { protected: well }, devices },
        ...{ protected: well, snapshots: before.snapshots, addedBytes: storedBytes - before.storedBytes },
        ...{ storedBytes, diskBytes: madeDiskBytes, freeBytes: madeDiskBytes - storedBytes },
      })
    },
  }
}

/** How long ago; the newest last. */
function momentsOf(fate: Fate, snapshots: number, random: () => number): number[] {
  const { completeMs } = fate
  if (completeMs === undefined) return []
  const spanMs = 55 * dayMs - completeMs
  const older = Array.from({ length: snapshots - 1 }, () => completeMs + hourMs + random() ** 2 * spanMs)
  return [...older.toSorted((a, b) => b - a), completeMs]
}

async function inSteps(made: readonly MadeDevice[], deed: (one: MadeDevice) => Promise<void>): Promise<void> {
  for (let from = 0; from < made.length; from += together) {
    await Promise.all(made.slice(from, from + together).map(deed))
  }
}

if (import.meta.main) {
  const [folder, count = '500'] = process.argv.slice(2)
  if (folder === undefined) throw new Error('usage: node scripts/testing/made-fleet.ts FOLDER [DEVICES]')
  const begunMs = performance.now()
  const { devices } = await makeFleetFolder({
    folder: join(folder, 'data'),
    devices: Number(count),
    admin: join(folder, 'admin'),
  })
  console.log(`${devices.length} devices in ${((performance.now() - begunMs) / 1000).toFixed(1)} s`)
}
