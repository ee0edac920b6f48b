/**
 * Requests and their answers over one connection. Every request has a number and a listener until its last answer;
 * any number of requests may be open at once, and answers come in any order.
 */
import type { Bytes } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import { type Bell, bell } from '@backstay/proto/wire/bell'
import type { Body, BodyOf, Kind } from '@backstay/proto/wire/frame'
import { failureOf } from '@backstay/proto/wire/refusal'
import type { Connection } from '@backstay/proto/wire/transport'
import { decodeFrame, encodeFrame, frameLength } from '@backstay/proto/wire/wire'
import { type Answers, answerStream, isKind, unexpected } from './answers.ts'
import { type Newest, newest } from './newest.ts'

export interface SessionStats {
  /** Of frames, without what TLS and WebSocket add. */
  readonly sentBytes: number
  readonly receivedBytes: number
  readonly putObjects: number
}

/** Is given each answer with the bytes of its frame, or why there is none. Returns whether it was the last. */
export type Listener = (answer: Body | Failure, bytes: number) => boolean

export interface Conversation {
  readonly stats: SessionStats
  /** Aborts with the failure that ended the conversation. */
  readonly ended: AbortSignal
  /** Resolves when it has ended. */
  readonly finished: Promise<void>
  /** What the collector says without being asked: orders about policy, and jobs; the last of each. */
  readonly pushed: { readonly orders: Newest<readonly Bytes[]>; readonly jobs: Newest<readonly Bytes[]> }
  /** A new request number, whose answers go to the listener. */
  expect(listener: Listener): number
  /** Resolves when the connection has room for more. An object that is put is the conversation's from then on. */
  write(request: number, body: Body, signal?: AbortSignal): Promise<void>
  /** One question, one answer. */
  ask<K extends Kind>(body: Body, kind: K, signal?: AbortSignal): Promise<BodyOf<K>>
  /** One question, answers until Done. Asked at once, before anybody iterates. */
  stream<K extends Kind>(body: Body, kind: K, signal?: AbortSignal): Answers<BodyOf<K>>
}

/** Bytes of answers that wait for somebody to iterate. */
export interface Backlog {
  bytes: number
  readonly shrunk: Bell
}

/** Beyond this the connection is not read. Windows and pages keep honest collectors far below it. */
const backlogBytesMax = 128 * 1024 * 1024
const requestMax = 2 ** 32 - 1

export function conversation(connection: Connection): Conversation {
  const stats = { sentBytes: 0, receivedBytes: 0, putObjects: 0 }
  const listeners = new Map<number, Listener>()
  const ended = new AbortController()
  const backlog: Backlog = { bytes: 0, shrunk: bell() }
  const pushed = { orders: newest<readonly Bytes[]>(), jobs: newest<readonly Bytes[]>() }
  let last = 0

  async function receive(): Promise<void> {
    let why = linkCut('the session has ended')
    try {
      for await (const frame of connection.receive()) {
        const length = frameLength(frame)
        stats.receivedBytes += length
        const { request, body } = decodeFrame(frame)
        if (request === 0 && body.kind === 'refused') {
          why = failureOf(body)
          break
        }
        if (request === 0 && body.kind === 'orders') pushed.orders.put(body.envelopes)
        else if (request === 0 && body.kind === 'jobs') pushed.jobs.put(body.envelopes)
        else if (body.kind === 'stored') for (const one of body.requests) deliver(one, body, 0)
        else deliver(request, body, length)
        while (backlog.bytes > backlogBytesMax) await backlog.shrunk.wait()
      }
    } catch (error) {
      why = error instanceof Failure ? error : linkCut('it failed', error)
    }
    ended.abort(why)
    connection.close()
    for (const listener of listeners.values()) listener(why, 0)
    listeners.clear()
  }

  /** An answer to a request that nobody waits for any more is dropped. */
  function deliver(request: number, body: Body, bytes: number): void {
    const listener = listeners.get(request)
    if (listener?.(body.kind === 'refused' ? failureOf(body) : body, bytes)) listeners.delete(request)
  }

  const talk: Conversation = {
    stats,
    ended: ended.signal,
    finished: receive(),
    pushed,
    expect(listener) {
      if (ended.signal.aborted) throw ended.signal.reason
      if (last === requestMax) throw linkCut('it has used up its request numbers')
      listeners.set(++last, listener)
      return last
    },
    async write(request, body, signal) {
      const frame = encodeFrame({ request, body })
      stats.sentBytes += frameLength(frame)
      if (body.kind !== 'put') return connection.send(frame, signal)
      stats.putObjects++
      await connection.give(frame, signal)
    },
    async ask<K extends Kind>(body: Body, kind: K, signal?: AbortSignal) {
      const { promise, resolve, reject } = Promise.withResolvers<BodyOf<K>>()
      const request = talk.expect(answer => {
        if (answer instanceof Failure) reject(answer)
        else if (isKind(answer, kind)) resolve(answer)
        else reject(unexpected(answer.kind))
        return true
      })
      const giveUp = () => reject(signal?.reason)
      signal?.addEventListener('abort', giveUp, { once: true })
      try {
        // A failure to send is a failure of the whole conversation, which every listener is told.
        await Promise.race([promise, talk.write(request, body, signal)])
        return await promise
      } finally {
        signal?.removeEventListener('abort', giveUp)
      }
    },
    stream: (body, kind, signal) => answerStream(talk, backlog, body, kind, signal),
  }
  return talk
}

function linkCut(why: string, cause?: unknown): Failure {
  return new Failure('link_cut', `the link to the collector was cut: ${why}`, { remedy: 'retry', cause })
}
