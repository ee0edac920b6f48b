/** A collector in memory that keeps whatever it is given: what is wrong must be found by the console, not by it. */

import type { SnapshotRow } from '@backstay/agent/link/listing'
import type { RecordRow } from '@backstay/agent/link/session'
import { type Bytes, equalBytes } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import { nodePrimitives as p } from '@backstay/proto/node'
import { encodeRecord } from '@backstay/proto/object/header'
import { type DeviceId, objectId } from '@backstay/proto/object/id'
import { decodeEnvelope, kindOf } from '@backstay/proto/trust/envelope'
import type { DeviceRow } from '@backstay/proto/wire/frame'
import type { AdminConnection, AdminLink, Connecting, FoundingConnection } from '../connecting.ts'

interface Stored extends RecordRow {
  readonly device: DeviceId | undefined
}

export class FakeCollector implements Connecting {
  readonly records: Stored[] = []
  readonly rows: DeviceRow[] = []
  readonly founded: FoundingConnection[] = []
  /** Of the one device that tests look at, newest first. */
  readonly snapshots: SnapshotRow[] = []
  /** What the next sessions say in their welcome. */
  trust: Bytes[] = []
  /** Thrown by the next `found`. */
  failure: Failure | undefined
  /** The next `found` succeeds here, but its caller does not learn it. */
  answerLost = false
  readonly #code: Bytes
  readonly #now: () => number

  constructor(code: Bytes, now: () => number) {
    this.#code = code
    this.#now = now
  }

  async found(options: FoundingConnection): Promise<void> {
    if (this.failure !== undefined) throw this.failure
    if (this.founded.length > 0)
      throw new Failure('already_founded', 'the collector belongs to a fleet already')
    if (!equalBytes(options.code, this.#code))
      throw new Failure('wrong_setup_code', 'the set-up code is wrong')
    this.founded.push(options)
    for (const envelope of options.records) await this.keep(envelope)
    if (this.answerLost) throw new Failure('link_cut', 'the link was cut', { remedy: 'retry' })
  }

  async keep(envelope: Bytes, device?: DeviceId): Promise<Stored> {
    const id = objectId(await p.sha256(encodeRecord(envelope)))
    const stored = { envelope, id, device, receivedAtMs: this.#now() }
    this.records.push(stored)
    return stored
  }

  async parcel(): Promise<never> {
    throw new Failure('unreachable', 'nothing is packed into this collector', { remedy: 'retry' })
  }

  async admin(options: AdminConnection): Promise<AdminLink> {
    if (options.trust.fleet !== this.founded[0]?.trust.fleet) {
      throw new Failure('not_admitted', 'the collector does not admit this key')
    }
    const collector = this
    return {
      stats: { sentBytes: 0, receivedBytes: 0, putObjects: 0 },
      welcome: {
        trust: this.trust,
        orders: [],
        headSequence: 0,
        head: undefined,
        nowMs: this.#now(),
        nextRatchet: undefined,
        collectorKey: new Uint8Array(32),
        log: undefined,
      },
      putRecord: async envelope => (await collector.keep(envelope)).id,
      async *listRecords(kind, device) {
        for (const record of collector.records) {
          if (record.device === device && kindOf(decodeEnvelope(record.envelope)) === kind) yield record
        }
      },
      async *listDevices() {
        yield* collector.rows
      },
      async *listSnapshots() {
        yield* collector.snapshots
      },
      async *get() {},
      askProgress: async (_, job) => ({ kind: 'jobProgress', job, entries: 3, bytes: 4096, heardAtMs: 1 }),
      askLog: async () => {
        throw new Failure('not_founded', 'this collector keeps no log')
      },
      async [Symbol.asyncDispose]() {},
    }
  }
}
