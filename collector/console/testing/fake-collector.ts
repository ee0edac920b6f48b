/** A collector in memory that keeps whatever it is given: what is wrong must be found by the console, not by it. */
import { type Bytes, equalBytes } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import { nodePrimitives as p } from '@backstay/proto/node'
import { encodeRecord } from '@backstay/proto/object/header'
import { type DeviceId, objectId } from '@backstay/proto/object/id'
import { decodeEnvelope, kindOf } from '@backstay/proto/trust/envelope'
import type { DeviceRow } from '@backstay/proto/wire/frame'
import type { AdminLink, Connecting, FoundingConnection, ListedRecord } from '../connecting.ts'

interface Stored extends ListedRecord {
  readonly device: DeviceId | undefined
}

export class FakeCollector implements Connecting {
  readonly records: Stored[] = []
  readonly rows: DeviceRow[] = []
  readonly founded: FoundingConnection[] = []
  /** What the next sessions say in their welcome. */
  trust: Bytes[] = []
  /** Thrown by the next `found`. */
  failure: Failure | undefined
  readonly #code: Bytes
  readonly #now: () => number

  constructor(code: Bytes, now: () => number) {
    this.#code = code
    this.#now = now
  }

  async found(options: FoundingConnection): Promise<void> {
    if (this.failure !== undefined) throw this.failure
    if (!equalBytes(options.code, this.#code))
      throw new Failure('wrong_setup_code', 'the set-up code is wrong')
    this.founded.push(options)
    for (const envelope of options.records) await this.keep(envelope)
  }

  async keep(envelope: Bytes, device?: DeviceId): Promise<Stored> {
    const id = objectId(await p.sha256(encodeRecord(envelope)))
    const stored = { envelope, id, device, receivedAtMs: this.#now() }
    this.records.push(stored)
    return stored
  }

  async admin(): Promise<AdminLink> {
    const collector = this
    return {
      stats: { sentBytes: 0, receivedBytes: 0 },
      welcome: { trust: this.trust, nowMs: this.#now() },
      putRecord: async envelope => (await collector.keep(envelope)).id,
      async *listRecords(kind, device) {
        for (const record of collector.records) {
          if (record.device === device && kindOf(decodeEnvelope(record.envelope)) === kind) yield record
        }
      },
      async *listDevices() {
        yield* collector.rows
      },
      async *listSnapshots() {},
      async *get() {},
      async [Symbol.asyncDispose]() {},
    }
  }
}
