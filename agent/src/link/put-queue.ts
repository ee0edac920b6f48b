/**
 * Objects on their way to the collector: many at once, never more unacknowledged than the window of Welcome allows, and
 * always in the order of the calls, because a page must not overtake the segments that it names.
 */
import { Failure } from '@backstay/proto/failure'
import type { ObjectId, Sealed } from '@backstay/proto/object/id'
import { bell } from '@backstay/proto/wire/bell'
import { aboutObject } from '@backstay/proto/wire/refusal'
import type { Conversation } from './conversation.ts'

export interface Window {
  readonly windowBytes: number
  readonly windowFrames: number
}

export interface PutQueue {
  put(id: ObjectId, stored: Sealed, signal?: AbortSignal): Promise<void>
  flush(signal?: AbortSignal): Promise<void>
  readonly inFlight: InFlight
}

/** What was sent, and is not known to be durable. */
export interface InFlight {
  readonly objects: number
  readonly bytes: number
}

export function putQueue(talk: Conversation, window: Window): PutQueue {
  const changed = bell()
  /** Bytes by request, oldest first. */
  const inFlight = new Map<number, number>()
  let bytes = 0
  let refusal: Failure | undefined
  let line: Promise<unknown> = Promise.resolve()
  let newest = 0

  /** One object alone may be larger than the window. */
  const hasRoom = (length: number) =>
    inFlight.size === 0 || (inFlight.size < window.windowFrames && bytes + length <= window.windowBytes)

  async function send(id: ObjectId, stored: Sealed, signal: AbortSignal | undefined): Promise<void> {
    while (refusal === undefined && !hasRoom(stored.length)) await changed.wait(signal)
    signal?.throwIfAborted()
    if (refusal !== undefined) throw refusal
    const request = talk.expect(answer => {
      if (answer instanceof Failure && !talk.ended.aborted) refusal ??= aboutObject(answer, id)
      bytes -= inFlight.get(request) ?? 0
      inFlight.delete(request)
      changed.ring()
      return true
    })
    newest = request
    inFlight.set(request, stored.length)
    bytes += stored.length
    await talk.write(request, { kind: 'put', stored }, signal)
  }

  return {
    get inFlight() {
      return { objects: inFlight.size, bytes }
    },
    async put(id, stored, signal) {
      const turn = line.then(() => send(id, stored, signal))
      line = turn.catch(() => undefined)
      await turn
    },
    async flush(signal) {
      await line
      const mark = newest
      for (;;) {
        const oldest = inFlight.keys().next().value
        if (oldest === undefined || oldest > mark) break
        await changed.wait(signal)
      }
      if (talk.ended.aborted) throw talk.ended.reason
      const first = refusal
      refusal = undefined
      if (first !== undefined) throw first
    },
  }
}
