/**
 * Sealed objects on their way to the collector. Asks for ids before it sends bytes, many at a time, so that what an
 * earlier or interrupted backup left there is not sent again; keeps their order, so that children come first.
 */
import type { SealedObject } from '@backstay/proto/content/seal'
import type { ObjectId, Sealed } from '@backstay/proto/object/id'

/** Where a backup's objects go. */
export interface ObjectSink {
  /** Of these ids, those that the collector does not hold for this device. */
  missing(ids: readonly ObjectId[]): Promise<Set<ObjectId>>
  /** Resolves when there is room for more; a refusal rejects this or a later call. `stored` is the sink's from then on. */
  put(id: ObjectId, stored: Sealed): Promise<void>
  /** Resolves when all that was put is durable. */
  flush(): Promise<void>
  publish(record: Sealed): Promise<{ readonly id: ObjectId; readonly receivedAtMs: number }>
}

export interface Outgoing {
  send(object: SealedObject): void
  /** Whether `ready` would wait, or throw. */
  readonly isFull: boolean
  /** Resolves when fewer than `bytesMax` wait; rejects when sending failed. */
  ready(): Promise<void>
  /** Resolves when everything was sent and is durable. */
  drain(): Promise<void>
  readonly sent: { readonly objects: number; readonly bytes: number }
}

/** Enough for the next question to be asked while the answers to the last are being sent. */
const bytesMax = 6 * 1024 * 1024
/** Ids in one question. */
const askMax = 32

export function outgoing(sink: ObjectSink): Outgoing {
  let queue: SealedObject[] = []
  let waitingBytes = 0
  let running: Promise<void> | undefined
  let failure: { readonly error: unknown } | undefined
  let wake: (() => void) | undefined
  const sent = { objects: 0, bytes: 0 }

  return {
    sent,
    get isFull() {
      return waitingBytes > bytesMax || failure !== undefined
    },
    send(object) {
      queue.push(object)
      waitingBytes += object.stored.length
      running ??= run()
    },
    async ready() {
      while (waitingBytes > bytesMax && failure === undefined) {
        await new Promise<void>(resolve => {
          wake = resolve
        })
      }
      if (failure !== undefined) throw failure.error
    },
    async drain() {
      while (running !== undefined) await running
      if (failure !== undefined) throw failure.error
      await sink.flush()
    },
  }

  async function run(): Promise<void> {
    try {
      let batch = take()
      let asked = sink.missing(batch.map(({ reference }) => reference.id))
      while (batch.length > 0) {
        const missing = await asked
        const sending = batch
        batch = take()
        if (batch.length > 0) asked = sink.missing(batch.map(({ reference }) => reference.id))
        // A question that is in flight while a put fails must not become an unhandled rejection.
        asked.catch(() => undefined)
        await sendAll(sending, missing)
        if (batch.length === 0) {
          batch = take()
          if (batch.length > 0) asked = sink.missing(batch.map(({ reference }) => reference.id))
        }
      }
    } catch (error) {
      failure = { error }
      queue = []
    }
    running = undefined
    wake?.()
  }

  async function sendAll(objects: readonly SealedObject[], missing: ReadonlySet<ObjectId>): Promise<void> {
    for (const { reference, stored } of objects) {
      const { length } = stored
      if (missing.has(reference.id)) {
        await sink.put(reference.id, stored)
        sent.objects++
        sent.bytes += length
      }
      waitingBytes -= length
      if (waitingBytes <= bytesMax) wake?.()
    }
  }

  function take(): SealedObject[] {
    const batch = queue.slice(0, askMax)
    queue = queue.slice(batch.length)
    return batch
  }
}
