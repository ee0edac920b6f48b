/** The simulated collector: the real one over packs and a catalog in memory that fail, and that crash as disks do. */
import { DatabaseSync } from 'node:sqlite'
import { countDamage } from '@backstay/collector/catalog/damage'
import { faultySql } from '@backstay/collector/catalog/faulty-sql'
import type { Sql } from '@backstay/collector/catalog/sql'
import { sqliteOver } from '@backstay/collector/catalog/sqlite'
import { firstVault } from '@backstay/collector/catalog/vaults'
import type { ViewedDevice } from '@backstay/collector/fleet/fleet-view'
import { Crash, type Effect, type Fate, Faults } from '@backstay/collector/packs/faults'
import { type FaultyPackStore, faultyPackStore } from '@backstay/collector/packs/faulty'
import { memoryPackStore } from '@backstay/collector/packs/memory'
import { storeFull } from '@backstay/collector/packs/store-failure'
import { collect } from '@backstay/collector/upkeep/collection/collection'
import { keepRowsDaily } from '@backstay/collector/upkeep/keep-rows'
import { verifyNext } from '@backstay/collector/upkeep/rotation/verify-next'
import { scrub } from '@backstay/collector/upkeep/scrub'
import type { Bytes } from '@backstay/proto/bytes'
import { Failure, isFailure } from '@backstay/proto/failure'
import type { DeviceId } from '@backstay/proto/object/id'
import type { Primitives } from '@backstay/proto/primitives'
import { newOrder } from '@backstay/proto/trust/order'
import { signProof } from '@backstay/proto/trust/proof'
import type { TestDevice, TestFleet } from '@backstay/proto/trust/testing/fleet'
import type { Connection } from '@backstay/proto/wire/transport'
import { type CollectorInProcess, collectorInProcess } from '../testing/in-process/collector.ts'
import type { Random } from '../testing/random.ts'
import { type ClockView, lazily } from './clock-view.ts'
import type { Weather } from './weather.ts'

export interface SimulatedCollector {
  /** Undefined while it is down. */
  readonly accept: ((connection: Connection) => void) | undefined
  readonly running: CollectorInProcess | undefined
  readonly sql: Sql
  readonly packs: ReturnType<typeof memoryPackStore>
  start(): Promise<void>
  /** The power goes; what was not synced is anything. Resolves when the dead are quiet. */
  crash(): Promise<string>
  stop(): Promise<void>
  /** An hour's upkeep, and a day's when `daily`. */
  upkeep(daily: boolean): Promise<string>
  /** A device that an admin let in, and whose escrow he opened. */
  enrol(device: TestDevice, escrow: Bytes): Promise<void>
  /** What it shows of each device now; undefined while it is down, or its catalog is busy. */
  states(): Promise<ReadonlyMap<DeviceId, ViewedDevice> | undefined>
  /** With the collector stopped: reads everything; how much is not as it was stored. */
  scrub(): Promise<number>
}

const limits = {
  ...{ packBytesMax: 256 * 1024, reserveBytes: 0, packAgeMaxMs: 86_400_000 },
}
const collectionLimits = { packBytesMax: 256 * 1024, mergeMin: 4 }
const dayMs = 86_400_000
const kinds = ['create', 'append', 'sync', 'truncate', 'delete', 'reopen']

export function simulatedCollector(options: {
  readonly p: Primitives
  readonly fleet: TestFleet
  readonly clock: ClockView
  readonly random: Random
  readonly weather: () => Weather
}): SimulatedCollector {
  const { p, fleet, clock, random } = options
  const packs = memoryPackStore()
  let database = new DatabaseSync(':memory:')
  let synced: Uint8Array | undefined
  let faults = new Faults()
  let store: FaultyPackStore = faultyPackStore(packs, faults)
  let sql: Sql = sqliteOver(database)
  let running: CollectorInProcess | undefined
  const oneIn = (many: number) => many > 0 && random.below(many) === 0

  function fateOf({ kind, target }: Effect): Fate | undefined {
    const weather = options.weather()
    const done = random.pick(['none', 'half', 'all'] as const)
    if (kinds.includes(kind) && oneIn(weather.writeError)) {
      return { done, error: new Failure('store_failed', 'the disk reports an error', { remedy: 'retry' }) }
    }
    if (kind === 'append' && oneIn(weather.fullDisk * 40)) return { done: 'none', error: storeFull() }
    if (kind === 'read' && target.length > 30 && oneIn(weather.readError)) {
      return {
        done: 'none',
        error: new Failure('pack_unreadable', 'input/output error', { remedy: 'repair' }),
      }
    }
    if ((kind === 'commit' || kind === 'run') && oneIn(weather.catalogError)) {
      const error = new Failure('catalog_unavailable', 'the catalog is busy', { remedy: 'retry' })
      return { done: 'none', error }
    }
    return undefined
  }

  function plug(): void {
    faults = new Faults(fateOf)
    store = faultyPackStore(packs, faults)
    const inner = sqliteOver(database)
    const own = database
    const remembering: Sql = {
      ...inner,
      async sync() {
        await inner.sync()
        if (own === database && !database.isTransaction) synced = database.serialize()
      },
    }
    sql = faultySql(remembering, faults)
  }

  const self: SimulatedCollector = {
    get accept() {
      return running && !faults.crashed ? running.accept : undefined
    },
    get running() {
      return running
    },
    get sql() {
      return sql
    },
    packs,
    async start() {
      plug()
      const starting = { p, store, sql, clock, fleet, limits, gatewayClock: lazily(clock) }
      running = await collectorInProcess(starting)
    },
    async crash() {
      const dead = running
      running = undefined
      const before = database
      await store.crash({
        below: random.below,
        bytes: random.bytes,
        fraction: () => random.below(1000) / 1000,
      })
      await dead?.close().catch(() => undefined)
      const fate = random.pick(['kept', 'kept', 'synced', 'lost'] as const)
      if (before.isTransaction) before.exec('rollback')
      if (fate !== 'kept') {
        database = new DatabaseSync(':memory:')
        if (fate === 'synced' && synced !== undefined) database.deserialize(synced)
      }
      return fate
    },
    async stop() {
      await running?.close()
      running = undefined
    },
    async upkeep(daily) {
      if (running === undefined) return 'down'
      const { ingest, retention, inTurn } = running.vault
      const base = { p, store, sql, clock, vault: firstVault, ingest, retention }
      try {
        await retention.save()
        await ingest.sealOld()
        const read = await inTurn(() => verifyNext({ ...base, periodMs: 6 * dayMs }))
        ingest.forgetHeads(read?.completed ?? [])
        if (!daily) return read === undefined ? 'nothing due' : `read again, ${read.findings.length} findings`
        await keepRowsDaily({ ...base, key: fleet.collector })
        const report = await inTurn(() =>
          collect({ ...base, key: fleet.collector, limits: collectionLimits }),
        )
        const { forgotten, condemned, rewritten, deleted, merged } = report
        return `collected ${[forgotten, condemned, rewritten, deleted, merged].join(' ')}`
      } catch (error) {
        if (error instanceof Crash) return 'dead'
        if (error instanceof Failure) return `upkeep failed: ${error.code}`
        throw error
      }
    },
    async enrol(device, escrow) {
      const { ingest } = running?.vault ?? {}
      if (ingest === undefined) throw new Error('the collector does not run')
      await ingest.putRecord('fleet', device.grantEnvelope)
      await ingest.putRecord(device.id, device.certificateEnvelope)
      const escrowId = await ingest.putRecord(device.id, escrow)
      const order = newOrder(p, fleet.trust, clock.now())
      const opened = { order, device: device.id, epoch: 1, escrowId, way: 'desk', opened: true } as const
      await ingest.putRecord(device.id, await signProof(p, opened, fleet.admin))
    },
    async states() {
      const { view } = running ?? {}
      if (view === undefined || faults.crashed) return undefined
      try {
        await view.look()
        return view.devices
      } catch (error) {
        if (isFailure(error) || error instanceof Crash) return undefined
        throw error
      }
    },
    async scrub() {
      await scrub({ p, store, sql, clock, vault: firstVault })
      return countDamage(sql, firstVault)
    },
  }
  return self
}
